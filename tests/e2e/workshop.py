"""A person with an ONNX file and no account, and what the command says to them."""
import base64
import subprocess

import requests

from places import MODELS
from server_process import clean_environment

DETECTOR = MODELS / "emoji-detection/1"
DESCRIBED = ("--task", "object-detection", "--family", "yolov8")


def varint(data, at):
    value, shift = 0, 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 0x80:
            return value, at


def without_metadata(data):
    """An ONNX file without what it says of itself: field 14 (metadata_props) of its outermost message is left out."""
    kept, at = bytearray(), 0
    while at < len(data):
        begin = at
        tag, at = varint(data, at)
        assert tag & 7 in (0, 2)
        size, at = varint(data, at)
        at += size if tag & 7 == 2 else 0
        if tag >> 3 != 14:
            kept += data[begin:at]
    return bytes(kept)


class Workshop:
    """A folder with somebody's ONNX file in it, without the package that it came from and without metadata."""

    def __init__(self, binary, folder):
        self.binary, self.folder, self.models = binary, folder, folder / "models"
        self.weights = folder / "mine.onnx"
        self.weights.write_bytes(without_metadata((DETECTOR / "weights.onnx").read_bytes()))
        self.classes = folder / "classes.txt"
        self.classes.write_bytes((DETECTOR / "class_names.txt").read_bytes())

    def environment(self):
        return clean_environment({"MODEL_CACHE_DIR": str(self.folder / "cache"), "OSPREY_MODELS": str(self.models)})

    def run(self, *arguments, **options):
        return subprocess.run([str(self.binary), "model", *map(str, arguments)], cwd=self.folder, text=True,
                              env=self.environment(), capture_output=True, stdin=subprocess.DEVNULL, timeout=120,
                              check=False, **options)

    def add(self, *arguments, weights=None):
        return self.run("add", weights or self.weights, *arguments)

    def entries(self):
        return sorted(str(path.relative_to(self.models)) for path in self.models.rglob("*"))


def check_refusal(result, *wanted, exit_code=1):
    assert result.returncode == exit_code, result
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    for word in wanted:
        assert str(word) in lines[0], lines[0]


def infer(server, picture, model, route="object_detection", **fields):
    image = {"type": "base64", "value": base64.b64encode(picture).decode()}
    return requests.post(f"{server.url}/infer/{route}", json={"model_id": model, "image": image, **fields}, timeout=120)


def classes_of(answer):
    assert answer.status_code == 200, answer.text
    return sorted(found["class"] for found in answer.json()["predictions"])
