"""decode_scale=auto: large JPEGs are decoded smaller, and what is answered is still in the picture's own pixels."""
import io

import requests
from PIL import Image

from places import SHIPPED_SAMPLES

ENLARGED = 8


def ask(server, picture, route="emoji-detection/1"):
    answer = requests.post(f"{server.url}/{route}", files={"file": picture}, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer


def large_picture():
    with Image.open(SHIPPED_SAMPLES / "003.jpg") as image:
        large = image.convert("RGB").resize((image.width * ENLARGED, image.height * ENLARGED), Image.Resampling.BICUBIC)
    encoded = io.BytesIO()
    large.save(encoded, "JPEG", quality=90)
    return large.size, encoded.getvalue()


def test_answers_are_those_of_the_whole_picture(start_server):
    size, picture = large_picture()
    with start_server() as server:
        whole = ask(server, picture).json()
    with start_server(environment={"OSPREY_DECODE_SCALE": "auto"}) as server:
        reduced = ask(server, picture).json()
        drawn = ask(server, picture, "emoji-detection/1?format=image")
    assert (reduced["image"]["width"], reduced["image"]["height"]) == size
    assert len(whole["predictions"]) == len(reduced["predictions"]) > 0
    key = lambda found: (found["class"], found["x"])  # noqa: E731
    for one, other in zip(sorted(whole["predictions"], key=key), sorted(reduced["predictions"], key=key)):
        assert one["class"] == other["class"]
        for side in ("x", "y", "width", "height"):
            assert abs(one[side] - other[side]) < 0.03 * max(size), side
    confidences = [[found["confidence"] for found in answer["predictions"]] for answer in (whole, reduced)]
    assert confidences[0] != confidences[1], "other pixels: it was decoded smaller"
    assert Image.open(io.BytesIO(drawn.content)).size == size
