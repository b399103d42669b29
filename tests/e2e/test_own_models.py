"""`inference model add`: a network of one's own is tried, put into the models folder, and served."""
import json
import os
import subprocess
import threading
import time

import pytest

from places import ROOT, SHARED
from workshop import DESCRIBED, DETECTOR, Workshop, check_refusal, classes_of, infer

EXPORTS = ROOT / "build/exports"
BYO = SHARED / "models/byo"


@pytest.fixture
def workshop(binary, tmp_path):
    return Workshop(binary, tmp_path)


def test_a_network_of_ones_own_is_served(workshop, start_server, server, picture):
    result = workshop.add("--id", "my-project/1", *DESCRIBED, "--classes", workshop.classes, "--padding-value", 127)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    for wanted in ("my-project/1", str(workshop.models), "object-detection", "yolov8", "320x320", "16: ",
                   "curl -s -d @- 'http://localhost:9001/my-project/1'", 'model_id="my-project/1"'):
        assert wanted in result.stdout
    assert workshop.entries() == ["my-project", "my-project/1", "my-project/1/class_names.txt",
                                  "my-project/1/model.json", "my-project/1/weights.onnx"]
    with start_server(workshop.models) as running:
        mine = infer(running, picture, "my-project/1")
        demo = infer(server, picture, "emoji-detection/1")
        assert classes_of(mine) == classes_of(demo) != []


def test_a_running_server_serves_it_from_the_next_request_on(workshop, start_server, picture):
    workshop.models.mkdir()
    with start_server(workshop.models) as running:
        assert infer(running, picture, "mine/1").status_code == 404
        result = workshop.add(*DESCRIBED, "--classes", workshop.classes)
        assert result.returncode == 0, result.stderr
        assert "it is called mine/1" in result.stderr  # no --id was given
        assert infer(running, picture, "mine/1").status_code == 200


def test_what_nothing_tells_is_asked_for_one_flag_after_the_other(workshop):
    check_refusal(workshop.add(), "--task (object-detection, ", "--family (")
    check_refusal(workshop.add("--task", "object-detection"), "--family (yolov5, yolov8, ")
    check_refusal(workshop.add(*DESCRIBED), "--classes", "16 classes")
    assert not workshop.models.exists()


@pytest.mark.parametrize("flag,value,allowed", [
    ("--task", "detekt", "instance-segmentation"), ("--input-size", "big", "640x640"), ("--resize", "fit", "letterbox"),
    ("--colors", "cmyk", "bgr"), ("--fused", "perhaps", "true, false")])
def test_a_wrong_value_of_a_flag_is_a_wrong_command_line(workshop, flag, value, allowed):
    check_refusal(workshop.add(flag, value), value, allowed, exit_code=2)


def test_a_wrong_list_of_classes_is_told_with_the_right_number(workshop):
    (workshop.folder / "three.txt").write_text("a\nb\nc\n")
    check_refusal(workshop.add(*DESCRIBED, "--classes", "three.txt"), "3 classes are named", "has 16")
    check_refusal(workshop.add(*DESCRIBED, "--classes", "none.txt"), "there is no file none.txt")
    assert not workshop.models.exists()


def test_a_wrong_family_shows_at_once(workshop):
    check_refusal(workshop.add("--task", "object-detection", "--family", "yolov5", "--classes", workshop.classes),
                  "yolov5")
    check_refusal(workshop.add("--task", "object-detection", "--family", "rfdetr", "--classes", workshop.classes),
                  "rfdetr")
    assert not workshop.models.exists()


def truncated(workshop):
    return workshop.weights.read_bytes()[:-1000]


@pytest.mark.parametrize("content,wanted", [
    (b"", "is empty"), (b"not a network at all", "is no ONNX file"), (b"PK\x03\x04" + bytes(100), "PyTorch checkpoint"),
    (truncated, "is cut short"),
    (b"\x08\x08\x3a\x02\x12\x00", "inputs; one, the image, is expected")],
    ids=["empty", "text", "checkpoint", "truncated", "no-input"])
def test_a_file_that_cannot_be_used_is_one_line_and_leaves_nothing(workshop, content, wanted):
    broken = workshop.folder / "broken.onnx"
    broken.write_bytes(content(workshop) if callable(content) else content)
    check_refusal(workshop.add(*DESCRIBED, "--classes", workshop.classes, weights=broken), wanted)
    assert not workshop.models.exists()


def test_other_things_than_files_are_refused(workshop):
    described = (*DESCRIBED, "--classes", workshop.classes)
    check_refusal(workshop.add(*described, weights=DETECTOR), "is a folder")
    check_refusal(workshop.add(*described, weights=workshop.folder / "none.onnx"), "there is no file", "none.onnx")
    os.mkfifo(workshop.folder / "pipe")
    check_refusal(workshop.add(*described, weights=workshop.folder / "pipe"), "no regular file")
    huge = workshop.folder / "huge.onnx"
    with huge.open("wb") as file:
        file.truncate(3 << 30)  # sparse
    check_refusal(workshop.add(*described, weights=huge), "3072 MiB", "at most 2048")


