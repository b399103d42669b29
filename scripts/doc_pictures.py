#!/usr/bin/env python3
"""Takes the pictures of README.md anew: of the page, and what the server draws. Run it after a change of either.

    .venv-test/bin/python scripts/doc_pictures.py [--binary build/release/bin/inference]

It starts a server of its own with the demo models, and drives a headless Chromium.
"""
import argparse
import base64
import pathlib
import sys
import tempfile
import threading

import requests

ROOT = pathlib.Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs/images"
MOST_BYTES = 150_000
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/e2e/page")]

from browser import Browser, find_chromium  # noqa: E402
from demo_page import PREDICTED, choose_model  # noqa: E402
from places import MODELS  # noqa: E402
from server_process import ServerProcess  # noqa: E402

SAMPLES = ROOT / "tests/data/samples"


def save(name, data):
    assert len(data) <= MOST_BYTES, f"{name} has {len(data)} bytes, more than {MOST_BYTES}"
    (PICTURES / name).write_bytes(data)
    print(f"docs/images/{name}: {len(data)} bytes")


def screenshot(page, name, height):
    clip = {"x": 0, "y": 0, "width": page.run("document.documentElement.clientWidth"), "height": height, "scale": 1}
    taken = page.call("Page.captureScreenshot", format="webp", quality=90, clip=clip, captureBeyondViewport=True)
    save(name, base64.b64decode(taken["data"]))


def drawn(url, sample, model, **query):
    answer = requests.post(f"{url}/{model}", files={"file": (SAMPLES / sample).read_bytes()}, timeout=60,
                           params={"format": "image", "labels": "true", "stroke": 2, **query})
    answer.raise_for_status()
    return answer.content


def the_demo(browser, url):
    with browser.open(width=1200, height=900) as page:
        page.go(url + "/")
        page.until(PREDICTED)
        choose_model(page, "emoji-segmentation/1")
        for sample in (3, 2):  # the second is asked of a model that is loaded
            button = f"document.querySelector('#samples button:nth-child({sample})')"
            page.run(f"{button}.click()")
            page.until(f"{button}.getAttribute('aria-pressed') === 'true'")
            page.until(PREDICTED)
        page.click("#tab-python")
        page.run("scrollTo(0, 0)")
        page.point(1, 1)
        screenshot(page, "page.webp", 900)


def the_metrics(browser, url):
    """With some traffic, so that the charts have something to show."""
    image = {"type": "base64", "value": base64.b64encode((SAMPLES / "003.jpg").read_bytes()).decode()}
    over = threading.Event()

    def load():
        count = 0
        while not over.wait(0.03 * (1 + count // 30 % 3)):
            count += 1
            path, model = (("instance_segmentation", "emoji-segmentation/1"), ("object_detection", "emoji-detection/1"),
                           ("classification", "emoji-classification/1"))[count % 3]
            requests.post(f"{url}/infer/{path}", json={"model_id": model, "image": image}, timeout=60)
    thread = threading.Thread(target=load)
    thread.start()
    try:
        with browser.open(width=1200, height=900, dark=True) as page:
            page.go(url + "/#metrics")
            page.until("(document.querySelector('.chart .line')?.getAttribute('d') ?? '').split('L').length > 14", seconds=90)
            screenshot(page, "metrics.webp", 900)
    finally:
        over.set()
        thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/bin/inference")
    arguments = parser.parse_args()
    program = find_chromium()
    assert program, "no Chromium here: scripts/setup.sh test installs it"
    with tempfile.TemporaryDirectory() as folder, ServerProcess(arguments.binary, MODELS, pathlib.Path(folder)) as server:
        save("detection.jpg", drawn(server.url, "003.jpg", "emoji-detection/1"))
        save("segmentation.jpg", drawn(server.url, "003.jpg", "emoji-segmentation/1"))
        with Browser(program) as browser:
            the_demo(browser, server.url)
            the_metrics(browser, server.url)


if __name__ == "__main__":
    main()
