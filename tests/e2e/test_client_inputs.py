"""Every kind of picture, through every way to call the stock client: synchronous or not, older route or newer."""
import base64

import cv2
import pytest
import scoring
from client_calls import (CLASSIFICATION, DETECTION, MODES, MULTILABEL, SEGMENTATION, WAYS, call, client_of, finds,
                          recorded, steady)
from PIL import Image
from picture_server import PictureServer
from places import SHIPPED_SAMPLES

SAMPLES = scoring.load_samples(SHIPPED_SAMPLES)
CAT = SAMPLES[0]  # one cat, 640 x 480


@pytest.fixture(scope="module")
def pictures():
    with PictureServer(SHIPPED_SAMPLES) as web:
        yield web


KINDS = {
    "file name": lambda path, web: str(path),
    "URL": lambda path, web: web.url(path.name),
    "base64": lambda path, web: base64.b64encode(path.read_bytes()).decode(),
    "PIL image": lambda path, web: Image.open(path).convert("RGB"),
    "NumPy array": lambda path, web: cv2.imread(str(path)),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_cat_is_found_where_it_is(server, pictures, kind, mode, way):
    answer = call(way, client_of(server, mode), "infer", KINDS[kind](CAT.path, pictures), model_id=DETECTION)
    assert answer["image"] == {"width": 640, "height": 480}
    assert [p["class"] for p in answer["predictions"]] == ["cat"]
    assert finds(answer, CAT.truth[0])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", MODES)
def test_a_list_of_every_kind_is_answered_in_its_order(server, pictures, mode, way):
    mixed = [make(sample.path, pictures) for make, sample in zip(KINDS.values(), SAMPLES)]
    answers = call(way, client_of(server, mode), "infer", mixed, model_id=DETECTION)
    assert [answer["image"] for answer in answers] == [{"width": s.width, "height": s.height} for s in SAMPLES[:5]]
    assert scoring.f1(SAMPLES[:5], answers) >= 0.8


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", MODES)
def test_a_list_of_one_is_unwrapped_by_the_client(server, mode, way):
    assert isinstance(call(way, client_of(server, mode), "infer", [str(CAT.path)], model_id=DETECTION), dict)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", MODES)
def test_every_task_is_answered_in_its_own_shape(server, mode, way):
    client = client_of(server, mode)
    apple = [s for s in SAMPLES if s.path.name == "005.jpg"][0]
    segmented = call(way, client, "infer", str(apple.path), model_id=SEGMENTATION)
    assert finds(segmented, next(box for box in apple.truth if box.name == "apple"))
    assert all(p["mask_format"] == "polygon" and len(p["points"]) > 4 for p in segmented["predictions"])

    left, top, right, bottom = (round(v) for v in (280, 154, 377, 252))
    cat = Image.open(CAT.path).convert("RGB").crop((left - 10, top - 10, right + 10, bottom + 10))
    named = call(way, client, "infer", cat, model_id=CLASSIFICATION)
    assert named["top"] == "cat" and named["confidence"] == named["predictions"][0]["confidence"] > 0.5
    labelled = call(way, client, "infer", cat, model_id=MULTILABEL)
    assert "cat" in labelled["predicted_classes"] and len(labelled["predictions"]) == 16


@pytest.mark.parametrize("way", WAYS)
def test_the_routes_by_name_answer_as_infer_does(server, way):
    client = client_of(server)
    wanted = steady(call(way, client, "infer", str(CAT.path), model_id=DETECTION))
    for method in ("infer_from_api_v0", "infer_from_api_v1"):
        assert steady(call(way, client, method, str(CAT.path), model_id=DETECTION)) == wanted
    for mode in (client.use_api_v0, client.use_api_v1):
        with mode() as other:
            assert steady(call(way, other, "infer", str(CAT.path), model_id=DETECTION)) == wanted
    assert client.client_mode.value == "v1"


def test_each_mode_calls_its_own_route(server, monkeypatch):
    client = client_of(server)
    client.load_model(DETECTION)
    with recorded(monkeypatch) as sent:
        client.infer(str(CAT.path), model_id=DETECTION)
        client.select_api_v0().infer(str(CAT.path), model_id=DETECTION)
    assert [(s.method, s.path) for s in sent] == [
        ("GET", "/model/registry"), ("POST", "/infer/object_detection"), ("POST", "/" + DETECTION)]


@pytest.mark.parametrize("batch,parallel,bodies", [(1, 1, [1] * 6), (4, 2, [4, 2]), (6, 1, [6]), (2, 3, [2, 2, 2])])
def test_batches_and_parallel_requests_keep_the_order(server, monkeypatch, batch, parallel, bodies):
    client = client_of(server, max_batch_size=batch, max_concurrent_requests=parallel)
    client.load_model(DETECTION)
    with recorded(monkeypatch) as sent:
        answers = client.infer([str(sample.path) for sample in SAMPLES], model_id=DETECTION)
    images = [s.body["image"] for s in sent if s.path.startswith("/infer")]
    assert sorted(len(i) if isinstance(i, list) else 1 for i in images) == sorted(bodies)
    assert [answer["image"] for answer in answers] == [{"width": s.width, "height": s.height} for s in SAMPLES]
    singles = [client_of(server).infer(str(sample.path), model_id=DETECTION) for sample in SAMPLES]
    assert steady(answers) == steady(singles)


def test_exif_is_seen_by_the_server(server, tmp_path):
    turned = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    Image.open(CAT.path).save(turned, exif=exif, quality=95)
    assert client_of(server).infer(str(turned), model_id=DETECTION)["image"] == {"width": 480, "height": 640}


@pytest.mark.parametrize("mode", MODES)
def test_a_grey_array_is_as_good_as_its_three_equal_channels(server, mode):
    client = client_of(server, mode, confidence_threshold=0.1)
    grey = cv2.imread(str(CAT.path), cv2.IMREAD_GRAYSCALE)
    one, three = (client.infer(array, model_id=DETECTION) for array in (grey, cv2.merge([grey] * 3)))
    assert one["image"] == three["image"] == {"width": 640, "height": 480}
    assert len(one["predictions"]) == len(three["predictions"]) > 0
