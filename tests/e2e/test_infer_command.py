"""`inference infer`: what it takes, what it writes, and that a run goes on where it was stopped."""
import contextlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import threading
import time

import pytest
from PIL import Image

from client_calls import CLASSIFICATION, DETECTION, MULTILABEL, SEGMENTATION, steady
from picture_server import PictureServer
from places import MODELS, SHIPPED_SAMPLES
from server_process import clean_environment, free_port

PICTURES = sorted(SHIPPED_SAMPLES.glob("*.jpg"))
MANY = 200


@pytest.fixture
def infer(binary, server, tmp_path):
    """infer(arguments...): what the command gave, asking the shared server."""
    def run(*arguments, host=server.url, stdin=b"", environment=(), code=0):
        where = ("--host", host) if host else ()
        result = subprocess.run([str(binary), "infer", *where, *map(str, arguments)], cwd=tmp_path, input=stdin,
                                capture_output=True, check=False, timeout=120,
                                env=clean_environment({"MODEL_CACHE_DIR": str(tmp_path / "cache"), **dict(environment)}))
        assert result.returncode == code, result.stderr.decode()
        result.stdout, result.stderr = result.stdout.decode(), result.stderr.decode()
        return result
    return run


def json_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def size_of(picture):
    with Image.open(picture) as opened:
        return opened.size


def one_line(result, *wanted):
    (line,) = result.stderr.splitlines()
    assert line.startswith("inference: ")
    for word in wanted:
        assert str(word) in line, line


# What it takes

def test_files_are_answered_in_their_order(infer):
    found = json_lines(infer("-m", DETECTION, *PICTURES).stdout)
    assert [entry["input"] for entry in found] == [str(picture) for picture in PICTURES]
    assert [tuple(entry["prediction"]["image"].values()) for entry in found] == [size_of(picture) for picture in PICTURES]
    assert "cat" in {each["class"] for each in found[0]["prediction"]["predictions"]}


def test_a_folder_a_pattern_and_files_are_the_same(infer, tmp_path):
    shutil.copytree(SHIPPED_SAMPLES, tmp_path / "in")  # with files that are no images
    by_folder = infer("--model_id", DETECTION, "--input", "in").stdout
    by_pattern = infer("-m", DETECTION, "in/*.jpg").stdout
    by_names = infer("-m", DETECTION, *(f"in/{picture.name}" for picture in PICTURES)).stdout
    assert len(PICTURES) == len(by_folder.splitlines())
    assert steady(json_lines(by_folder)) == steady(json_lines(by_pattern)) == steady(json_lines(by_names))


def test_folders_below_are_looked_into_where_asked(infer, tmp_path):
    (tmp_path / "in/below").mkdir(parents=True)
    shutil.copy(PICTURES[0], tmp_path / "in/below")
    one_line(infer("-m", DETECTION, "in", code=1), "no images in 'in'", "--recursive")
    assert [entry["input"] for entry in json_lines(infer("-m", DETECTION, "in", "-r").stdout)] == ["in/below/000.jpg"]


def test_standard_input_is_an_image(infer):
    (found,) = json_lines(infer("-m", DETECTION, "-", stdin=PICTURES[0].read_bytes()).stdout)
    (as_file,) = json_lines(infer("-m", DETECTION, PICTURES[0]).stdout)
    assert found["input"] == "-"
    assert steady(found["prediction"]) == steady(as_file["prediction"])
    one_line(infer("-m", DETECTION, "-", code=1), "standard input is empty")


def test_a_url_is_fetched_by_the_server(infer, start_server):
    with PictureServer(SHIPPED_SAMPLES) as web, \
            start_server(arguments=["--allow-url-to-non-global-addresses"]) as own:
        (found,) = json_lines(infer("-m", DETECTION, web.url("000.jpg"), host=own.url).stdout)
    assert found["prediction"]["image"] == {"width": 640, "height": 480}


@pytest.mark.parametrize("argument,wanted", [("missing.jpg", "'missing.jpg'"), ("*.nothing", "nothing fits '*.nothing'"),
                                             ("film.mp4", "is a video")])
def test_what_is_not_there_is_named(infer, tmp_path, argument, wanted):
    (tmp_path / "film.mp4").write_bytes(b"film")
    one_line(infer("-m", DETECTION, argument, code=1), wanted)


# What it predicts with

@pytest.mark.parametrize("model", [DETECTION, SEGMENTATION, CLASSIFICATION, MULTILABEL])
def test_local_and_a_server_say_the_same(infer, model):
    remote = json_lines(infer("-m", model, *PICTURES[:3], "--confidence", 0.2).stdout)
    local = json_lines(infer("-m", model, *PICTURES[:3], "--confidence", 0.2, "--local", "--models", MODELS, host=None).stdout)
    assert steady(local) == steady(remote)
    assert all(entry["prediction"]["predictions"] for entry in local)


