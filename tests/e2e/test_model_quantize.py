"""`inference model quantize`: what it refuses, and that a bad network is never put in place. A script takes the place of the
Python that runs NNCF; where OSPREY_QUANTIZE_PYTHON names one that has it, the real thing is made and served."""
import os
import pathlib
import shutil
import signal
import subprocess
import time

import numpy
import pytest
from PIL import Image

from places import MODELS, SHIPPED_SAMPLES
from workshop import Workshop, check_refusal, classes_of, infer, varint

MODEL = "emoji-detection/1"
PICTURES = 24

# The arguments are those of scripts/quantize/quantize_network.py.
SCRIPT = """#!/bin/sh
while [ $# -gt 0 ]; do
  case "$1" in
    --weights) weights="$2";;
    --inputs) inputs="$2";;
    --output) output="$2";;
  esac
  shift
done
"""


@pytest.fixture
def workshop(binary, tmp_path):
    shop = Workshop(binary, tmp_path)
    shutil.copytree(MODELS / "emoji-detection", shop.models / "emoji-detection")
    folder = tmp_path / "photos"
    folder.mkdir()
    samples = sorted(SHIPPED_SAMPLES.glob("*.jpg"))
    for i in range(PICTURES):
        shutil.copy(samples[i % len(samples)], folder / f"{i:03}.jpg")
    shop.photos = folder
    return shop


def fields(data, at, end):
    """Number, beginning and end of the fields of a protocol buffer's message that have a length."""
    while at < end:
        tag, at = varint(data, at)
        size, begin = varint(data, at)
        at = begin + size if tag & 7 == 2 else begin
        if tag & 7 == 2:
            yield tag >> 3, begin, at


def without_weights(data):
    """An ONNX file (7 graph, 5 initializer, 9 raw_data) with zeros in the place of its larger tensors."""
    data = bytearray(data)
    for number, begin, end in list(fields(data, 0, len(data))):
        for inner, first, last in list(fields(data, begin, end)) if number == 7 else ():
            for field, at, to in list(fields(data, first, last)) if inner == 5 else ():
                if field == 9 and to - at > 1000:
                    data[at:to] = bytes(to - at)
    return bytes(data)


def fake_python(workshop, body):
    path = workshop.folder / "python"
    path.write_text(SCRIPT + body + "\n")
    path.chmod(0o755)
    return path


def quantize(workshop, body, *arguments):
    return workshop.run("quantize", MODEL, "--images", workshop.photos, "--python", fake_python(workshop, body),
                        *arguments)


def check_nothing_is_left(workshop):
    assert [path.name for path in workshop.models.iterdir()] == ["emoji-detection"]
    assert [path.name for path in (workshop.models / "emoji-detection").iterdir()] == ["1"]


def check_failure(workshop, result, *wanted):
    """The last line of what it says is the reason; before it stands what was being done."""
    assert result.returncode == 1 and result.stdout == "", result
    last = result.stderr.strip().splitlines()[-1]
    for word in wanted:
        assert str(word) in last, result.stderr
    check_nothing_is_left(workshop)


def test_what_cannot_be_done_is_told_at_once(workshop):
    python = ("--python", fake_python(workshop, "exit 9"))
    check_refusal(workshop.run("quantize", MODEL, "--images", workshop.folder / "none", *python), "none", "20 pictures")
    check_refusal(workshop.run("quantize", "other/1", "--images", workshop.photos, *python), "no model other/1", MODEL)
    check_refusal(workshop.run("quantize", "../x", "--images", workshop.photos, *python), "no model id")
    check_refusal(workshop.run("quantize", MODEL, "--images", workshop.photos, "--python", "no-such-python"),
                  "no-such-python")
    check_refusal(workshop.run("quantize", MODEL, "--images", workshop.photos, "--id", MODEL, *python), "--force")
    check_refusal(workshop.run("quantize", MODEL, "--images", workshop.photos, "--id", "a b/1", *python), "no model id",
                  exit_code=2)
    for picture in sorted(workshop.photos.iterdir())[5:]:
        picture.unlink()
    check_refusal(workshop.run("quantize", MODEL, "--images", workshop.photos, *python), "5 pictures", "at least 20")
    check_nothing_is_left(workshop)


def test_a_python_that_is_not_there_to_make_the_environment_is_told(workshop):
    environment = {**workshop.environment(), "PATH": "/no/such/folder"}
    result = subprocess.run([str(workshop.binary), "model", "quantize", MODEL, "--images", str(workshop.photos)],
                            cwd=workshop.folder, env=environment, capture_output=True, text=True, timeout=120,
                            check=False)
    check_failure(workshop, result, "python3 cannot be started", "--python")


def test_pictures_that_cannot_be_read_do_not_count(workshop):
    for picture in sorted(workshop.photos.iterdir())[:10]:
        picture.write_bytes(b"no picture")
    check_failure(workshop, quantize(workshop, "exit 9"), "only 14 of the pictures", "000.jpg")


