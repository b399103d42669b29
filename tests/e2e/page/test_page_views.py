"""The views of models and metrics, and what the page says when something is not as it should be."""
import base64

import numpy
import pytest
import requests

from demo_page import PREDICTED, listed, shapes

SOUND = {"state": "sound", "live": True, "family": "yolov8", "input": {"width": 64, "height": 48}}


def catalog(*models):
    return {"/model/catalog": {"body": {"models": [{**SOUND, **model} for model in models]}}}


def problem(page):
    return page.until("document.getElementById('problem').hidden ? '' : document.getElementById('problem').innerText")


def test_the_models_are_told_with_what_they_take(visit, server):
    page = visit("#models", ready=False)
    page.until("document.querySelectorAll('.card').length === 4")
    card = page.run("[...document.querySelectorAll('.card')].find((one) => one.innerText.includes('emoji-detection/1')).innerText")
    for text in ("Object detection", "320 × 320", "yolov8", "POST /infer/object_detection", "apple", "bicycle"):
        assert text in card
    page.run("[...document.querySelectorAll('.card')].find((one) => one.innerText.includes('emoji-segmentation/1')).querySelector('button').click()")
    page.until("location.hash === '#demo' && document.getElementById('model').value === 'emoji-segmentation/1'")


def test_a_long_list_of_classes_is_opened_on_demand(visit):
    names = [f"class {number}" for number in range(1000)]
    page = visit("#models", ready=False, fakes=catalog({"model_id": "many/1", "task": "classification", "classes": names}))
    page.until("document.querySelectorAll('.chip').length === 12")
    page.run("document.querySelector('.card summary').click()")
    page.until("document.querySelectorAll('.chip').length === 1000")


def test_a_broken_model_is_told_with_the_reason_and_cannot_be_chosen(visit):
    broken = {"model_id": "bad/1", "state": "broken", "error": "weights.onnx: not an ONNX file"}
    page = visit("#models", ready=False, fakes=catalog(broken))
    page.until("document.querySelector('.card')?.innerText.includes('not an ONNX file')")
    assert "bad/1" not in page.run("document.getElementById('model').innerText")


def test_names_are_text_whatever_they_are(visit):
    name = "<img src=x onerror=alert(1)>"
    answer = {"time": 0.01, "image": {"width": 640, "height": 480}, "predictions": [
        {"x": 100, "y": 100, "width": 50, "height": 50, "confidence": 0.9, "class": name, "class_id": 0}]}
    page = visit(fakes={**catalog({"model_id": name, "task": "object-detection", "classes": [name]}),
                        "/infer/object_detection": {"body": answer}})
    assert listed(page)[0][0] == name
    assert page.run("document.querySelectorAll('img[src=x]').length") == 0 and page.problems == []


def test_keypoints_are_drawn_with_the_lines_of_a_person(visit):
    names = ("left_shoulder", "right_shoulder", "left_elbow", "tail")
    points = [{"x": 50 + 40 * at, "y": 60 + 20 * at, "confidence": 0.9, "class_id": at, "class": name}
              for at, name in enumerate(names)]
    answer = {"time": 0.01, "image": {"width": 640, "height": 480}, "predictions": [
        {"x": 120, "y": 100, "width": 200, "height": 150, "confidence": 0.9, "class": "person", "class_id": 0, "keypoints": points}]}
    page = visit(fakes={**catalog({"model_id": "people/1", "task": "keypoint-detection", "classes": ["person"]}),
                        "/infer/keypoints_detection": {"body": answer}})
    assert page.run("document.querySelectorAll('#shapes .joint:not(.casing)').length") == 4
    assert page.run("document.querySelectorAll('#shapes .bone').length") == 2


