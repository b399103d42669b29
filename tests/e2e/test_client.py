"""The stock client works against this server unchanged, in both of its modes, with every kind of picture it knows."""
import functools
import http.server
import threading

import numpy
import pytest
from inference_sdk import InferenceConfiguration, InferenceHTTPClient
from inference_sdk.http.errors import HTTPCallErrorError
from PIL import Image

import scoring

MODEL = "emoji-detection/1"
WANTED_F1 = 0.85
KINDS = ("url", "file name", "PIL image", "NumPy array")


@pytest.fixture(scope="module")
def picture_urls(samples):
    """A web server with the pictures: this client downloads a URL itself, and sends the bytes."""
    handler = functools.partial(QuietHandler, directory=str(samples[0].path.parent))
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    yield [f"http://127.0.0.1:{web.server_port}/{sample.path.name}" for sample in samples]
    web.shutdown()
    web.server_close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def client_of(server, mode):
    client = InferenceHTTPClient(api_url=server.url, api_key="any")
    client.select_api_v0() if mode == "v0" else client.select_api_v1()
    client.configure(InferenceConfiguration(confidence_threshold=0.4))
    return client


def as_kind(kind, sample, url):
    if kind == "url":
        return url
    if kind == "file name":
        return str(sample.path)
    image = Image.open(sample.path).convert("RGB")
    return image if kind == "PIL image" else numpy.ascontiguousarray(numpy.asarray(image)[:, :, ::-1])  # BGR


@pytest.mark.parametrize("mode", ["v0", "v1"])
@pytest.mark.parametrize("kind", KINDS)
def test_finds_the_objects_in_every_kind_of_picture(server, samples, picture_urls, kind, mode):
    client = client_of(server, mode)
    answers = [client.infer(as_kind(kind, sample, url), model_id=MODEL) for sample, url in zip(samples, picture_urls)]
    assert [answer["image"] for answer in answers] == [{"width": s.width, "height": s.height} for s in samples]
    assert scoring.f1(samples, answers) >= WANTED_F1


@pytest.mark.parametrize("mode,batch", [("v0", 1), ("v1", 1), ("v1", 4)])
def test_a_list_of_pictures_is_answered_in_its_order(server, samples, mode, batch):
    client = client_of(server, mode)
    client.configure(InferenceConfiguration(confidence_threshold=0.4, max_batch_size=batch, max_concurrent_requests=2))
    answers = client.infer([str(sample.path) for sample in samples], model_id=MODEL)
    assert [answer["image"] for answer in answers] == [{"width": s.width, "height": s.height} for s in samples]
    assert scoring.f1(samples, answers) >= WANTED_F1


def test_options_of_the_client_have_their_effect(server, samples):
    client = client_of(server, "v1")
    path = str(max(samples, key=lambda sample: len(sample.truth)).path)
    everything = client.infer(path, model_id=MODEL)["predictions"]
    assert len(everything) >= 2
    with client.use_configuration(InferenceConfiguration(confidence_threshold=0.4, max_detections=1)):
        assert len(client.infer(path, model_id=MODEL)["predictions"]) == 1
    wanted = everything[0]["class"]
    with client.use_configuration(InferenceConfiguration(confidence_threshold=0.4, class_filter=[wanted])):
        filtered = client.infer(path, model_id=MODEL)["predictions"]
    assert [p["class"] for p in filtered] == [p["class"] for p in everything if p["class"] == wanted]


def test_loads_lists_and_unloads_models(own_server):
    client = client_of(own_server, "v1")

    def loaded():
        return [model.model_id for model in client.list_loaded_models().models]

    assert loaded() == []
    description = client.load_model(MODEL).models[0]
    assert (description.model_id, description.task_type) == (MODEL, "object-detection")
    assert (description.input_height, description.input_width) == (320, 320)
    client.load_model(MODEL)
    assert loaded() == [MODEL]
    assert client.get_model_description(MODEL).task_type == "object-detection"
    client.unload_model(MODEL)
    assert loaded() == []
    client.load_model(MODEL)
    client.unload_all_models()
    assert loaded() == []


def test_tells_what_server_it_is(server):
    info = client_of(server, "v1").get_server_info()
    assert info.name and info.version and info.uuid
    assert client_of(server, "v1").get_server_info().uuid == info.uuid


@pytest.mark.parametrize("mode", ["v0", "v1"])
def test_an_unknown_model_is_a_clean_error_of_the_client(server, samples, mode):
    with pytest.raises(HTTPCallErrorError) as raised:
        client_of(server, mode).infer(str(samples[0].path), model_id="no-such-project/1")
    assert raised.value.status_code == 404
    assert raised.value.api_message not in (None, "", "N/A")


@pytest.mark.parametrize("mode", ["v0", "v1"])
def test_what_is_no_picture_is_a_clean_error_of_the_client(server, mode):
    with pytest.raises(HTTPCallErrorError) as raised:
        client_of(server, mode).infer("aGVsbG8gd29ybGQ=", model_id=MODEL)
    assert raised.value.status_code == 400
    assert "image" in raised.value.api_message