def test_a_tool_that_fails_is_told_with_its_last_line(workshop):
    check_failure(workshop, quantize(workshop, "echo it began; echo the reason >&2; exit 3"), "exit code 3: the reason")


def test_a_tool_that_is_killed_leaves_nothing(workshop):
    check_failure(workshop, quantize(workshop, "echo half > \"$output\"; kill -9 $$"), "signal 9")


def test_a_tool_that_writes_nothing_or_rubbish_leaves_nothing(workshop):
    check_failure(workshop, quantize(workshop, "exit 0"), "wrote no network")
    check_failure(workshop, quantize(workshop, "echo rubbish > \"$output\""), "cannot be served")


def test_a_network_that_finds_something_else_is_refused(workshop):
    """The multi-label demo has other outputs; one whose weights are spoilt has the same and finds nothing."""
    other = MODELS / "emoji-multilabel/1/weights.onnx"
    check_failure(workshop, quantize(workshop, f"cp '{other}' \"$output\""), "cannot be served")
    spoilt = workshop.folder / "spoilt.onnx"
    spoilt.write_bytes(without_weights((MODELS / "emoji-detection/1/weights.onnx").read_bytes()))
    check_failure(workshop, quantize(workshop, f"cp '{spoilt}' \"$output\""), "agrees with the original in", "95.0 %")


def test_where_the_original_finds_nothing_the_agreement_is_not_judged(workshop):
    for picture in workshop.photos.iterdir():
        Image.new("RGB", (320, 320), (128, 128, 128)).save(picture)
    copy = 'cp "$weights" "$output"'
    check_failure(workshop, quantize(workshop, copy), "cannot be judged", "--unjudged")
    result = quantize(workshop, copy, "--unjudged")
    assert result.returncode == 0, result.stderr
    assert "not judged" in result.stdout


def test_a_network_that_agrees_becomes_a_package_of_its_own(workshop, start_server):
    """The tool sees 18 tensors as NumPy writes them; the package has all of the original's files."""
    body = ('ls "$inputs" | wc -l > "$0.count"; cp "$inputs/000000.npy" "$0.npy"; cp "$weights" "$output"')
    result = quantize(workshop, body)
    assert result.returncode == 0, result.stderr
    assert "emoji-detection-int8/1 is in " in result.stdout
    assert "agreement  100.0 %" in result.stdout and "in 6 pictures held back" in result.stdout
    assert "times the original's" in result.stdout
    assert (workshop.folder / "python.count").read_text().strip() == "18"
    tensor = numpy.load(workshop.folder / "python.npy")
    assert tensor.shape == (3, 320, 320) and tensor.dtype == numpy.float32 and 0.2 < tensor.max() <= 1
    original, made = (workshop.models / name for name in ("emoji-detection/1", "emoji-detection-int8/1"))
    assert sorted(path.name for path in made.iterdir()) == sorted(path.name for path in original.iterdir())
    assert [path.name for path in made.parent.iterdir()] == ["1"]
    assert "emoji-detection-int8/1" in workshop.run("list").stdout
    check_refusal(quantize(workshop, body), "--force")
    assert "is replaced in" in quantize(workshop, body, "--force").stdout
    picture = (SHIPPED_SAMPLES / "003.jpg").read_bytes()
    with start_server(models=workshop.models) as server:
        assert classes_of(infer(server, picture, "emoji-detection-int8/1")) == classes_of(infer(server, picture, MODEL))


def test_an_interrupt_ends_the_tool_and_leaves_nothing(workshop):
    started = workshop.folder / "started"
    python = fake_python(workshop, f"echo $$ > '{started}'; exec sleep 600")
    process = subprocess.Popen([str(workshop.binary), "model", "quantize", MODEL, "--images", str(workshop.photos),
                                "--python", str(python)], cwd=workshop.folder, env=workshop.environment(),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 60
        while not (started.is_file() and started.read_text().strip()) and time.monotonic() < deadline:
            time.sleep(0.05)
        tool = int(started.read_text())
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 1 and "interrupted" in errors
        assert not pathlib.Path(f"/proc/{tool}").exists()
    finally:
        process.kill()
    check_nothing_is_left(workshop)


def test_nncf_makes_a_package_that_agrees(workshop):
    python = os.environ.get("OSPREY_QUANTIZE_PYTHON")
    if not python:
        pytest.skip("OSPREY_QUANTIZE_PYTHON names no Python with NNCF")
    result = workshop.run("quantize", MODEL, "--images", workshop.photos, "--python", python, "--min-agreement", "0.9")
    assert result.returncode == 0, result.stderr
    original, made = (workshop.models / name / "1/weights.onnx" for name in ("emoji-detection", "emoji-detection-int8"))
    assert made.stat().st_size < 0.4 * original.stat().st_size
    check_refusal(workshop.run("quantize", "emoji-detection-int8/1", "--images", workshop.photos, "--python", python),
                  "in 8 bits already")
