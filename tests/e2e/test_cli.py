"""The `inference` command: its help, and one clear line where a server cannot be started."""
import re
import shutil
import socket
import subprocess

import pytest

from places import MODELS
from server_process import clean_environment, free_port

NOISE = ("terminate called", "Traceback", "what():", "Segmentation", "Aborted", "AddressSanitizer")


@pytest.fixture
def run(binary, tmp_path_factory):
    """run(arguments...): what the command gave, started in an empty folder."""
    def run(*arguments):
        return subprocess.run([str(binary), *map(str, arguments)], env=clean_environment(), text=True, check=False,
                              cwd=tmp_path_factory.mktemp("cli"), capture_output=True, stdin=subprocess.DEVNULL, timeout=15)
    return run


def start(run, models, port=None):
    return run("server", "start", "--host", "127.0.0.1", "--port", port or free_port(), "--models", models)


def check_refusal(result, *wanted):
    """It ended with a failure, and said why in one line that names `wanted`."""
    assert result.returncode > 0, result
    assert not any(noise in result.stderr for noise in NOISE), result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    for word in wanted:
        assert str(word) in lines[0]


def test_version(run):
    result = run("--version")
    assert result.returncode == 0
    assert re.search(r"\b\d+\.\d+\.\d+\b", result.stdout)


@pytest.mark.parametrize("arguments,wanted", [
    ([], ["server"]), (["server"], ["start"]), (["server", "start"], ["--host", "--port", "--models", "9001"])],
    ids=lambda value: " ".join(value) or "inference")
def test_help_at_each_level(run, arguments, wanted):
    result = run(*arguments, "--help")
    assert result.returncode == 0
    assert result.stderr == ""
    for word in wanted:
        assert word in result.stdout


@pytest.mark.parametrize("arguments", [["--no-such-flag"], ["no-such-command"], ["server", "start", "--port", "many"],
                                       ["server", "start", "--port", "70000"]], ids=" ".join)
def test_a_wrong_command_line_is_refused(run, arguments):
    result = run(*arguments)
    assert result.returncode > 0
    assert arguments[-1] in result.stderr, result.stderr
    assert not any(noise in result.stderr for noise in NOISE)


def test_a_port_in_use_is_named(run):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        check_refusal(start(run, MODELS, port), port)


def test_a_missing_models_folder_is_named(run, tmp_path):
    check_refusal(start(run, tmp_path / "no-such-folder"), tmp_path / "no-such-folder")


def test_a_models_folder_that_is_a_file_is_named(run, tmp_path):
    (tmp_path / "file").write_text("no folder")
    check_refusal(start(run, tmp_path / "file"), tmp_path / "file")


def unreadable_config(package):
    (package / "inference_config.json").write_text("{this is no JSON")
    return "inference_config.json"


def no_weights(package):
    (package / "weights.onnx").unlink()
    return "weights.onnx"


@pytest.mark.parametrize("breakage", [unreadable_config, no_weights])
def test_a_broken_package_is_named(run, tmp_path, breakage):
    shutil.copytree(MODELS / "emoji-detection", tmp_path / "emoji-detection")
    wanted = breakage(tmp_path / "emoji-detection/1")
    check_refusal(start(run, tmp_path), "emoji-detection/1", wanted)
