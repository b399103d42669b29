"""Every hostile input of tests/hostile is refused with 4xx, costs little, and leaves the server as it was."""
import base64
import re
import socket
import sys

import pytest
import requests

from places import MODELS, ROOT
from server_process import ServerProcess, find_binary

sys.path.insert(0, str(ROOT / "tests/hostile"))
from image_files import HOSTILE_IMAGES  # noqa: E402
from json_requests import HOSTILE_REQUESTS  # noqa: E402
from raw_requests import RAW_INPUTS  # noqa: E402

MEMORY_MB = 80  # over what it was before; the largest input is 20 MB of text, and two are worked on at a time


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with ServerProcess(find_binary(), MODELS, tmp_path_factory.mktemp("hostile"),
                       environment={"OSPREY_HEADER_SECONDS": "2", "OSPREY_BODY_SECONDS": "2"}) as running:
        running.sound = predict(running)
        running.memory = memory_mb(running)
        yield running


def memory_mb(server):
    text = requests.get(server.url + "/metrics", timeout=30).text
    return float(re.search(r"^process_resident_memory_bytes (\S+)", text, re.M).group(1)) / 1e6


def predict(server):
    """The predictions of a sample, without what is made up for each answer."""
    image = sorted((ROOT / "tests/data/samples").glob("*.jpg"))[0].read_bytes()
    answer = requests.post(server.url + "/emoji-detection/1", files={"file": image}, timeout=60)
    assert answer.status_code == 200
    return [{k: v for k, v in found.items() if k != "detection_id"} for found in answer.json()["predictions"]]


def check_refusal(answer):
    assert 400 <= answer.status_code < 500, f"{answer.status_code}: {answer.text[:300]}"
    body = answer.json()
    assert body.get("message") or body.get("detail"), body
    assert len(answer.content) < 20_000, "a refusal does not send the input back"
    for secret in ("root:", "/work", str(ROOT), "/etc/passwd:"):
        assert secret not in answer.text


def test_there_are_enough_of_them_and_each_says_what_it_attacks():
    inputs = [*RAW_INPUTS, *HOSTILE_IMAGES, *HOSTILE_REQUESTS]
    assert len(inputs) >= 60
    assert len({each.name for each in inputs}) == len(inputs)
    assert all(each.attacks for each in inputs)


@pytest.mark.parametrize("raw", RAW_INPUTS, ids=lambda raw: raw.name)
def test_raw_bytes(server, raw):
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        try:
            connection.sendall(raw.data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it was refused before it had been sent
        received = b""
        try:
            while data := connection.recv(65536):
                received += data
        except ConnectionResetError:
            pass
    statuses = re.findall(rb"^HTTP/1\.[01] (\d+)", received, re.M)
    assert statuses, "it was closed without an answer"
    assert len(statuses) == 1, f"more answers than requests: {statuses}"
    assert statuses[0].startswith(b"4"), received[:300]


@pytest.mark.parametrize("image", HOSTILE_IMAGES, ids=lambda image: image.name)
def test_images(server, image):
    as_json = {"model_id": "emoji-detection/1",
               "image": {"type": "base64", "value": base64.b64encode(image.data).decode()}}
    check_refusal(requests.post(server.url + "/infer/object_detection", json=as_json, timeout=60))
    check_refusal(requests.post(server.url + "/emoji-detection/1", files={"file": image.data}, timeout=60))


@pytest.mark.parametrize("hostile", HOSTILE_REQUESTS, ids=lambda hostile: hostile.name)
def test_requests(server, hostile):
    with requests.Session() as session:
        request = session.prepare_request(requests.Request(hostile.method, server.url, data=hostile.body))
        request.url = server.url + hostile.path  # as it is written, not as requests would clean it up
        for name, value in hostile.headers.items():
            request.headers.pop(name, None)
            if value is not None:
                request.headers[name] = value
        check_refusal(session.send(request, timeout=60))


def test_afterwards_the_server_is_as_it_was(server):
    assert predict(server) == server.sound
    assert memory_mb(server) < server.memory + MEMORY_MB
    assert "Traceback" not in server.text() and "terminate" not in server.text()