def test_options_change_what_is_found(infer, tmp_path):
    def found(*options):
        return json_lines(infer("-m", SEGMENTATION, PICTURES[0], *options).stdout)[0]["prediction"]["predictions"]
    plain = found("--confidence", 0.02)
    assert len(plain) > 1
    (only,) = found("--confidence", 0.02, "--max-detections", 1, "--mask-format", "rle")
    assert only["mask_format"] == "rle"
    names = {each["class"] for each in plain}
    assert {each["class"] for each in found("--confidence", 0.02, "--class-filter", f"no such,{plain[0]['class']}")} \
        == names & {plain[0]["class"]}
    assert found("--confidence", 1) == []
    (tmp_path / "config.yaml").write_text("confidence_threshold: 1.0\nmax_concurrent_requests: 2\n")
    assert found("-mc", "config.yaml") == []
    (tmp_path / "config.yaml").write_text("confidence: 1.0\n")
    one_line(infer("-m", SEGMENTATION, PICTURES[0], "--model_config", "config.yaml", code=2), "'confidence' is no field")


def test_a_server_with_keys(infer, start_server):
    with start_server(environment={"OSPREY_SERVER_KEYS": "secret"}) as own:
        one_line(infer("-m", DETECTION, PICTURES[0], host=own.url, code=1), "--api-key")
        assert infer("-m", DETECTION, PICTURES[0], "-a", "secret", host=own.url).stdout
        assert infer("-m", DETECTION, PICTURES[0], host=own.url, environment={"ROBOFLOW_API_KEY": "secret"}).stdout


def test_who_does_not_answer_is_named_with_what_to_do(infer):
    nobody = f"http://127.0.0.1:{free_port()}"
    one_line(infer("-m", DETECTION, PICTURES[0], host=nobody, code=1), nobody, "inference server start", "--local")
    one_line(infer("-m", "no-such/1", PICTURES[0], code=1), "no-such/1")
    one_line(infer("-m", "no-such/1", PICTURES[0], "--local", "--models", MODELS, host=None, code=1), "no-such/1")


@pytest.mark.parametrize("arguments,wanted", [
    (["--output-format", "xml"], "table, json or jsonl"), (["--visualize"], "--output-location"),
    (["--confidence", "2"], "0 to 1"), (["--max-concurrent", "0"], "--max-concurrent"),
    (["--local"], "exclude each other")], ids=lambda value: str(value[0]))
def test_a_wrong_command_line_is_told_in_one_line(infer, arguments, wanted):
    one_line(infer("-m", DETECTION, PICTURES[0], *arguments, code=2), wanted)
    one_line(infer("-m", DETECTION, PICTURES[0], host="nowhere", code=1), "no URL of a server")


# What it writes

def test_json_is_one_document(infer, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"no image")
    result = infer("-m", DETECTION, PICTURES[0], "broken.jpg", "--output-format", "json", code=3)
    good, bad = json.loads(result.stdout)
    assert good["input"] == str(PICTURES[0]) and good["prediction"]["predictions"]
    assert bad["input"] == "broken.jpg" and bad["error"]["kind"] == "rejected"
    one_line(result, "broken.jpg")


def test_all_failed_is_a_failure(infer, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"no image")
    infer("-m", DETECTION, "broken.jpg", code=1)


def test_a_table_has_a_row_for_each_object(infer):
    result = infer("-m", DETECTION, PICTURES[0], "--output-format", "table")
    head, *rows = result.stdout.splitlines()
    assert head.split() == ["IMAGE", "CLASS", "CONFIDENCE", "X", "Y", "WIDTH", "HEIGHT"]
    objects = json_lines(infer("-m", DETECTION, PICTURES[0]).stdout)[0]["prediction"]["predictions"]
    assert len(rows) == len(objects) and PICTURES[0].name in rows[0]
    assert re.search(r"cat +0\.\d\d( +\d+\.\d){4}$", result.stdout, re.MULTILINE)
    assert "\x1b" not in result.stdout
    nothing = infer("-m", DETECTION, PICTURES[0], "--output-format", "table", "--confidence", 1).stdout
    assert "nothing above the threshold" in nothing


