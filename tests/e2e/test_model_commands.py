"""`inference model list`, `remove` and `pull`: what is in the models folder and the cache, without a server."""
import json
import os
import pty
import shutil
import subprocess
import sys

import pytest

from places import MODELS, SHARED
from server_process import free_port
from workshop import Workshop, check_refusal

SERVE = SHARED / "registry/serve.py"
SMALL = "emoji-classification/1"
KEY = "the-key-of-the-tests"


@pytest.fixture
def workshop(binary, tmp_path):
    return Workshop(binary, tmp_path)


def test_list_shows_sound_and_broken_packages(workshop):
    workshop.models.mkdir()
    shutil.copytree(MODELS / "emoji-detection", workshop.models / "good")
    shutil.copytree(MODELS / "emoji-classification", workshop.models / "bad")
    (workshop.models / "bad/1/weights.onnx").write_bytes(b"this is no network")
    result = workshop.run("list")
    assert result.returncode == 0, result.stderr
    header, bad, good = result.stdout.splitlines()
    assert header.split() == ["MODEL", "IN", "TASK", "FAMILY", "INPUT", "CLASSES", "SIZE", "STATE"]
    assert good.split()[:6] == ["good/1", "folder", "object-detection", "yolov8", "320x320", "16"]
    assert good.endswith("sound")
    assert bad.startswith("bad/1") and "broken: weights.onnx is " in bad and "no ONNX file" in bad

    told = {model["model_id"]: model for model in json.loads(workshop.run("list", "--json").stdout)["models"]}
    assert told["good/1"]["state"] == "sound"
    assert told["good/1"]["input"] == {"width": 320, "height": 320}
    assert len(told["good/1"]["classes"]) == 16
    assert told["good/1"]["bytes"] > 5_000_000
    assert told["bad/1"]["state"] == "broken" and "weights.onnx" in told["bad/1"]["error"]


def test_list_without_a_models_folder_says_so(workshop):
    check_refusal(workshop.run("list"), workshop.models)


def test_remove_takes_a_model_away(workshop):
    workshop.models.mkdir()
    shutil.copytree(MODELS / "emoji-detection", workshop.models / "mine")
    check_refusal(workshop.run("remove", "mine/1"), "--yes")
    check_refusal(workshop.run("remove", "other/1", "--yes"), "no model other/1", "mine/1")
    check_refusal(workshop.run("remove", "../models", "--yes"), "project/version")
    assert (workshop.models / "mine/1/weights.onnx").is_file()
    result = workshop.run("remove", "mine/1", "--yes")
    assert result.returncode == 0, result.stderr
    assert workshop.entries() == []


def ask_on_a_terminal(command, answer, environment, cwd):
    """Runs the command with a terminal as its standard input."""
    master, slave = pty.openpty()
    process = subprocess.Popen(command, stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                               cwd=cwd, text=True)
    os.close(slave)
    os.write(master, answer.encode() + b"\n")
    try:
        process.communicate(timeout=60)
        return process.returncode
    finally:
        os.close(master)


def test_remove_asks_on_a_terminal(workshop):
    workshop.models.mkdir()
    shutil.copytree(MODELS / "emoji-detection", workshop.models / "mine")
    command = [str(workshop.binary), "model", "remove", "mine/1"]
    assert ask_on_a_terminal(command, "n", workshop.environment(), workshop.folder) == 1
    assert (workshop.models / "mine/1").is_dir()
    assert ask_on_a_terminal(command, "y", workshop.environment(), workshop.folder) == 0
    assert not (workshop.models / "mine").exists()


@pytest.mark.parametrize("command", ["add", "list", "remove", "pull", "quantize"])
def test_help_shows_an_example(workshop, command):
    result = workshop.run(command, "--help")
    assert result.returncode == 0
    assert f"inference model {command} " in result.stdout


# --- pull


@pytest.fixture
def registry():
    """The address of a stand-in for a hosted registry, with the demo packages."""
    if not SERVE.is_file():
        pytest.skip("the stand-in registry is not beside the repository")
    port = free_port()
    process = subprocess.Popen([sys.executable, str(SERVE), "--packages", str(MODELS), "--port", str(port), "--api-key",
                                KEY], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout.readline().startswith("registry on")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_pull_downloads_once_and_list_and_remove_know_the_cache(workshop, registry):
    pull = ("pull", SMALL, "--registry-url", registry, "--api-key", KEY)
    result = workshop.run(*pull)
    assert result.returncode == 0, result.stderr
    assert f"{SMALL} is downloaded: classification, yolov8, 128x128, 16 classes" in result.stdout
    assert f"{SMALL}: weights.onnx, 1.7 MB" in result.stderr.splitlines()  # no terminal: a line for each file
    assert KEY not in result.stdout + result.stderr
    again = workshop.run(*pull)
    assert again.returncode == 0 and "was in the cache" in again.stdout and again.stderr == ""

    listed = json.loads(workshop.run("list", "--json").stdout)["models"]
    assert [(model["model_id"], model["source"], model["state"]) for model in listed] == [(SMALL, "cache", "sound")]
    assert workshop.run("remove", SMALL, "--yes").returncode == 0
    assert workshop.run("remove", SMALL, "--yes").returncode == 1


def test_pull_says_what_the_registry_says(workshop, registry):
    check_refusal(workshop.run("pull", "no-such/1", "--registry-url", registry, "--api-key", KEY), "no-such/1")
    wrong = workshop.run("pull", SMALL, "--registry-url", registry, "--api-key", "a-wrong-key")
    check_refusal(wrong)
    assert "a-wrong-key" not in wrong.stderr


def test_pull_without_a_registry_or_a_cache_is_told(workshop):
    check_refusal(workshop.run("pull", SMALL), SMALL)
    check_refusal(workshop.run("pull", SMALL, "--cache", ""), "--cache")
