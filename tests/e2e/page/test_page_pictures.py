"""Screenshots for people to look at, left in build/screenshots; each is only taken once what it shows is there."""
import base64
import threading

import pytest
import requests

from demo_page import PREDICTED, choose_model, listed

PHONE = {"width": 390, "height": 844, "phone": True}


@pytest.mark.parametrize("name, look", [("desktop-light", {}), ("desktop-dark", {"dark": True}), ("phone-light", PHONE),
                                        ("phone-dark", {**PHONE, "dark": True})])
def test_a_detection(visit, pictures_of_the_page, name, look):
    page = visit(**look)
    assert listed(page)
    page.screenshot(pictures_of_the_page / f"detection-{name}.png")


@pytest.mark.parametrize("name, model, sample, look", [
    ("segmentation", "emoji-segmentation/1", 2, {}), ("segmentation-dark", "emoji-segmentation/1", 2, {"dark": True}),
    ("classification", "emoji-classification/1", 4, {}), ("multilabel-phone", "emoji-multilabel/1", 2, PHONE)])
def test_other_tasks(visit, pictures_of_the_page, name, model, sample, look):
    page = visit(**look)
    choose_model(page, model)
    page.run(f"document.querySelector('#samples button:nth-child({sample})').click()")
    page.until(f"document.querySelector('#samples button:nth-child({sample})').getAttribute('aria-pressed') === 'true'")
    page.until(PREDICTED)
    page.click("#tab-curl" if look else "#tab-python")
    page.point(1, 1)
    page.screenshot(pictures_of_the_page / f"{name}.png")


@pytest.mark.parametrize("name, look", [("models-light", {}), ("models-phone-dark", {**PHONE, "dark": True})])
def test_the_models(visit, pictures_of_the_page, name, look):
    page = visit("#models", ready=False, **look)
    page.until("document.querySelectorAll('.card').length === 4")
    page.screenshot(pictures_of_the_page / f"{name}.png")


def test_the_metrics_under_load(visit, server, picture, pictures_of_the_page):
    image = {"type": "base64", "value": base64.b64encode(picture).decode()}
    over = threading.Event()

    def load():
        count = 0
        while not over.is_set():
            count += 1
            path, model = (("instance_segmentation", "emoji-segmentation/1") if count % 4 == 0 else
                           ("object_detection", "emoji-detection/1" if count % 17 else "none/1"))
            requests.post(f"{server.url}/infer/{path}", json={"model_id": model, "image": image}, timeout=60)
            over.wait(0.02 * (count // 40 % 5))
    thread = threading.Thread(target=load, daemon=True)
    thread.start()
    try:
        wide, narrow = visit("#metrics", ready=False, dark=True), visit("#metrics", ready=False, **PHONE)
        points = "(document.querySelector('.chart .line')?.getAttribute('d') ?? '').split('L').length > {}"
        wide.until(points.format(7), seconds=60)
        narrow.until(points.format(5), seconds=60)
        wide.screenshot(pictures_of_the_page / "metrics-dark.png")
        narrow.screenshot(pictures_of_the_page / "metrics-phone.png")
    finally:
        over.set()
        thread.join(60)
