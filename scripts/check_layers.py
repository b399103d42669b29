#!/usr/bin/env python3
"""Holds every include and link between the rooms of src/ against the table of allowed arrows below.

    check_layers.py [--root DIR]

Fails, with file and line, on: an include of a room that the table does not allow; of a room that is not in it; a quoted
include that does not start with a room; a link in a room's CMakeLists.txt that the table does not allow; a source file
outside the rooms; a header without a first line saying what it is for, or without #pragma once.
"""
import argparse
import pathlib
import re
import sys

# Room -> the rooms that it may use, besides itself. A row may name only rooms above it, so that no arrow points back.
# A new room or arrow is a change of its own, with the reason in docs/architecture.md.
ARROWS = {
    "base": "",
    "fetch": "base",
    "image": "base",
    "engine": "base",
    "vision": "base image",
    "package": "base vision",
    "scheduler": "base",
    "hub": "base fetch",
    "registry": "base engine vision package scheduler hub",
    "quantization": "base image engine vision package registry",
    "service": "base fetch image engine vision package scheduler registry",
    "api": "base image vision",
    "http": "base",
    "oip": "base vision package registry service api",
    "rpc": "base oip",
    "server": "base http api hub scheduler service registry oip",
    "client": "base",
    "cli": "base engine vision package scheduler hub registry quantization service oip http rpc server client",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
LINK = re.compile(r"\bosprey_([a-z0-9_]+)\b")
NOT_A_ROOM = {"room", "test", "embed", "web_page", "build_flags", "hardening"}  # functions and the flags' target of cmake/rooms.cmake


def table():
    """ARROWS as sets; exits where the table itself has an arrow that points back."""
    allowed = {}
    for room, names in ARROWS.items():
        for name in names.split():
            if name not in allowed:
                sys.exit(f"check_layers.py: the table lets '{room}' use '{name}', which is not above it")
        allowed[room] = set(names.split())
    return allowed


def room_of_target(name, rooms):
    """The room of the CMake target osprey_<name>: the room itself or a part of it, such as engine_openvino."""
    return next((room for room in rooms if name == room or name.startswith(room + "_")), None)


def arrow_problem(room, other, allowed):
    if other not in allowed:
        return f"'{other}' is no room; rooms: {' '.join(allowed)}"
    if other != room and other not in allowed[room]:
        return f"'{room}' may not use '{other}', only: {' '.join(sorted(allowed[room])) or 'nothing'}"
    return None


def check_source(path, room, allowed):
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines, 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        quote, name = found.groups()
        other = name.split("/")[0]
        if quote == "<" and (other not in allowed or "/" not in name):
            continue  # a library's header
        if "/" not in name:
            yield number, f'write the include from src/: "{room}/.../{name}"'
            continue
        problem = arrow_problem(room, other, allowed)
        if problem:
            yield number, f'includes "{name}": {problem}'
    if path.suffix == ".hpp":
        if not lines or not re.match(r"//\s*\S", lines[0]):
            yield 1, "a header's first line is a // comment that says what it is for"
        if "#pragma once" not in lines:
            yield 1, "a header has #pragma once"


def check_links(path, room, allowed):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for name in LINK.findall(line.split("#")[0]):
            if name in NOT_A_ROOM:
                continue
            problem = arrow_problem(room, room_of_target(name, allowed) or name, allowed)
            if problem:
                yield number, f"links osprey_{name}: {problem}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root
    allowed = table()
    source = root / "src"
    problems, checked = [], 0
    for path in sorted(p for p in source.rglob("*") if p.is_file()):
        parts = path.relative_to(source).parts
        is_source, is_links = path.suffix in (".cpp", ".hpp", ".h", ".cc", ".ipp"), path.name == "CMakeLists.txt"
        if not (is_source or (is_links and len(parts) > 1)):
            continue
        checked += 1
        room = parts[0]
        if len(parts) == 1 or room not in allowed:
            found = [(1, f"is in no room; rooms: {' '.join(allowed)}")]
        else:
            found = (check_source if is_source else check_links)(path, room, allowed)
        problems += [f"{path.relative_to(root)}:{number}: {problem}" for number, problem in found]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"layers: {checked} files, {len(problems)} problems" if problems else f"layers: ok ({checked} files)")
    if checked == 0:
        print(f"layers: no source under {source}", file=sys.stderr)
    return 1 if problems or checked == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
