"""What a client is told when the model registry refuses, fails or is not there: the rows of the reference's section 7 that
need one. The registry is a fake on loopback."""
import socket

import pytest
import requests
from fake_registry import FakeRegistry
from places import SHIPPED_SAMPLES

PICTURE = (SHIPPED_SAMPLES / "000.jpg").read_bytes()

# What the registry does, status, words in the message.
LOOKUPS = [
    ("401", 401, "unauthori"), ("402", 402, None), ("403", 403, None), ("404", 404, "not found"), ("423", 423, None),
    ("500", 502, "Roboflow API"), ("503", 502, None), ("418", 502, None), ("nonsense", 502, None), ("hangs", 504, None),
]
DOWNLOADS = [("401", 401, None), ("402", 402, None), ("403", 403, None), ("404", 404, None), ("423", 423, None),
             ("500", 500, None), ("nonsense", 500, None)]


@pytest.fixture(scope="module")
def registry():
    with FakeRegistry() as running:
        yield running


def settings(url):
    return {"API_BASE_URL": url, "ROBOFLOW_API_HOST": url, "ROBOFLOW_API_REQUEST_TIMEOUT": "2", "API_CALLS_TIMEOUT": "2",
            "API_CALLS_MAX_TRIES": "1"}


@pytest.fixture(scope="module")
def server(start_server, registry):
    with start_server(environment=settings(registry.url)) as running:
        yield running


def told(response, status, words):
    assert response.status_code == status, response.text
    assert set(response.json()) <= {"message", "help_url"}
    message = response.json()["message"]
    assert len(message) > 15 and (words is None or words.lower() in message.lower())


@pytest.mark.parametrize("route", ["v1", "v2", "add"])
@pytest.mark.parametrize("where,what,status,words",
                         [("fails", *row) for row in LOOKUPS] + [("download", *row) for row in DOWNLOADS])
def test_its_refusal_is_told(server, where, what, status, words, route):
    model = f"{where}/{what}"
    if route == "v1":
        response = requests.post(f"{server.url}/{model}", files={"file": ("a.jpg", PICTURE)}, timeout=60)
    elif route == "v2":
        image = {"type": "base64", "value": "aGVsbG8="}  # the model is asked for before the picture is looked at
        response = requests.post(server.url + "/infer/object_detection", json={"model_id": model, "image": image},
                                 timeout=60)
    else:
        response = requests.post(server.url + "/model/add", json={"model_id": model}, timeout=60)
    told(response, status, words)


def test_a_failure_is_not_kept(server, registry):
    def ask():
        before = len(registry.asked)
        requests.post(server.url + "/model/add", json={"model_id": "fails/403"}, timeout=60)
        return len(registry.asked) - before
    assert ask() > 0
    assert requests.get(server.url + "/model/registry", timeout=10).json()["models"] == []


def test_a_registry_that_is_not_there(server, start_server):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with start_server(environment=settings(url)) as running:
            response = requests.post(running.url + "/model/add", json={"model_id": "some/1"}, timeout=60)
            told(response, 503, "Roboflow API")


def test_models_of_the_folder_need_no_registry(server, registry):
    before = len(registry.asked)
    response = requests.post(f"{server.url}/emoji-detection/1", files={"file": ("a.jpg", PICTURE)}, timeout=60)
    assert response.status_code == 200
    assert len(registry.asked) == before
