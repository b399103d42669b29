"""The package as such: its own tests pass, its README's code runs, its wheel is whole and says what it needs."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from places import SHIPPED_SAMPLES

SECONDS = 300


def test_its_own_tests_pass(client_folder):
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", str(client_folder)], cwd=client_folder, env=environment,
                          capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def code_blocks(client_folder, language):
    return re.findall(rf"^```{language}\n(.*?)^```", (client_folder / "README.md").read_text(), re.DOTALL | re.MULTILINE)


def test_the_code_of_its_readme_runs(client_folder, server, tmp_path):
    """The Python blocks, one after the other in one program, against this server, and with pictures of those names."""
    blocks = code_blocks(client_folder, "python")
    assert len(blocks) >= 4
    shutil.copytree(SHIPPED_SAMPLES, tmp_path / "photos")
    shutil.copy(SHIPPED_SAMPLES / "003.jpg", tmp_path / "photo.jpg")
    shutil.copy(SHIPPED_SAMPLES / "000.jpg", tmp_path / "other.jpg")
    program = "\n".join(blocks)
    assert "http://localhost:9001" in program
    (tmp_path / "program.py").write_text(program.replace("http://localhost:9001", server.url))
    environment = {**os.environ, "PYTHONPATH": str(client_folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-W", "error", "program.py"], cwd=tmp_path, env=environment, capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "apple" in done.stdout


def test_the_commands_of_its_readme_are_those_of_the_wheel(client_folder):
    assert [line for block in code_blocks(client_folder, "sh") for line in block.splitlines()] == ["pip install ./clients/python"]


@pytest.fixture(scope="module")
def wheel(client_folder, tmp_path_factory):
    """Built from a copy, without a network: the back end is among the test packages."""
    pytest.importorskip("hatchling", reason="the wheel's back end is not installed")
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(client_folder, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index",
                           "--disable-pip-version-check", "-w", str(folder), str(folder / "source")],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


def test_its_wheel_has_all_modules_and_its_types(wheel, client_folder):
    sources = {str(path.relative_to(client_folder / "src")) for path in (client_folder / "src").rglob("*")
               if path.suffix == ".py" or path.name == "py.typed"}
    with zipfile.ZipFile(wheel) as archive:
        assert sources <= set(archive.namelist())
        metadata = archive.read(next(name for name in archive.namelist() if name.endswith("METADATA"))).decode()
    assert re.findall(r"^Requires-Dist: (\w+)", metadata, re.MULTILINE) == ["httpx", "numpy", "pillow"]
    assert "License-Expression: Apache-2.0" in metadata and "Requires-Python: >=3.10" in metadata


def test_its_wheel_works_where_it_is_installed(wheel, server, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    program = ("import sys, osprey_client; print(osprey_client.__file__, osprey_client.__version__);"
               "print(osprey_client.InferenceHTTPClient(sys.argv[1]).infer(sys.argv[2], model_id='emoji-detection/1'))")
    done = subprocess.run([sys.executable, "-c", program, server.url, str(SHIPPED_SAMPLES / "003.jpg")], cwd=tmp_path,
                          env={**os.environ, "PYTHONPATH": str(tmp_path / "site")}, capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 0 and str(tmp_path / "site") in done.stdout and "'apple'" in done.stdout, done.stderr


def test_its_version_is_the_repositorys(client_folder, binary):
    sys.path.insert(0, str(client_folder / "src"))
    import osprey_client
    told = subprocess.run([str(binary), "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    assert told.split()[-1] == osprey_client.__version__
    assert pathlib.Path(osprey_client.__file__).is_relative_to(client_folder)