def test_a_semantic_map_is_painted_and_its_shares_are_told(visit):
    cv2 = pytest.importorskip("cv2")
    grey = numpy.zeros((48, 64), numpy.uint8)
    grey[:, 48:] = 2
    png = base64.b64encode(cv2.imencode(".png", grey)[1]).decode()
    answer = {"time": 0.01, "image": {"width": 64, "height": 48}, "predictions": {
        "segmentation_mask": png, "class_map": {"0": "background", "2": "road"}, "present_class_ids": [0, 2]}}
    page = visit(fakes={**catalog({"model_id": "street/1", "task": "semantic-segmentation", "classes": ["background", "car", "road"],
                                   "colors": {"road": "#FF8000"}}), "/infer/semantic_segmentation": {"body": answer}})
    page.until("document.querySelector('#list .value').textContent === '25 %'")
    left, right = page.run("[8, 60].map((x) => [...document.getElementById('pixels').getContext('2d').getImageData(x, 20, 1, 1).data])")
    assert left[3] == 0 and right[0] > 250 and 120 < right[1] < 135 and right[3] > 100


def test_a_file_that_is_no_picture_is_told_so(visit, tmp_path):
    page = visit()
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture")
    page.drop(notes)
    assert "notes.txt" in problem(page) and "no image" in problem(page)
    assert shapes(page) > 0, "what was there stays"


def test_a_server_without_room_says_when_to_try_again(visit):
    page = visit(ready=False, fakes={"/infer/object_detection": {"status": 503, "body": {"message": "full"}, "headers": {"Retry-After": "3"}}})
    assert "Try again in 3 s" in problem(page)
    page.unfake()
    page.click("#problem button")
    page.until(PREDICTED)
    assert page.run("document.getElementById('problem').hidden")


def test_a_model_that_cannot_be_loaded_is_told_with_the_reason(visit):
    page = visit(ready=False, fakes={"/infer/object_detection": {"status": 500, "body": {"message": "Model loading failed: no such file"}}})
    assert "Model loading failed: no such file" in problem(page)


def test_without_models_it_says_what_to_do_and_takes_a_name(visit):
    page = visit(ready=False, fakes=catalog())
    page.until("document.getElementById('empty').innerText.includes('No model yet')")
    page.unfake()
    page.run("document.getElementById('other-id').value = 'emoji-detection/1'")
    page.click("#other button")
    page.until(PREDICTED)


def test_a_server_with_keys_is_asked_with_the_key_that_is_given(visit, start_server):
    with start_server(environment={"OSPREY_SERVER_KEYS": "secret"}) as closed:
        page = visit(url=closed.url, ready=False)
        page.until("!document.getElementById('key-form').hidden")
        page.run("document.getElementById('key').value = 'secret'")
        page.click("#key-form button")
        page.until(PREDICTED)
        assert page.run("document.getElementById('key-form').hidden")
        page.click("#tab-curl")
        assert "secret" not in page.text() and "$OSPREY_API_KEY" in page.text()


def test_the_metrics_follow_what_the_server_does(visit, server, picture):
    page = visit("#metrics", ready=False)
    page.until("document.querySelectorAll('.chart').length === 7")
    body = {"model_id": "emoji-detection/1", "image": {"type": "base64", "value": base64.b64encode(picture).decode()}}
    for _ in range(10):
        assert requests.post(server.url + "/infer/object_detection", json=body, timeout=60).status_code == 200
    label = "document.querySelector('.chart:nth-child({}) svg').getAttribute('aria-label')"
    page.until(f"/answered (?!0 )/.test({label.format(1)})")
    page.until("[...document.querySelectorAll('.chart .line.series-0')].every((line) => line.getAttribute('d'))")
    assert "MiB" in page.run(label.format(6)) and "live" in page.run(label.format(5))
    assert "emoji-detection/1" in page.run("document.getElementById('loads').innerText")
    assert "network" in page.run("document.getElementById('stages').innerText")
    page.run("location.hash = 'demo'")
    page.until("!document.getElementById('view-demo').hidden")
    asked = len(page.requests)
    page.run("new Promise((resolve) => setTimeout(resolve, 3000))")
    assert not any(url.endswith("/metrics") for url in page.requests[asked:]), "it asks only while it is seen"
