"""GET /models, PUT and DELETE /models/{project}/{version}: own models over HTTP, where the operator allows it."""
import json
import shutil
import threading

import pytest
import requests

from places import MODELS
from workshop import DETECTOR, Workshop, classes_of, infer


@pytest.fixture
def workshop(binary, tmp_path):
    return Workshop(binary, tmp_path)


@pytest.fixture
def managed(workshop, start_server):
    workshop.models.mkdir()
    with start_server(workshop.models, ["--allow-model-management"]) as running:
        yield running


def put(server, workshop, model_id="my-project/1", **parameters):
    return requests.put(f"{server.url}/models/{model_id}", data=workshop.weights.read_bytes(), timeout=120,
                        params={"task": "object-detection", "family": "yolov8", **parameters})


def names(workshop):
    return ",".join(workshop.classes.read_text().split("\n")).strip(",")


def test_over_http_a_model_is_added_listed_replaced_and_removed(managed, workshop, picture):
    answer = put(managed, workshop, classes=names(workshop))
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told["model_id"] == "my-project/1" and told["replaced"] is False
    assert told["input"] == {"width": 320, "height": 320} and len(told["classes"]) == 16
    assert classes_of(infer(managed, picture, "my-project/1")) != []

    taken = put(managed, workshop, classes=names(workshop))
    assert taken.status_code == 400 and "force=true" in taken.json()["message"]
    other = put(managed, workshop, classes=names(workshop).replace(",", "s,"), force="true")
    assert other.status_code == 200 and other.json()["replaced"] is True
    assert any(name.endswith("s") for name in classes_of(infer(managed, picture, "my-project/1")))

    listed = requests.get(managed.url + "/models", timeout=30).json()["models"]
    assert [(model["model_id"], model["state"]) for model in listed] == [("my-project/1", "sound")]
    assert str(workshop.models) not in json.dumps(listed)  # where files lie is nothing for a client

    assert requests.delete(managed.url + "/models/my-project/1", timeout=30).json()["removed"] is True
    assert requests.delete(managed.url + "/models/my-project/1", timeout=30).status_code == 404
    assert infer(managed, picture, "my-project/1").status_code == 404
    assert workshop.entries() == []


def test_over_http_a_form_does_as_well(managed, workshop):
    answer = requests.put(managed.url + "/models/my-project/1", timeout=120, files={
        "weights": ("mine.onnx", workshop.weights.read_bytes()), "classes": ("classes.txt", workshop.classes.read_bytes()),
        "task": (None, "object-detection"), "family": (None, "yolov8")})
    assert answer.status_code == 201, answer.text
    assert len(answer.json()["classes"]) == 16


@pytest.mark.parametrize("model_id,parameters,wanted", [
    ("my-project/1", {}, "give classes"), ("my-project/1", {"classes": "a,b"}, "has 16"),
    ("my-project/1", {"familly": "yolov8"}, "is no parameter"), ("my-project/1", {"task": "detekt"}, "allowed: "),
    ("%2e%2e/1", {}, "model id"), ("a%2Fb/1", {}, "model id"), (".staged/1", {}, "model id")])
def test_over_http_what_is_wrong_is_told(managed, workshop, model_id, parameters, wanted):
    answer = put(managed, workshop, model_id, **parameters)
    assert answer.status_code in (400, 404, 405), answer.text
    assert wanted in answer.text or answer.status_code != 400, answer.text
    assert workshop.entries() == []


def test_over_http_no_network_is_refused(managed, workshop):
    parameters = {"task": "object-detection", "family": "yolov8", "classes": names(workshop)}
    url = managed.url + "/models/my-project/1"
    for body, wanted in ((b"", "no network was sent"), (b"this is no network", "is no ONNX file"),
                         (workshop.weights.read_bytes()[:-1000], "is cut short")):
        answer = requests.put(url, data=body, params=parameters, timeout=60)
        assert answer.status_code == 400 and wanted in answer.json()["message"], answer.text
    assert workshop.entries() == []


def test_over_http_too_large_a_network_is_refused_with_the_limit(workshop, start_server):
    workshop.models.mkdir()
    with start_server(workshop.models, ["--allow-model-management", "--max-body-mib", "1"]) as running:
        answer = requests.put(running.url + "/models/my-project/1", data=bytes((1 << 20) + 1), timeout=60)
        assert answer.status_code == 413 and "1048576" in answer.json()["message"]


def test_over_http_it_is_off_unless_allowed(server):
    for method, path in (("GET", "/models"), ("PUT", "/models/a/1"), ("DELETE", "/models/emoji-detection/1")):
        answer = requests.request(method, server.url + path, data=b"x", timeout=30)
        assert answer.status_code == 403, answer.text
        assert "--allow-model-management" in answer.json()["message"]
    assert (DETECTOR / "weights.onnx").is_file()


def test_over_http_requests_are_answered_while_a_model_is_tried(workshop, start_server, picture):
    workshop.models.mkdir()
    shutil.copytree(MODELS / "emoji-detection", workshop.models / "live")
    with start_server(workshop.models, ["--allow-model-management"]) as running:
        infer(running, picture, "live/1")
        answers = []
        clients = [threading.Thread(target=lambda i=i: answers.append(
            put(running, workshop, f"mine/{i}", classes=names(workshop)).status_code)) for i in range(8)]
        for client in clients:
            client.start()
        while any(client.is_alive() for client in clients):
            assert infer(running, picture, "live/1").status_code == 200
        for client in clients:
            client.join()
        # One runs and three wait; more are told to come again.
        assert set(answers) <= {201, 503} and answers.count(201) >= 4
