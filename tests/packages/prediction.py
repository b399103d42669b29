"""Asks a server for a prediction of which the answer is known."""
import base64
import json
import pathlib
import urllib.request

from bare_root import say

SAMPLE = pathlib.Path(__file__).resolve().parent.parent / "data/samples/003.jpg"


def check_prediction(port, what):
    """The demo detector finds the seven things in the sample; with both engines' libraries at hand."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/emoji-detection/1?confidence=40",
                                     base64.b64encode(SAMPLE.read_bytes()))
    with urllib.request.urlopen(request, timeout=60) as response:
        answer = json.load(response)
    found = sorted(each["class"] for each in answer["predictions"])
    wanted = ["apple", "banana", "bicycle", "cat", "cherries", "dog", "watermelon"]
    assert found == wanted, f"{what}: predicted {found}, not {wanted}"
    say(f"  {what}: {len(found)} predictions, as they should be")
