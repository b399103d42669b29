#!/usr/bin/env python3
"""Lines per file: the median, the 90th percentile and the largest of each room, and the files that are too long.

    size_report.py            the whole table
    size_report.py --check    fails where a file is past 500 lines, or has a name that says nothing

Looks at code only, and not into training/ (a record of how the demo models came to be) nor at third-party files.
"""
import argparse
import pathlib
import re
import statistics
import sys

LONG, TOO_LONG = 300, 500
CODE = {".cpp", ".hpp", ".py", ".sh", ".js", ".css", ".cmake"}
FOLDERS = ["src", "tests", "bench", "scripts", "cmake", "web", "deploy", "clients"]
SKIPPED_PARTS = {"third_party", "vendor", "node_modules", "__pycache__"}
# Words that name no subject: what such a file holds can only be found by reading it.
EMPTY_WORDS = {"util", "utils", "common", "helper", "helpers", "misc", "manager", "managers"}


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def group_of(path):
    """src/<room>, tests/<kind>, or the folder itself."""
    parts = path.parts
    return "/".join(parts[:2]) if parts[0] in ("src", "tests") and len(parts) > 2 else parts[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    arguments = parser.parse_args()
    root = arguments.root

    lines, bad_names = {}, set()
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            inside = path.relative_to(root)
            if SKIPPED_PARTS & set(inside.parts):
                continue
            if (path.is_dir() or path.suffix in CODE) and EMPTY_WORDS & set(re.split(r"[._-]", inside.name.lower())):
                bad_names.add(inside)
            if path.is_file() and path.suffix in CODE:
                lines[inside] = len(path.read_text(encoding="utf-8", errors="replace").splitlines())

    if not arguments.check:
        groups = {}
        for path, count in lines.items():
            groups.setdefault(group_of(path), []).append(count)
        print(f"{'':22}{'files':>6}{'median':>8}{'p90':>6}{'max':>6}{'lines':>8}")
        for name, counts in [*sorted(groups.items()), ("all", list(lines.values()))]:
            print(f"{name:22}{len(counts):6}{statistics.median(counts):8.0f}{percentile(counts, 0.9):6}{max(counts):6}"
                  f"{sum(counts):8}")
        for path, count in sorted(lines.items(), key=lambda item: -item[1]):
            if count > LONG:
                print(f"{count:6}  {path}" + ("  past the limit: split it by subject" if count > TOO_LONG else ""))

    problems = [f"{path}:1: {count} lines, past {TOO_LONG}: split it by subject"
                for path, count in lines.items() if count > TOO_LONG]
    problems += [f"{path}: name it after its subject, not '{path.stem}'" for path in sorted(bad_names)]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"sizes and names: {len(problems)} problems" if problems else f"sizes and names: ok ({len(lines)} files)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
