"""The stock client, called in its two ways and two modes, and what it put on the wire."""
import asyncio
import contextlib
import dataclasses
import json
import urllib.parse

import requests
from inference_sdk import InferenceConfiguration, InferenceHTTPClient

KEY = "the-key"
DETECTION, SEGMENTATION = "emoji-detection/1", "emoji-segmentation/1"
CLASSIFICATION, MULTILABEL = "emoji-classification/1", "emoji-multilabel/1"
MODES = ("v0", "v1")
WAYS = ("sync", "async")


def client_of(server, mode="v1", key=KEY, **options):
    client = InferenceHTTPClient(api_url=server.url, api_key=key)
    client.select_api_v0() if mode == "v0" else client.select_api_v1()
    return client.configure(InferenceConfiguration(**options))


def call(way, client, method, *arguments, **named):
    """client.method(...), or the same through its asynchronous twin."""
    if way == "sync":
        return getattr(client, method)(*arguments, **named)
    return asyncio.run(getattr(client, method + "_async")(*arguments, **named))


@dataclasses.dataclass(frozen=True)
class Sent:
    """A request as it went out."""
    method: str
    path: str
    query: dict
    headers: dict
    body: object  # of JSON, what it says; else the bytes


def as_sent(request):
    url = urllib.parse.urlsplit(request.url)
    query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
    body = request.body
    with contextlib.suppress(ValueError, TypeError):
        body = json.loads(body)
    return Sent(request.method, url.path, query, dict(request.headers), body)


@contextlib.contextmanager
def recorded(monkeypatch):
    """The requests that the synchronous client sends meanwhile."""
    sent = []
    plain = requests.adapters.HTTPAdapter.send

    def send(self, request, *arguments, **named):
        sent.append(as_sent(request))
        return plain(self, request, *arguments, **named)
    with monkeypatch.context() as patch:
        patch.setattr(requests.adapters.HTTPAdapter, "send", send)
        yield sent


def steady(answer):
    """An answer without what is new each time."""
    if isinstance(answer, dict):
        return {key: steady(value) for key, value in answer.items()
                if key not in ("time", "inference_id", "detection_id")}
    if isinstance(answer, list):
        return [steady(value) for value in answer]
    return answer


def corners(prediction):
    x, y, w, h = (prediction[key] for key in ("x", "y", "width", "height"))
    return x - w / 2, y - h / 2, x + w / 2, y + h / 2


def finds(answer, box, iou=0.5):
    """Whether a prediction of the box's class lies on it (a scoring.Box)."""
    import scoring
    return any(p["class"] == box.name and scoring.iou(scoring.Box(box.name, *corners(p)), box) >= iou
               for p in answer["predictions"])