def field(number, content):
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


def test_weights_beside_the_file_are_told_with_what_to_do(workshop):
    location = field(13, field(1, b"location") + field(2, b"net.onnx.data"))
    graph = field(5, field(8, b"weight") + b"\x70\x01" + location)
    file = workshop.folder / "net.onnx"
    file.write_bytes(b"\x08\x08" + field(7, graph))
    check_refusal(workshop.add(*DESCRIBED, weights=file), "net.onnx.data", "onnx.save")


@pytest.mark.parametrize("model_id", ["../escape/1", "/etc/1", "a", "a/..", ".hidden/1", "a b/1", "a/1/2"])
def test_an_id_that_is_none_is_refused(workshop, model_id):
    check_refusal(workshop.add("--id", model_id, *DESCRIBED, "--classes", workshop.classes), "such as my-project/1")
    assert not workshop.models.exists()


def test_a_taken_id_needs_force_and_is_then_swapped_with_no_failed_request(workshop, start_server, picture):
    described = ("--id", "my-project/1", *DESCRIBED)
    assert workshop.add(*described, "--classes", workshop.classes).returncode == 0
    other = workshop.folder / "other.txt"
    other.write_text("".join(f"other {line}\n" for line in workshop.classes.read_text().splitlines()))
    check_refusal(workshop.add(*described, "--classes", other), "my-project/1 is there already", "--force")

    with start_server(workshop.models) as running:
        assert classes_of(infer(running, picture, "my-project/1")) != []
        statuses, names, stop = [], set(), threading.Event()

        def ask():
            while not stop.is_set():
                answer = infer(running, picture, "my-project/1")
                statuses.append(answer.status_code)
                names.update(found["class"] for found in answer.json().get("predictions", []))

        client = threading.Thread(target=ask)
        client.start()
        try:
            result = workshop.add(*described, "--classes", other, "--force")
            assert result.returncode == 0, result.stderr
            assert "my-project/1 is replaced in" in result.stdout
            until = time.monotonic() + 30
            while time.monotonic() < until and not any(name.startswith("other ") for name in names):
                time.sleep(0.1)
        finally:
            stop.set()
            client.join()
        assert set(statuses) == {200}
        assert any(name.startswith("other ") for name in names), "the running server went on with the old model"
    assert [entry for entry in workshop.entries() if ".staged" in entry] == []


def test_a_killed_add_leaves_no_package_and_is_swept_by_the_next(workshop):
    described = ("--id", "my-project/1", *DESCRIBED, "--classes", str(workshop.classes))
    for milliseconds in (20, 60, 120, 250):
        process = subprocess.Popen([str(workshop.binary), "model", "add", str(workshop.weights), *described, "--force"],
                                   env=workshop.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(milliseconds / 1000)
        process.kill()
        process.wait()
    assert workshop.add(*described, "--force").returncode == 0
    assert workshop.entries()[1:] == [f"my-project/1{name}" for name in
                                      ("", "/class_names.txt", "/model.json", "/weights.onnx")]


# --- exports of trainers, and a network that says nothing of itself

RFDETR = ("--task", "object-detection", "--family", "rfdetr-nano", "--classes")
ADDED = [
    pytest.param(EXPORTS / "yolov8n/1", (), "object_detection", id="yolov8n"),
    pytest.param(EXPORTS / "yolo11n/1", (), "object_detection", id="yolo11n"),
    pytest.param(EXPORTS / "yolo26n-final/1", (), "object_detection", id="yolo26n-final"),
    pytest.param(EXPORTS / "yolov8n-seg/1", (), "instance_segmentation", id="yolov8n-seg"),
    pytest.param(EXPORTS / "yolo11n-pose/1", (), "keypoints_detection", id="yolo11n-pose"),
    pytest.param(EXPORTS / "yolo11n-cls/1", (), "classification", id="yolo11n-cls"),
    pytest.param(EXPORTS / "rfdetr-nano/1", RFDETR, "object_detection", id="rfdetr-nano"),
    pytest.param(BYO, ("--task", "object-detection", "--family", "yolox-nano", "--classes",
                       str(BYO / "coco_classes.txt")), "object_detection", id="byo"),
]


@pytest.mark.parametrize("folder,arguments,route", ADDED)
def test_an_export_is_served_within_one_command(workshop, start_server, picture, folder, arguments, route):
    weights = next(folder.glob("*.onnx"), None) if folder.is_dir() else None
    if weights is None:
        pytest.skip(f"no network in {folder}: see tests/exports/make_exports.py and ../shared")
    if arguments is RFDETR:  # it names no classes itself; the export's description has those that it was made with
        named = workshop.folder / "named.txt"
        named.write_text("\n".join(json.loads((folder / "model.json").read_text())["classes"]) + "\n")
        arguments = (*RFDETR, named)
    result = workshop.add("--id", "mine/1", *arguments, weights=weights)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    with start_server(workshop.models) as running:
        answer = infer(running, picture, "mine/1", route, confidence=0.01)
        assert answer.status_code == 200, answer.text
        assert answer.json()["predictions"]
