"""The same calls put the same requests on the wire as the stock client's: routes, queries, bodies, keys, images."""
import dataclasses
import http.server
import json
import threading
import urllib.parse

import inference_sdk
import numpy
import osprey_client
import pytest
from client_calls import WAYS
from client_pair import COMBINATIONS, KINDS, call, client_of, outcome
from inference_sdk.http.utils.aliases import REGISTERED_ALIASES
from osprey_client.aliases import resolve_alias
from picture_server import PictureServer
from places import SHIPPED_SAMPLES

MODELS = {"det/1": "object-detection", "seg/1": "instance-segmentation", "cls/1": "classification",
          "kpt/1": "keypoint-detection"}
PICTURE = SHIPPED_SAMPLES / "000.jpg"

# A value of each setting that is not its default.
VALUES = {
    "confidence_threshold": 0.5, "keypoint_confidence_threshold": 0.2, "format": "json", "mask_decode_mode": "fast",
    "tradeoff_factor": 0.5, "max_candidates": 50, "max_detections": 7, "iou_threshold": 0.5, "stroke_width": 3,
    "count_inference": True, "service_secret": "s", "disable_preproc_auto_orientation": True,
    "disable_preproc_contrast": True, "disable_preproc_grayscale": True, "disable_preproc_static_crop": True,
    "class_agnostic_nms": True, "class_filter": ["apple", "pear"], "fix_batch_size": True, "include_anomaly_map": True,
    "visualize_predictions": True, "visualize_labels": True, "output_visualisation_format": "numpy",
    "image_extensions_for_directory_scan": ["webp"], "client_downsizing_disabled": False, "default_max_input_size": 100,
    "disable_active_learning": True, "active_learning_target_dataset": "set", "max_concurrent_requests": 2,
    "max_batch_size": 2, "source": "me", "source_info": "here", "profiling_directory": "x",
    "workflow_run_retries_enabled": False, "response_mask_format": "rle", "api_key_transport": "both",
    "allow_reduced_mask_resolution": True,
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: a client that waits to acknowledge the first one would take 40 ms

    def log_message(self, *_):
        pass

    def do_GET(self):  # noqa: N802  # the base class's names
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        said = json.loads(body) if body.startswith(b"{") else body
        interesting = {name: self.headers.get(name) for name in ("Content-Type", "Authorization")}
        self.server.seen.append((self.command, url.path, dict(urllib.parse.parse_qsl(url.query)), said, interesting))
        if url.path.startswith("/model"):
            answer = {"models": [{"model_id": m, "task_type": t, "input_height": 200, "input_width": 300}
                                 for m, t in MODELS.items()]}
        elif url.path == "/info":
            answer = {"name": "n", "version": "v", "uuid": "u"}
        else:
            many = isinstance(said, dict) and isinstance(said["image"], list)
            one = {"image": {"width": 10, "height": 5}, "predictions": []}
            answer = [one] * len(said["image"]) if many else one
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_GET  # noqa: N815


@pytest.fixture(scope="module")
def recorder():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url, server.seen = f"http://127.0.0.1:{server.server_port}", []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def pictures():
    with PictureServer(SHIPPED_SAMPLES) as web:
        yield web


def requests_of(recorder, package, method, *arguments, mode="v1", way="sync", key="the key/?", options=None, **named):
    recorder.seen.clear()
    client = client_of(package, recorder, mode, key, **(options or {}))
    outcome(lambda: call(way, client, method, *arguments, **named))
    return sorted(recorder.seen, key=repr) if (options or {}).get("max_concurrent_requests") else list(recorder.seen)


def assert_same_requests(recorder, *arguments, **named):
    stock, ours = (requests_of(recorder, package, *arguments, **named) for package in ("stock", "osprey"))
    assert len(stock) >= 1
    assert ours == stock


def test_each_setting_of_the_stock_client_is_known_and_has_its_default():
    theirs, ours = ({field.name: getattr(module.InferenceConfiguration(), field.name)
                     for field in dataclasses.fields(module.InferenceConfiguration)} for module in (inference_sdk, osprey_client))
    assert ours.pop("array_format") == "jpeg"
    assert ours == theirs and set(theirs) == set(VALUES)
    assert osprey_client.InferenceConfiguration.init_default() == osprey_client.InferenceConfiguration()


@pytest.mark.parametrize("mode,way", COMBINATIONS)
@pytest.mark.parametrize("name", VALUES)
def test_each_setting_is_sent_as_the_stock_client_sends_it(recorder, name, mode, way):
    for model in MODELS:
        assert_same_requests(recorder, "infer", str(PICTURE), model_id=model, mode=mode, way=way,
                             options={name: VALUES[name]})


@pytest.mark.parametrize("mode,way", COMBINATIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_image_is_sent_as_the_stock_client_sends_it(recorder, pictures, kind, mode, way):
    image = KINDS[kind](PICTURE, pictures)
    assert_same_requests(recorder, "infer", image, model_id="det/1", mode=mode, way=way)
    assert_same_requests(recorder, "infer", [image, str(PICTURE), image], model_id="seg/1", mode=mode, way=way,
                         options={"max_batch_size": 2})


@pytest.mark.parametrize("mode,way", COMBINATIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_images_are_made_smaller_as_the_stock_client_does(recorder, pictures, kind, mode, way):
    options = {"client_downsizing_disabled": False, "default_max_input_size": 333}
    if kind != "base64":  # which the stock client cannot make smaller
        assert_same_requests(recorder, "infer", KINDS[kind](PICTURE, pictures), model_id="det/1", mode=mode, way=way,
                             options=options)


@pytest.mark.parametrize("array", [
    numpy.arange(48, dtype=numpy.uint8).reshape(6, 8), numpy.arange(48, dtype=numpy.uint8).reshape(6, 8, 1),
    numpy.arange(192, dtype=numpy.uint8).reshape(6, 8, 4), numpy.arange(144).reshape(6, 8, 3)[::-1].astype(numpy.uint8),
    numpy.linspace(-20, 300, 144).reshape(6, 8, 3), numpy.arange(144, dtype=numpy.uint16).reshape(6, 8, 3) * 3],
    ids=lambda array: f"{array.shape}-{array.dtype}")
def test_odd_arrays_are_sent_as_the_stock_client_sends_them(recorder, array):
    assert_same_requests(recorder, "infer", array, model_id="det/1")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("transport", [None, "legacy", "both", "header"])
@pytest.mark.parametrize("method,arguments", [
    ("list_loaded_models", ()), ("load_model", ("det/1",)), ("unload_model", ("det/1",)), ("unload_all_models", ()),
    ("get_model_description", ("yolov8n-640",)), ("infer", (str(PICTURE), "det/1"))], ids=str)
def test_management_is_sent_as_the_stock_client_sends_it(recorder, method, arguments, transport, way):
    def sent(package):
        found = requests_of(recorder, package, method, *arguments, way=way, options={"api_key_transport": transport})
        # A body of nothing has no type worth comparing.
        return [(verb, path, query, body, headers if body else headers["Authorization"])
                for verb, path, query, body, headers in found]
    assert sent("osprey") == sent("stock") != []


def test_information_is_asked_for_as_the_stock_client_does(recorder):
    assert [r[:2] for r in requests_of(recorder, "osprey", "get_server_info")] == [
        r[:2] for r in requests_of(recorder, "stock", "get_server_info")] == [("GET", "/info")]


def test_aliases_are_the_stock_clients():
    of_other_tasks = ("paligemma", "florence", "qwen")
    wanted = {alias: model for alias, model in REGISTERED_ALIASES.items() if not alias.startswith(of_other_tasks)}
    assert {alias: resolve_alias(alias) for alias in wanted} == wanted
