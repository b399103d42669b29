"""Pictures that come back (visualisation), pictures made smaller by the client, and folders of pictures."""
import base64
import io

import cv2
import numpy
import pytest
import scoring
from client_calls import CLASSIFICATION, DETECTION, MODES, SEGMENTATION, WAYS, call, client_of, recorded
from inference_sdk.http.entities import VisualisationResponseFormat as Format
from PIL import Image
from places import SHIPPED_SAMPLES

SAMPLES = scoring.load_samples(SHIPPED_SAMPLES)
CROWDED = SHIPPED_SAMPLES / "005.jpg"  # 500 x 375


def visual(mode, **options):
    """The configuration that brings a picture in either mode."""
    return {"format": "image_and_json", **options} if mode == "v0" else {"visualize_predictions": True, **options}


def as_array(value, form):
    if form is Format.BASE64:
        return cv2.imdecode(numpy.frombuffer(base64.b64decode(value), numpy.uint8), cv2.IMREAD_COLOR)
    if form is Format.NUMPY:
        assert isinstance(value, numpy.ndarray)
        return value
    assert isinstance(value, Image.Image)
    return numpy.asarray(value.convert("RGB"))[:, :, ::-1]


def changed(picture):
    """How many pixels of the picture are clearly not the original's."""
    return int((numpy.abs(picture.astype(int) - cv2.imread(str(CROWDED)).astype(int)).max(axis=2) > 60).sum())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("form", Format)
def test_the_picture_comes_in_the_form_that_is_wanted(server, form, mode, way):
    client = client_of(server, mode, **visual(mode, output_visualisation_format=form))
    answer = call(way, client, "infer", str(CROWDED), model_id=DETECTION)
    picture = as_array(answer["visualization"], form)
    assert picture.shape == (375, 500, 3)
    assert 500 < changed(picture) < 60000
    assert len(answer["predictions"]) >= 4


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", Format)
def test_a_bare_picture_of_the_older_route(server, form, way):
    client = client_of(server, "v0", format="image", output_visualisation_format=form)
    answer = call(way, client, "infer", str(CROWDED), model_id=DETECTION)
    assert list(answer) == ["visualization"]
    picture = as_array(answer["visualization"], form)
    assert picture.shape == (375, 500, 3) and changed(picture) > 500


@pytest.mark.parametrize("mode", MODES)
def test_labels_and_wider_strokes_show(server, mode):
    def drawn(**options):
        client = client_of(server, mode, **visual(mode, output_visualisation_format=Format.NUMPY, **options))
        return changed(client.infer(str(CROWDED), model_id=DETECTION)["visualization"])
    plain = drawn()
    assert drawn(stroke_width=6) > 2 * plain
    assert drawn(visualize_labels=True) > 1.2 * plain


@pytest.mark.parametrize("model", [SEGMENTATION, CLASSIFICATION])
@pytest.mark.parametrize("mode", MODES)
def test_other_tasks_are_drawn_too(server, mode, model):
    client = client_of(server, mode, **visual(mode, output_visualisation_format=Format.NUMPY,
                                              confidence_threshold=0.01))
    picture = client.infer(str(CROWDED), model_id=model)["visualization"]
    assert picture.shape == (375, 500, 3) and changed(picture) > 300


def test_each_picture_of_a_batch_is_drawn(server):
    client = client_of(server, max_batch_size=3, **visual("v1", output_visualisation_format=Format.NUMPY))
    answers = client.infer([str(sample.path) for sample in SAMPLES[:3]], model_id=DETECTION)
    assert [a["visualization"].shape[:2] for a in answers] == [(s.height, s.width) for s in SAMPLES[:3]]


# Made smaller by the client ------------------------------------------------------------------------------------------

def sent_size(request):
    body = request.body if isinstance(request.body, dict) else None
    text = body["image"]["value"] if body else request.body
    return Image.open(io.BytesIO(base64.b64decode(text))).size


@pytest.mark.parametrize("mode,size,expected", [("v1", None, (320, 240)), ("v0", None, (1024, 768)),
                                                ("v0", 512, (512, 384))])
def test_large_pictures_are_sent_smaller_and_answered_in_their_own_pixels(server, monkeypatch, mode, size, expected):
    large = cv2.resize(cv2.imread(str(SAMPLES[0].path)), None, fx=4, fy=4)  # 2560 x 1920, and so the cat
    options = {} if size is None else {"default_max_input_size": size}
    client = client_of(server, mode, client_downsizing_disabled=False, **options)
    with recorded(monkeypatch) as sent:
        answer = client.infer(large, model_id=DETECTION)
    assert sent_size(sent[-1]) == expected
    assert answer["image"] == {"width": 2560, "height": 1920}
    cat = SAMPLES[0].truth[0]
    box = answer["predictions"][0]
    assert box["class"] == "cat"
    assert abs(box["x"] - 2 * (cat.x1 + cat.x2)) < 60 and abs(box["y"] - 2 * (cat.y1 + cat.y2)) < 60


@pytest.mark.parametrize("mode", MODES)
def test_they_are_sent_whole_where_that_is_off(server, monkeypatch, mode):
    with recorded(monkeypatch) as sent:
        client_of(server, mode).infer(str(SAMPLES[0].path), model_id=DETECTION)
    assert sent_size(sent[-1]) == (640, 480)


def test_polygons_are_scaled_back_too(server):
    client = client_of(server, client_downsizing_disabled=False)
    answer = client.infer(str(CROWDED), model_id=SEGMENTATION)
    assert answer["image"] == {"width": 500, "height": 375}
    for prediction in answer["predictions"]:
        xs = [point["x"] for point in prediction["points"]]
        assert abs(sum((min(xs), max(xs))) / 2 - prediction["x"]) < 0.3 * prediction["width"] + 6


# Folders -------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("mode", MODES)
def test_a_folder_is_answered_picture_by_picture(server, mode):
    client = client_of(server, mode)
    seen = {}
    for path, frame, answer in client.infer_on_stream(str(SHIPPED_SAMPLES), model_id=DETECTION):
        assert answer["image"] == {"width": frame.shape[1], "height": frame.shape[0]}
        seen[str(path)] = answer
    ordered = sorted(SAMPLES, key=lambda sample: str(sample.path))
    assert sorted(seen) == [str(sample.path) for sample in ordered]
    assert scoring.f1(ordered, [seen[str(sample.path)] for sample in ordered]) >= 0.8


def test_of_a_folder_only_the_wanted_extensions_are_sent(server, tmp_path):
    for name in ("a.png", "b.jpg", "c.bmp"):
        Image.open(CROWDED).save(tmp_path / name)

    def names(**options):
        client = client_of(server, **options)
        client.select_model(DETECTION)
        return sorted(str(path)[-5:] for path, _, answer in client.infer_on_stream(str(tmp_path))
                      if len(answer["predictions"]) >= 4)
    assert names() == ["a.png", "b.jpg"]
    assert names(image_extensions_for_directory_scan=["bmp"]) == ["c.bmp"]


def test_a_film_is_answered_frame_by_frame(server, tmp_path):
    film = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter_fourcc(*"MJPG"), 5, (500, 375))
    for _ in range(3):
        writer.write(cv2.imread(str(CROWDED)))
    writer.release()
    frames = list(client_of(server).infer_on_stream(str(film), model_id=DETECTION))
    assert len(frames) == 3
    assert all(len(answer["predictions"]) >= 4 for _, _, answer in frames)