def on_terminal(command, environment, cwd, which=(1, 2)):
    """(exit code, text): the command with a terminal for these of its outputs."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(command, cwd=cwd, env=clean_environment(environment), stdin=subprocess.DEVNULL,
                               stdout=follower if 1 in which else subprocess.DEVNULL,
                               stderr=follower if 2 in which else subprocess.DEVNULL)
    os.close(follower)
    text = bytearray()

    def read():
        with contextlib.suppress(OSError):  # the end of a terminal
            while piece := os.read(leader, 65536):
                text.extend(piece)
    reader = threading.Thread(target=read)
    reader.start()
    code = process.wait(120)
    reader.join()
    os.close(leader)
    return code, text.decode()


def test_a_terminal_has_a_table_in_colours_unless_told_otherwise(binary, server, tmp_path):
    command = [binary, "infer", "--host", server.url, "-m", DETECTION, PICTURES[0]]
    code, text = on_terminal(command, {"TERM": "xterm"}, tmp_path)
    assert code == 0 and "CONFIDENCE" in text and "\x1b[32mcat" in text
    _, plain = on_terminal(command, {"TERM": "xterm", "NO_COLOR": "1"}, tmp_path)
    assert "CONFIDENCE" in plain and "\x1b[" not in plain


def test_pictures_are_written_beside_the_results(infer, tmp_path):
    result = infer("-m", DETECTION, *PICTURES[:2], "-o", "out", "--visualize", "--labels", "--stroke-width", 3)
    assert result.stdout == ""
    one_line(result, "2 of 2 images are done", "out")
    for picture in PICTURES[:2]:
        answer = json.loads((tmp_path / f"out/{picture.name}.json").read_text())
        assert answer["predictions"] and "visualization" not in answer
        with Image.open(tmp_path / f"out/{picture.name}.annotated.jpg") as drawn:
            assert drawn.format == "JPEG" and drawn.size == size_of(picture)
    infer("-m", DETECTION, PICTURES[0], "-o", "bare", "--no-visualize")
    assert not list((tmp_path / "bare").glob("*.jpg")) and (tmp_path / "bare/000.jpg.json").exists()
    infer("-m", DETECTION, PICTURES[0], "-o", "unsaid")
    assert (tmp_path / "unsaid/000.jpg.annotated.jpg").exists()


def test_two_images_of_one_name_are_refused(infer, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        shutil.copy(PICTURES[0], tmp_path / folder)
    one_line(infer("-m", DETECTION, "a/000.jpg", "b/000.jpg", "-o", "out", code=1), "a/000.jpg", "b/000.jpg")


# Runs over many images

@pytest.fixture(scope="module")
def folder_of_many(tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    for i in range(MANY):
        (folder / f"{i:03}.jpg").symlink_to(PICTURES[i % len(PICTURES)])
    return folder


def results(folder):
    return sorted(path for path in folder.glob("*.json") if not path.name.startswith("."))


def test_an_interrupted_run_goes_on_where_it_stopped(binary, server, folder_of_many, tmp_path):
    out = tmp_path / "out"
    command = [binary, "infer", "--host", server.url, "-m", DETECTION, "-i", folder_of_many, "-o", out, "--no-visualize",
               "--max-concurrent", "2"]
    process = subprocess.Popen(command, cwd=tmp_path, env=clean_environment(), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not out.exists() or len(results(out)) < 10:
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130, errors
    done = {path.name: path.stat().st_mtime_ns for path in results(out)}
    assert 10 <= len(done) < MANY
    assert f"interrupted: {len(done)} of {MANY} images are done" in errors
    assert not list(out.glob("*.part"))
    for path in results(out):
        assert "predictions" in json.loads(path.read_text())

    code, text = on_terminal(command, {}, tmp_path, which=(2,))
    assert code == 0, text
    assert len(results(out)) == MANY
    assert f"100 %  {MANY} of {MANY}" in text and "images/s" in text
    assert f"{len(done)} by an earlier run" in text
    assert {name: (out / name).stat().st_mtime_ns for name in done} == done  # not predicted again


def test_results_of_something_else_do_not_count(infer, tmp_path):
    arguments = ("-m", DETECTION, "-o", "out", "--no-visualize", *PICTURES[:2])
    infer(*arguments)
    assert "2 by an earlier run" in infer(*arguments).stderr
    assert "earlier" not in infer(*arguments, "--confidence", 0.1).stderr
    assert "2 by an earlier run" in infer(*arguments, "--confidence", 0.1).stderr
    # A picture that has changed since, and a result that was removed.
    shutil.copy(PICTURES[0], tmp_path / "mine.jpg")
    mine = ("-m", DETECTION, "-o", "mine", "--no-visualize", "mine.jpg", PICTURES[1])
    infer(*mine)
    os.utime(tmp_path / "mine.jpg", (time.time() + 5, time.time() + 5))
    assert "1 by an earlier run" in infer(*mine).stderr


def test_what_an_earlier_run_did_is_printed_too(infer):
    arguments = ("-m", DETECTION, "-o", "out", "--output-format", "jsonl", "--no-visualize", *PICTURES[:3])
    assert infer(*arguments).stdout == infer(*arguments).stdout


def test_a_server_that_goes_away_ends_the_run(infer, start_server, folder_of_many, tmp_path):
    out = tmp_path / "out"
    with start_server() as own:
        def kill():
            while len(results(out)) < 5:
                time.sleep(0.002)
            own.kill()
        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        result = infer("-m", DETECTION, folder_of_many, "-o", "out", "--no-visualize", "--max-concurrent", 2, host=own.url,
                       code=1)
        killer.join()
        own.stop = lambda: 0  # it was killed
    one_line(result, own.url, f"of {MANY} images are done", "goes on where it stopped")
    for path in results(out):
        assert "predictions" in json.loads(path.read_text())
