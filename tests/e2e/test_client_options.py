"""Every option of the stock client's InferenceConfiguration: what it puts on the wire, and that the server does it."""
import dataclasses

import pytest
import scoring
from client_calls import (CLASSIFICATION, DETECTION, KEY, MODES, SEGMENTATION, WAYS, call, client_of, recorded, steady)
from inference_sdk import InferenceConfiguration
from PIL import Image
from places import SHIPPED_SAMPLES

SAMPLES = {sample.path.name: sample for sample in scoring.load_samples(SHIPPED_SAMPLES)}
CROWDED = str(SHIPPED_SAMPLES / "005.jpg")  # two apples, a strawberry, an orange, a carrot


def ask(server, mode="v1", way="sync", model=DETECTION, picture=CROWDED, **options):
    return call(way, client_of(server, mode, **options), "infer", picture, model_id=model)


def predictions(server, mode="v1", **options):
    return ask(server, mode, **options)["predictions"]


def wire(server, monkeypatch, mode, model=DETECTION, **options):
    """The request that asks for predictions, as sent with these options: its fields."""
    client = client_of(server, mode, **options)
    with recorded(monkeypatch) as sent:
        client.infer(CROWDED, model_id=model)
    return sent[-1].query if mode == "v0" else {**sent[-1].body, **sent[-1].query}


# What each option is called on the wire, by mode (None: not sent), a value, and a model that takes it.
NAMES = [
    ("confidence_threshold", 0.5, "confidence", "confidence", DETECTION),
    ("keypoint_confidence_threshold", 0.2, "keypoint_confidence", None, DETECTION),
    ("iou_threshold", 0.5, "overlap", "iou_threshold", DETECTION),
    ("max_detections", 7, "max_detections", "max_detections", DETECTION),
    ("max_candidates", 50, None, "max_candidates", DETECTION),
    ("class_agnostic_nms", True, None, "class_agnostic_nms", DETECTION),
    ("class_filter", ["apple"], None, "class_filter", DETECTION),
    ("fix_batch_size", True, None, "fix_batch_size", DETECTION),
    ("visualize_predictions", True, None, "visualize_predictions", DETECTION),
    ("visualize_labels", True, "labels", "visualization_labels", DETECTION),
    ("stroke_width", 3, "stroke", "visualization_stroke_width", DETECTION),
    ("format", "image_and_json", "format", None, DETECTION),
    ("mask_decode_mode", "fast", "mask_decode_mode", "mask_decode_mode", SEGMENTATION),
    ("tradeoff_factor", 0.5, "tradeoff_factor", "tradeoff_factor", SEGMENTATION),
    ("response_mask_format", "rle", "response_mask_format", "response_mask_format", SEGMENTATION),
    ("allow_reduced_mask_resolution", True, "allow_reduced_mask_resolution", "allow_reduced_mask_resolution",
     SEGMENTATION),
    ("include_anomaly_map", True, "include_anomaly_map", "include_anomaly_map", CLASSIFICATION),
    ("disable_preproc_auto_orientation", True, "disable_preproc_auto_orient", "disable_preproc_auto_orient", DETECTION),
    ("disable_preproc_contrast", True, "disable_preproc_contrast", "disable_preproc_contrast", DETECTION),
    ("disable_preproc_grayscale", True, "disable_preproc_grayscale", "disable_preproc_grayscale", DETECTION),
    ("disable_preproc_static_crop", True, "disable_preproc_static_crop", "disable_preproc_static_crop", DETECTION),
    ("disable_active_learning", True, "disable_active_learning", "disable_active_learning", DETECTION),
    ("active_learning_target_dataset", "set", "active_learning_target_dataset", "active_learning_target_dataset",
     DETECTION),
    ("source", "me", "source", "source", DETECTION),
    ("source_info", "here", "source_info", "source_info", DETECTION),
    ("count_inference", True, "countinference", "countinference", DETECTION),
    ("service_secret", "s", "service_secret", "service_secret", DETECTION),
]
# Those that stay in the client; each has a test of its own, but the last two, which are for workflows.
LOCAL = {"output_visualisation_format", "image_extensions_for_directory_scan", "client_downsizing_disabled",
         "default_max_input_size", "max_concurrent_requests", "max_batch_size", "api_key_transport",
         "profiling_directory", "workflow_run_retries_enabled"}


