"""What holds for every model without a recording: a list answers as its pictures do one by one, a PNG and its pickled pixels
are the same picture, and a picture of twice the size has boxes of twice the size.

Run over the demo models, and over one package per family where they are beside the checkout (../shared).
"""
import base64
import io
import json
import pickle

import numpy
import pytest
import requests
from PIL import Image
from places import MODELS, SHARED, SHIPPED_SAMPLES
from server_process import ServerProcess

ROUTES = {"object-detection": "object_detection", "instance-segmentation": "instance_segmentation",
          "classification": "classification", "multi-label-classification": "classification",
          "keypoint-detection": "keypoints_detection", "semantic-segmentation": "semantic_segmentation"}
SHARED_PACKAGES = SHARED / "models/packages"


def packages():
    """(models folder, id, task) of every package that can be served."""
    found = []
    for folder in (MODELS, SHARED_PACKAGES):
        for description in sorted(folder.glob("*/1/package.json")):
            package = description.parent
            wanted = folder == MODELS or package.parent.name.startswith("fam-")
            if wanted and (package / "weights.onnx").stat().st_size > 1000:
                found.append((folder, f"{package.parent.name}/1", json.loads(description.read_text())["taskType"]))
    return found


@pytest.fixture(scope="module")
def servers(binary, tmp_path_factory):
    running = {}
    for folder in {folder for folder, _, _ in packages()}:
        server = ServerProcess(binary, folder, tmp_path_factory.mktemp("invariants"), ["--max-active-models", "40"])
        running[folder] = server.__enter__()
    yield running
    for server in running.values():
        server.__exit__(None, None, None)


@pytest.fixture(params=packages(), ids=lambda package: package[1])
def ask(request, servers):
    """ask(image or list of images, options...): the answer of one package."""
    folder, model, task = request.param

    def ask(image, **options):
        response = requests.post(f"{servers[folder].url}/infer/{ROUTES[task]}",
                                 json={"model_id": model, "image": image, **options}, timeout=120)
        assert response.status_code == 200, response.text
        return response.json()
    ask.task = task
    return ask


def pictures():
    return [Image.open(SHIPPED_SAMPLES / name).convert("RGB") for name in ("000.jpg", "001.jpg", "005.jpg")]


def as_png(picture):
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return {"type": "base64", "value": base64.b64encode(buffer.getvalue()).decode()}


def as_pickle(picture):
    pixels = numpy.ascontiguousarray(numpy.asarray(picture)[:, :, ::-1])
    return {"type": "numpy", "value": base64.b64encode(pickle.dumps(pixels)).decode()}


def essence(answer):
    """The answer without what is new in each: ids and times."""
    if isinstance(answer, dict):
        return {key: essence(value) for key, value in answer.items()
                if key not in ("time", "inference_id", "detection_id")}
    if isinstance(answer, list):
        return [essence(value) for value in answer]
    return answer


def test_a_list_answers_as_its_pictures_do(ask):
    images = [as_png(picture) for picture in pictures()]
    assert essence(ask(images)) == [essence(ask(image)) for image in images]


def test_a_png_and_its_pickle_are_the_same_picture(ask):
    for picture in pictures():
        assert essence(ask(as_pickle(picture))) == essence(ask(as_png(picture)))


def test_a_picture_of_twice_the_size_has_boxes_of_twice_the_size(ask):
    if ask.task not in ("object-detection", "instance-segmentation", "keypoint-detection"):
        pytest.skip("no boxes")
    picture = pictures()[0]
    large = picture.resize((picture.width * 2, picture.height * 2), Image.Resampling.NEAREST)
    sure = {"confidence": 0.6}  # far from the threshold, so that resampling makes none come or go
    small, twice = (ask(as_png(image), **sure)["predictions"] for image in (picture, large))
    assert sorted(p["class"] for p in small) == sorted(p["class"] for p in twice)
    for expected in small:
        near = min((p for p in twice if p["class"] == expected["class"]),
                   key=lambda p: abs(p["x"] - 2 * expected["x"]) + abs(p["y"] - 2 * expected["y"]))
        for key in ("x", "y", "width", "height"):
            assert abs(near[key] - 2 * expected[key]) <= 6, (expected, near)
