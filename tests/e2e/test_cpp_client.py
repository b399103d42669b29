"""The C++ client library as others use it: installed, found by CMake and by pkg-config, against a running server."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest
from PIL import Image

from client_calls import DETECTION
from places import ROOT, SHIPPED_SAMPLES
from server_process import clean_environment

PROGRAM = pathlib.Path(__file__).parent / "cpp_client"


def run(*command, **options):
    result = subprocess.run([str(each) for each in command], capture_output=True, text=True, check=False, timeout=300, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def prefix(binary, tmp_path_factory):
    """Where the client was installed."""
    build = binary.parent.parent
    if not (build / "cmake_install.cmake").is_file():
        pytest.skip(f"{build} is no build folder, which the library could be installed from")
    run("cmake", "--build", build, "--target", "osprey_client_shared")
    prefix = tmp_path_factory.mktemp("prefix")
    run("cmake", "--install", build, "--component", "client", "--prefix", prefix)
    return prefix


@pytest.fixture(scope="module")
def built_by_cmake(prefix, tmp_path_factory):
    build = tmp_path_factory.mktemp("cmake")
    run("cmake", "-S", PROGRAM, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", build)
    return [build / "ask"], {}


@pytest.fixture(scope="module")
def built_by_pkg_config(prefix, tmp_path_factory):
    # Moved, as the .pc file has to tell where it lies and not where it was built for.
    moved = tmp_path_factory.mktemp("moved") / "tree"
    shutil.copytree(prefix, moved, symlinks=True)
    (pc,) = moved.rglob("osprey-client.pc")
    environment = {**os.environ, "PKG_CONFIG_PATH": str(pc.parent)}
    flags = run("pkg-config", "--cflags", "--libs", "osprey-client", env=environment).split()
    program = moved / "ask"
    run("c++", "-std=c++20", PROGRAM / "ask.cpp", "-o", program, *flags)
    return [program], {"LD_LIBRARY_PATH": str(pc.parent.parent)}


@pytest.mark.parametrize("built", ["built_by_cmake", "built_by_pkg_config"])
def test_a_program_outside_gets_predictions(built, request, server, tmp_path):
    command, environment = request.getfixturevalue(built)
    Image.open(SHIPPED_SAMPLES / "000.jpg").save(tmp_path / "picture.ppm")
    output = run(*command, server.url, DETECTION, SHIPPED_SAMPLES / "000.jpg", tmp_path / "picture.ppm",
                 env=clean_environment(environment))
    lines = [line.split(" ", 1) for line in output.splitlines()]
    assert [way for way, _ in lines] == ["file", "async", "bytes", "pixels", "pixels", "batch", "batch", "missing", "info"]
    told = {text for way, text in lines if way in ("file", "async", "bytes", "batch")}
    assert len(told) == 1, output  # each way finds the same
    (first,) = told
    assert first.startswith("640x480 ") and "cat@" in first
    # Another decoder made the pixels (within a grey level), so that only the classes have to agree; both forms say the same.
    raw = [text for way, text in lines if way == "pixels"]
    assert raw[0] == raw[1]
    assert [each.split("@")[0] for each in raw[0].split()] == [each.split("@")[0] for each in first.split()]
    assert dict(lines)["missing"] == "not_found"
    assert "Osprey" in dict(lines)["info"]


def test_only_the_interface_is_shown(prefix):
    """Nothing of the libraries inside reaches those who link it."""
    (library,) = (path for path in prefix.rglob("libosprey-client.so.*.*.*"))
    symbols = run("nm", "-D", "--defined-only", "-C", library).splitlines()
    strange = [line for line in symbols if "osprey::" in line and "osprey::client::" not in line]
    assert not strange
    assert any("osprey::client::Client::infer" in line for line in symbols)
    assert not any("osprey::client::Connection" in line for line in symbols)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node runs the page's module that writes the code")
@pytest.mark.parametrize("task", ["object-detection", "classification", "semantic-segmentation"])
def test_the_code_that_the_page_shows_compiles(prefix, task, tmp_path):
    choice = {"origin": "http://localhost:9001", "modelId": "a/1", "task": task, "confidence": 0.4, "overlap": 0.3,
              "file": "a \"b\".jpg", "withKey": task == "classification"}
    script = f"import {{ cppSnippet }} from {json.dumps((ROOT / 'web/js/snippets.js').as_uri())};" \
             f"console.log(cppSnippet({json.dumps(choice)}))"
    (tmp_path / "ask.cpp").write_text(run("node", "--input-type=module", "-e", script))
    run("c++", "-std=c++20", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", prefix / "include", tmp_path / "ask.cpp")
