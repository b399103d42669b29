"""Limits on one image and on JSON, at their edges: what is as large as the limit is served, one more is refused."""
import base64
import pickle

import numpy
import pytest
import requests

from places import MODELS, SHIPPED_SAMPLES
from server_process import ServerProcess, find_binary

MIB = 1 << 20
MODEL = "emoji-detection/1"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    limits = {"OSPREY_MAX_IMAGE_MIB": "1", "OSPREY_MAX_PICKLE_MIB": "1", "OSPREY_MAX_JSON_DEPTH": "5"}
    with ServerProcess(find_binary(), MODELS, tmp_path_factory.mktemp("limits"), environment=limits) as running:
        yield running


def infer(server, **fields):
    return requests.post(server.url + "/infer/object_detection", json={"model_id": MODEL, **fields}, timeout=60)


def image(kind, value):
    return {"type": kind, "value": base64.b64encode(value).decode()}


def jpeg_of(size):
    """A sample with as many bytes behind its end, which decoders pass over."""
    sample = next(SHIPPED_SAMPLES.rglob("*.jpg")).read_bytes()
    return sample + bytes(size - len(sample))


def pickle_of(size):
    """A pickled picture, with bytes behind its end up to that size."""
    rows = (size - 1000) // 300
    pickled = pickle.dumps(numpy.zeros((rows, 100, 3), numpy.uint8), protocol=4)
    return pickled + bytes(size - len(pickled))


def test_an_image_may_be_as_large_as_the_limit(server):
    assert infer(server, image=image("base64", jpeg_of(MIB))).status_code == 200
    refused = infer(server, image=image("base64", jpeg_of(MIB + 1)))
    assert refused.status_code == 413
    assert str(MIB) in refused.json()["message"]


def test_a_pickle_may_be_as_large_as_the_limit(server):
    assert infer(server, image=image("numpy", pickle_of(MIB))).status_code == 200
    refused = infer(server, image=image("numpy", pickle_of(MIB + 1)))
    assert refused.status_code == 413
    assert str(MIB) in refused.json()["message"]


@pytest.mark.parametrize("levels, status", [(5, 200), (6, 422)])
def test_json_may_be_nested_as_deep_as_the_limit(server, levels, status):
    nested = []
    for _ in range(levels - 1):
        nested = [nested]
    assert infer(server, image=image("base64", jpeg_of(MIB)), extra=nested).status_code == status
