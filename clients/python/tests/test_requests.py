"""Which requests a call makes: their order, batches, key, and what falls back."""

import asyncio

import httpx
import numpy as np
import pytest

from fake_server import FOUND, MODEL, FakeServer
from osprey_client import (
    APIKeyNotProvided,
    EncodingError,
    InferenceConfiguration,
    InferenceHTTPClient,
    InvalidModelIdentifier,
    InvalidParameterError,
    ModelNotInitializedError,
    ModelNotSelectedError,
    ModelTaskTypeNotSupportedError,
    WrongClientModeError,
)

ARRAY = np.full((6, 8, 3), 9, np.uint8)


def test_a_model_that_is_not_loaded_is_loaded_first():
    server = FakeServer(loaded=False)
    assert server.client().infer(b"x", model_id=MODEL)["predictions"] == FOUND["predictions"]
    assert server.paths == ["/model/registry", "/model/add", "/infer/object_detection"]
    with pytest.raises(ModelNotInitializedError):
        FakeServer().client().infer(b"x", model_id="other/1")


@pytest.mark.parametrize("task,path", [
    ("object-detection", "/infer/object_detection"), ("instance-segmentation", "/infer/instance_segmentation"),
    ("classification", "/infer/classification"), ("keypoint-detection", "/infer/keypoints_detection")])
def test_each_task_has_its_route(task, path):
    server = FakeServer(task)
    server.client().infer(b"x", model_id=MODEL)
    assert server.paths[-1] == path


def test_other_tasks_are_refused_here():
    with pytest.raises(ModelTaskTypeNotSupportedError, match="semantic-segmentation"):
        FakeServer("semantic-segmentation").client().infer(b"x", model_id=MODEL)


@pytest.mark.parametrize("batch,parallel,sizes", [(1, 1, [1] * 5), (2, 1, [2, 2, 1]), (4, 2, [4, 1]), (9, 3, [5])])
def test_batches_and_results_keep_the_order(batch, parallel, sizes):
    server = FakeServer()
    configuration = InferenceConfiguration(max_batch_size=batch, max_concurrent_requests=parallel)
    results = server.client().configure(configuration).infer([bytes([65 + i]) for i in range(5)], model_id=MODEL)
    images = [body["image"] for body in server.bodies()]
    assert sorted(len(i) if isinstance(i, list) else 1 for i in images) == sorted(sizes)
    assert len(results) == 5 and [r["number"] for r in results] == [n for size in sizes for n in range(size)]


def test_one_result_is_unwrapped_and_none_is_an_empty_list():
    client = FakeServer().client()
    assert client.infer([b"x"], model_id=MODEL)["image"] == FOUND["image"]
    assert client.infer([], model_id=MODEL) == []


@pytest.mark.parametrize("transport,in_place,header", [
    (None, "key", None), ("legacy", "key", None), ("both", "key", "Bearer key"), ("header", None, "Bearer key")])
def test_the_key_travels_where_it_is_told_to(transport, in_place, header):
    server = FakeServer()
    client = server.client().configure(InferenceConfiguration(api_key_transport=transport))
    client.infer(b"x", model_id=MODEL)
    client.select_api_v0().infer(b"x", model_id=MODEL)
    registry, newer, older = server.requests
    assert registry.url.params.get("api_key") == older.url.params.get("api_key") == in_place
    assert server.bodies()[0].get("api_key") == in_place
    assert [r.headers.get("Authorization") for r in server.requests] == [header] * 3


def test_flags_of_a_query_are_spelled_as_python_does():
    server = FakeServer()
    server.client().select_api_v0().configure(InferenceConfiguration(visualize_labels=True)).infer(b"x", model_id=MODEL)
    query = dict(server.requests[-1].url.params)
    assert query == {"api_key": "key", "labels": "True", "disable_active_learning": "False",
                     "allow_reduced_mask_resolution": "False"}


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("mode,path", [("v1", "/infer/object_detection"), ("v0", "/" + MODEL)])
def test_where_pickles_are_refused_a_png_goes_and_no_pickle_after_it(mode, path, asynchronous):
    server = FakeServer(answers={path: [httpx.Response(400, json={"message": "no NumPy here"})]})
    client = server.client().configure(InferenceConfiguration(array_format="numpy"))
    client.select_api_v0() if mode == "v0" else client.select_api_v1()
    for _ in range(2):
        found = asyncio.run(client.infer_async(ARRAY, model_id=MODEL)) if asynchronous else client.infer(ARRAY, model_id=MODEL)
        assert found["predictions"]
    kinds = [b"numpy" in r.content or "image_type" in r.url.params for r in server.requests if r.url.path == path]
    assert kinds == [True, False, False]


def test_what_a_png_does_not_mend_is_told_and_pickles_are_tried_on():
    path = "/infer/object_detection"
    wrong = [httpx.Response(422, json={"detail": "confidence"}) for _ in range(2)]
    server = FakeServer(answers={path: wrong})
    client = server.client().configure(InferenceConfiguration(array_format="numpy"))
    with pytest.raises(Exception, match="confidence"):
        client.infer(ARRAY, model_id=MODEL)
    client.infer(ARRAY, model_id=MODEL)
    assert [body["image"]["type"] for body in server.bodies()] == ["numpy", "base64", "numpy"]


def test_larger_images_are_made_smaller_and_their_results_put_back():
    server = FakeServer(size=(30, 40))
    client = server.client().configure(InferenceConfiguration(client_downsizing_disabled=False, array_format="numpy"))
    result = client.infer(np.zeros((60, 80, 3), np.uint8), model_id=MODEL)
    assert result["image"] == {"width": 16, "height": 12}
    assert result["predictions"][0] == {"x": 8.0, "y": 6.0, "width": 4.0, "height": 4.0, "class": "a"}
    assert client.infer(np.zeros((30, 40, 3), np.uint8), model_id=MODEL)["image"] == FOUND["image"]


@pytest.mark.parametrize("answer", [[], [FOUND, FOUND], 5, None, [5]])
def test_answers_that_do_not_fit_the_images_are_errors(answer):
    server = FakeServer(answers={"/infer/object_detection": [httpx.Response(200, json=answer)]})
    with pytest.raises(EncodingError):
        server.client().infer(b"x", model_id=MODEL)


def test_mistakes_are_told_before_anything_is_sent():
    server = FakeServer()
    client = server.client()
    with pytest.raises(ModelNotSelectedError):
        client.infer(b"x")
    client.select_api_v0()
    for wrong in ("a", "a/b/c", "/1", "a/"):
        with pytest.raises(InvalidModelIdentifier):
            client.infer(b"x", model_id=wrong)
    with pytest.raises(APIKeyNotProvided):
        server.client(api_key=None).select_api_v0().infer(b"x", model_id=MODEL)
    for call in (client.list_loaded_models, client.unload_all_models, lambda: client.infer_from_api_v1(b"x", MODEL)):
        with pytest.raises(WrongClientModeError):
            call()
    for wrong in ({"array_format": "bmp"}, {"api_key_transport": "post"}, {"max_batch_size": 0}):
        with pytest.raises(InvalidParameterError):
            InferenceConfiguration(**wrong)
    assert server.requests == []


def test_the_mode_is_v1_until_another_is_chosen():
    client = InferenceHTTPClient.init("https://example.com")
    assert client.client_mode.value == "v1"
    assert client.select_api_v0().client_mode.value == "v0"


def test_secrets_are_not_in_what_is_printed():
    client = FakeServer().client(api_key="sesame")
    assert "sesame" not in repr(client) + repr(client._target) + repr(InferenceConfiguration(service_secret="sesame"))