def test_no_option_of_the_client_is_forgotten_here():
    known = {field.name for field in dataclasses.fields(InferenceConfiguration)}
    assert known == {name for name, *_ in NAMES} | LOCAL


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name,value,v0,v1,model", NAMES, ids=[row[0] for row in NAMES])
def test_the_option_is_sent_and_taken(server, monkeypatch, name, value, v0, v1, model, mode):
    sent = wire(server, monkeypatch, mode, model, **{name: value})
    expected = v0 if mode == "v0" else v1
    plain = wire(server, monkeypatch, mode, model)
    if expected is None:
        assert sent == plain  # a picture's answer came, and the option is not of this mode
    else:
        assert str(sent[expected]) == str(value)


@pytest.mark.parametrize("mode", MODES)
def test_workflow_options_change_nothing(server, monkeypatch, mode):
    assert wire(server, monkeypatch, mode, profiling_directory="x", workflow_run_retries_enabled=False) == wire(
        server, monkeypatch, mode)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", MODES)
def test_confidence_threshold(server, mode, way):
    def confidences(threshold):
        return [p["confidence"] for p in predictions(server, mode, way=way, confidence_threshold=threshold)]
    many, few = confidences(0.05), confidences(0.7)
    assert len(many) > len(few) > 0 and min(many) < 0.4
    assert [c for c in many if c >= 0.7] == few
    assert confidences("best") and confidences("default")


@pytest.mark.parametrize("mode", MODES)
def test_iou_threshold(server, mode):
    def overlapping(threshold):
        boxes = predictions(server, mode, confidence_threshold=0.1, iou_threshold=threshold)
        return len(boxes)
    assert overlapping(0.99) > overlapping(0.3) >= 5


def test_class_agnostic_nms(server):
    by_class = predictions(server, confidence_threshold=0.02, iou_threshold=0.2)
    together = predictions(server, confidence_threshold=0.02, iou_threshold=0.2, class_agnostic_nms=True)
    assert 0 < len(together) < len(by_class)


def test_class_filter(server):
    everything = predictions(server)
    assert {p["class"] for p in everything} > {"apple", "carrot"}
    kept = steady(predictions(server, class_filter=["apple", "carrot"]))
    assert kept == [p for p in steady(everything) if p["class"] in ("apple", "carrot")]
    assert steady(predictions(server, class_filter=[])) == steady(everything)
    assert predictions(server, class_filter=["no such class"]) == []


@pytest.mark.parametrize("mode", MODES)
def test_max_detections(server, mode):
    everything = steady(predictions(server, mode))
    assert steady(predictions(server, mode, max_detections=2)) == everything[:2]
    assert predictions(server, mode, max_detections=0) == []


def test_max_candidates(server):
    assert len(predictions(server, max_candidates=1)) == 1


def test_options_that_must_not_change_the_answer(server):
    plain = steady(ask(server))
    for options in ({"fix_batch_size": True}, {"disable_active_learning": True}, {"source": "a", "source_info": "b"},
                    {"active_learning_target_dataset": "d"}, {"count_inference": True, "service_secret": "s"}):
        assert steady(ask(server, **options)) == plain, options


@pytest.mark.parametrize("mode", MODES)
def test_auto_orientation_can_be_switched_off(server, mode, tmp_path):
    turned = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 8
    Image.open(SHIPPED_SAMPLES / "000.jpg").save(turned, exif=exif, quality=95)
    sizes = [ask(server, mode, picture=str(turned), disable_preproc_auto_orientation=off)["image"] for off in
             (False, True)]
    assert sizes == [{"width": 480, "height": 640}, {"width": 640, "height": 480}]


def test_include_anomaly_map_is_taken_by_a_classifier(server):
    options = {"model": CLASSIFICATION, "confidence_threshold": 0.0}
    assert steady(ask(server, include_anomaly_map=True, **options)) == steady(ask(server, **options))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("transport", [None, "legacy", "both", "header"])
def test_api_key_transport(server, monkeypatch, mode, way, transport):
    assert predictions(server, mode, way=way, api_key_transport=transport)
    if way == "async":
        return  # what it sends is as the synchronous client's; recorded() sees only that one
    client = client_of(server, mode, api_key_transport=transport)
    with recorded(monkeypatch) as sent:
        client.infer(CROWDED, model_id=DETECTION)
    last = sent[-1]
    in_place = (last.query if mode == "v0" else last.body).get("api_key")
    assert in_place == (None if transport == "header" else KEY)
    assert last.headers.get("Authorization") == ("Bearer " + KEY if transport in ("both", "header") else None)
    if mode == "v1":
        assert sent[0].query.get("api_key") == (None if transport == "header" else KEY)


def test_no_key_is_no_obstacle(server):
    client = client_of(server, key=None)
    assert client.infer(CROWDED, model_id=DETECTION)["predictions"]
    assert [m.model_id for m in client.list_loaded_models().models]
