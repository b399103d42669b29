"""The demo as people use it: pictures in, predictions drawn and listed, sliders, models, code to copy."""
import json
import subprocess
import sys

import pytest

from demo_page import PREDICTED, choose_model, listed, set_slider, shapes


def test_a_visitor_sees_a_sample_that_is_predicted(predicted):
    assert shapes(predicted) == len(listed(predicted)) > 3
    assert "ready" in predicted.run("document.getElementById('status').textContent")
    assert predicted.run("document.getElementById('summary').textContent").startswith(f"{len(listed(predicted))} objects")
    assert " ms" in predicted.run("document.getElementById('time').textContent")
    assert predicted.problems == []


def test_boxes_are_drawn_where_the_server_found_them(predicted):
    answer = json.loads(predicted.run("document.getElementById('code').textContent"))
    best = max(answer["predictions"], key=lambda one: one["confidence"])
    x, y, width, height = predicted.run(
        "(() => { const picture = document.getElementById('picture').getBoundingClientRect();"
        " const id = document.querySelector('#list [data-item]').dataset.item;"
        " const box = document.querySelector(`#shapes [data-item='${id}'] .edge`).getBoundingClientRect();"
        f" const scale = {answer['image']['width']} / picture.width;"
        " return [(box.x - picture.x) * scale, (box.y - picture.y) * scale, box.width * scale, box.height * scale]; })()")
    for drawn, said in ((x + width / 2, best["x"]), (y + height / 2, best["y"]), (width, best["width"]), (height, best["height"])):
        assert drawn == pytest.approx(said, abs=4)


@pytest.mark.parametrize("way", ["drop", "choose", "paste"])
def test_a_picture_of_ones_own_comes_in(predicted, scene, way):
    before = listed(predicted)
    if way == "drop":
        predicted.drop(scene)
    elif way == "choose":
        predicted.choose_file("#file", scene)
    else:
        predicted.run("fetch('static/page/samples/astronaut.jpg').then((r) => r.blob()).then((blob) => {"
                      " const data = new DataTransfer(); data.items.add(new File([blob], '003.jpg', {type: 'image/jpeg'}));"
                      " document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data})); })")
    predicted.until("document.getElementById('image').alt.includes('003.jpg')")
    predicted.until(PREDICTED)
    assert listed(predicted) != before
    assert {name for name, _ in listed(predicted)} >= {"dog", "apple"}
    assert shapes(predicted) == len(listed(predicted))


def test_the_camera_gives_a_picture(predicted):
    predicted.click("#camera")
    predicted.until("!document.getElementById('shoot').disabled")
    predicted.click("#shoot")
    predicted.until("document.getElementById('image').alt.includes('camera.jpg')")
    assert predicted.run("document.getElementById('video').srcObject") is None, "the camera is let go"


def test_the_confidence_slider_reduces_what_is_shown_at_once_and_asks_when_it_rests(predicted):
    before = listed(predicted)
    asked = "performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/infer/object_detection')).length"
    assert predicted.run(asked) == 1
    set_slider(predicted, "confidence", 0.85)
    after = listed(predicted)
    assert 0 < len(after) < len(before) and shapes(predicted) == len(after)
    assert all(int(share.split()[0]) >= 85 for _, share in after)
    predicted.until(f"{asked} === 2")
    set_slider(predicted, "confidence", 1)
    predicted.until("document.getElementById('summary').textContent.includes('Nothing found')")


def test_the_overlap_slider_asks_the_server_anew(predicted):
    set_slider(predicted, "overlap", 0.75)
    predicted.click("#tab-curl")
    assert '"iou_threshold": 0.75' in predicted.run("document.getElementById('code').textContent")
    predicted.until(PREDICTED)


def test_other_models_are_drawn_as_their_task_wants(predicted):
    choose_model(predicted, "emoji-segmentation/1")
    predicted.until(PREDICTED)
    assert predicted.run("document.querySelectorAll('#shapes path.area').length") == len(listed(predicted)) > 0
    choose_model(predicted, "emoji-classification/1")
    predicted.until(PREDICTED)
    assert shapes(predicted) == 0 and predicted.run("document.querySelectorAll('#tags .bars .row').length") > 0
    assert predicted.run("document.getElementById('overlap-row').hidden")
    choose_model(predicted, "emoji-multilabel/1")
    predicted.until(PREDICTED)
    assert predicted.problems == []


def test_pointing_at_a_prediction_brings_it_out_in_both_places(predicted):
    lit = "[...document.querySelectorAll('.lit')].map((one) => one.closest('#list') ? 'list' : one.closest('#shapes') ? 'shape' : 'tag').sort().join()"
    predicted.run("document.querySelector('#list button').focus()")
    assert predicted.run(lit) == "list,shape,tag"
    predicted.run("document.activeElement.blur()")
    assert predicted.run(lit) == ""
    x, y = predicted.run("(() => { const r = document.querySelector('#shapes .edge').getBoundingClientRect(); return [r.x + 4, r.y + 4]; })()")
    predicted.point(x, y)
    predicted.until(f"{lit} === 'list,shape,tag'")


def test_the_keyboard_is_enough(visit):
    page = visit()
    focused = "document.activeElement.id || document.activeElement.dataset.view || document.activeElement.className"
    seen = []
    for _ in range(40):
        page.press("Tab")
        seen.append(page.run(focused))
        if seen[-1] == "tab-json":
            break
    assert {"skip", "demo", "models", "theme", "file", "camera", "model", "confidence", "overlap", "tab-json"} <= set(seen), seen
    page.press("ArrowRight", "ArrowRight")
    assert page.run(focused) == "tab-python" and "InferenceHTTPClient" in page.run("document.getElementById('code').textContent")
    page.press("Home")
    assert page.run(focused) == "tab-json" and '"predictions"' in page.run("document.getElementById('code').textContent")
    page.press("End")
    assert page.run(focused) == "tab-cpp" and "osprey/client.hpp" in page.run("document.getElementById('code').textContent")
    page.run("document.getElementById('confidence').focus()")
    page.press("End")
    page.until("document.getElementById('confidence-value').textContent === '100 %'")
    page.run("document.getElementById('samples').querySelector('button:nth-child(2)').focus()")
    page.press("Enter")
    page.until("document.getElementById('image').alt.includes('astronaut')")


def code(page, tab):
    page.click(f"#tab-{tab}")
    return page.run("document.getElementById('code').textContent")


def test_what_is_shown_can_be_copied_and_works(predicted, scene, tmp_path):
    predicted.drop(scene)
    predicted.until("document.getElementById('image').alt.includes('003.jpg')")
    predicted.until(PREDICTED)
    names = [one["class"] for one in json.loads(code(predicted, "json"))["predictions"]]
    (tmp_path / "003.jpg").write_bytes(scene.read_bytes())

    curl = subprocess.run(["bash", "-c", code(predicted, "curl")], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert [one["class"] for one in json.loads(curl.stdout)["predictions"]] == names
    python = subprocess.run([sys.executable, "-c", code(predicted, "python")], cwd=tmp_path, capture_output=True, text=True,
                            timeout=120, check=True)
    assert all(name in python.stdout for name in names)

    predicted.run("navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }, 0")
    predicted.click("#copy")
    predicted.until("document.getElementById('copy').textContent === 'Copied'")
    assert predicted.run("window.copied") == code(predicted, "python")
