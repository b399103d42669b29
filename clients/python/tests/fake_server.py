"""A server in memory: what it was asked, and what it is told to answer."""

import json

import httpx

from osprey_client import InferenceHTTPClient

MODEL = "project/1"
FOUND = {"image": {"width": 8, "height": 6}, "predictions": [{"x": 4.0, "y": 3.0, "width": 2.0, "height": 2.0, "class": "a"}]}


class FakeServer:
    """Knows one model. `answers`: what to answer first, before the usual: responses, or errors to raise, by path."""

    def __init__(self, task="object-detection", size=(None, None), loaded=True, answers=None):
        self.requests = []
        self.answers = answers or {}
        self._loaded = loaded
        self._entry = {"model_id": MODEL, "task_type": task, "input_height": size[0], "input_width": size[1], "extra": 1}

    def client(self, api_key="key", **options):
        transport = httpx.MockTransport(self._answer)
        return InferenceHTTPClient("http://server", api_key, transport=transport, async_transport=transport, **options)

    @property
    def paths(self):
        return [request.url.path for request in self.requests]

    def bodies(self, beginning="/infer"):
        """What the JSON bodies to such paths said."""
        return [json.loads(r.content) for r in self.requests if r.url.path.startswith(beginning)]

    def _answer(self, request):
        self.requests.append(request)
        path = request.url.path
        waiting = self.answers.get(path)
        if waiting:
            answer = waiting.pop(0)
            if isinstance(answer, Exception):
                raise answer
            # A copy: a response can be read by one client only.
            return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
        if path == "/info":
            return httpx.Response(200, json={"name": "n", "version": "v", "uuid": "u"})
        if path == "/model/clear" or path == "/model/remove":
            self._loaded = False
        if path == "/model/add":
            self._loaded = self._loaded or json.loads(request.content)["model_id"] == MODEL
        if path.startswith("/model/"):
            return httpx.Response(200, json={"models": [self._entry] if self._loaded else []})
        if path.startswith("/infer/"):
            images = json.loads(request.content)["image"]
            found = [{**FOUND, "number": i} for i, _ in enumerate(images if isinstance(images, list) else [images])]
            return httpx.Response(200, json=found if isinstance(images, list) else found[0])
        if path == "/picture.jpg":
            return httpx.Response(200, content=b"picture")
        return httpx.Response(200, json=FOUND) if path == "/" + MODEL else httpx.Response(404, json={"detail": "Not Found"})
