"""scripts/check_layers.py lets this repository pass, and fails on each kind of break, made in a copy of it."""
import shutil
import subprocess
import sys

import pytest

from places import ROOT

CHECK = ROOT / "scripts/check_layers.py"


def check(root):
    return subprocess.run([sys.executable, str(CHECK), "--root", str(root)], capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "src", tmp_path / "src")
    return tmp_path


def append(path, text):
    """Adds a last line to a file, made where it is not there; the number of that line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = path.read_text().splitlines() if path.exists() else []
    path.write_text("\n".join([*lines, text]) + "\n")
    return len(lines) + 1


def test_the_repository_passes(copy):
    result = check(copy)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("layers: ok")


@pytest.mark.parametrize("file,line,wanted", [
    pytest.param("src/base/result.hpp", '#include "image/image.hpp"', "'base' may not use 'image'", id="arrow back"),
    pytest.param("src/image/image.hpp", '#  include "http/message.hpp"  // why', "'image' may not use 'http'", id="sideways"),
    pytest.param("src/vision/nms.cpp", "#include <engine/session.hpp>", "'vision' may not use 'engine'", id="angle brackets"),
    pytest.param("src/base/result.cpp", '#include "tools/x.hpp"', "'tools' is no room", id="unknown room included"),
    pytest.param("src/base/result.cpp", '#include "log.hpp"', "write the include from src/", id="include without a room"),
    pytest.param("src/tools/x.cpp", "int x;", "is in no room", id="unknown room"),
    pytest.param("src/x.cpp", "int x;", "is in no room", id="beside the rooms"),
    pytest.param("src/base/CMakeLists.txt", "target_link_libraries(osprey_base PUBLIC osprey_vision)",
                 "'base' may not use 'vision'", id="link back"),
    pytest.param("src/image/CMakeLists.txt", "osprey_room(image SOURCES a.cpp LINKS osprey_http)",
                 "'image' may not use 'http'", id="link sideways"),
    pytest.param("src/vision/extra.hpp", "#pragma once", "first line", id="header without a purpose"),
    pytest.param("src/vision/extra.hpp", "// What it is for.", "#pragma once", id="header without a guard"),
])
def test_a_break_is_named_with_its_place(copy, file, line, wanted):
    number = append(copy / file, line)
    result = check(copy)
    assert result.returncode == 1
    assert any(problem.startswith(f"{file}:{number}: ") and wanted in problem for problem in result.stderr.splitlines())


@pytest.mark.parametrize("file,line", [
    ("src/vision/nms.cpp", '#include "image/image.hpp"'),
    ("src/base/result.cpp", "#include <image>"),
    ("src/base/result.cpp", '// #include "http/message.hpp"'),
    ("src/base/CMakeLists.txt", "# osprey_http would be an arrow back"),
])
def test_what_is_allowed_passes(copy, file, line):
    before = check(copy).stderr
    append(copy / file, line)
    assert check(copy).stderr == before


def test_nothing_to_check_is_a_failure(tmp_path):
    (tmp_path / "src").mkdir()
    assert check(tmp_path).returncode == 1
