"""Clients that ask again as soon as they have their answer, and write down every one that was not right."""
import base64
import dataclasses
import http.client
import itertools
import json
import threading
import time

CLIENT_SECONDS = 150  # past the balancer's own limit: whoever waits longer is lost

TASKS = {"emoji-detection/1": "object_detection", "emoji-segmentation/1": "instance_segmentation",
         "emoji-classification/1": "classification", "emoji-multilabel/1": "classification"}


@dataclasses.dataclass(frozen=True)
class Request:
    model: str
    method: str
    path: str
    body: bytes
    headers: dict

    def form(self):
        return self.path.split("/")[1]


def native(model, picture):
    value = base64.b64encode(picture).decode()
    body = json.dumps({"model_id": model, "image": {"type": "base64", "value": value}}).encode()
    return Request(model, "POST", f"/infer/{TASKS[model]}", body, {"Content-Type": "application/json"})


def older(model, picture):
    return Request(model, "POST", f"/{model}?confidence=40", base64.b64encode(picture),
                   {"Content-Type": "application/x-www-form-urlencoded"})


def open_protocol(model, picture):
    name, _, version = model.partition("/")
    image = {"name": "image", "datatype": "BYTES", "shape": [1], "data": [base64.b64encode(picture).decode()]}
    return Request(model, "POST", f"/v2/models/{name}/versions/{version}/infer", json.dumps({"inputs": [image]}).encode(),
                   {"Content-Type": "application/json"})


def mix(picture, forms=(native, older), models=tuple(TASKS)):
    return [form(model, picture) for model in models for form in forms]


@dataclasses.dataclass
class Outcome:
    answered: int = 0
    failures: list = dataclasses.field(default_factory=list)
    seconds: list = dataclasses.field(default_factory=list)  # each answer's


class Traffic:
    """`with Traffic(ports, requests) as traffic:` keeps `clients` asking until its end. With several ports they are
    taken in turn, as by a client that spreads its requests itself."""

    def __init__(self, ports, mixed, clients=32):
        self._ports, self._mixed, self._stop = list(ports), mixed, threading.Event()
        self._outcomes = [Outcome() for _ in range(clients)]
        self._threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(CLIENT_SECONDS + 10)
        assert not any(thread.is_alive() for thread in self._threads), "a client was never answered"

    @property
    def answered(self):
        return sum(outcome.answered for outcome in self._outcomes)

    @property
    def failures(self):
        return [failure for outcome in self._outcomes for failure in outcome.failures]

    @property
    def seconds(self):
        return sorted(second for outcome in self._outcomes for second in outcome.seconds)

    def wait_for(self, more, seconds=CLIENT_SECONDS):
        """Until so many more were answered."""
        until, goal = time.monotonic() + seconds, self.answered + more
        while self.answered < goal:
            assert time.monotonic() < until, f"{self.answered} answers, not {goal}, within {seconds} s; {self.failures[:3]}"
            time.sleep(0.05)

    def _run(self, number):
        outcome = self._outcomes[number]
        connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=CLIENT_SECONDS) for port in self._ports]
        # Each begins somewhere else, so that all models are asked for at all times.
        turns = itertools.islice(itertools.cycle(self._mixed), number, None)
        places = itertools.islice(itertools.cycle(connections), number, None)
        for request, connection in zip(turns, places):
            if self._stop.is_set():
                break
            began = time.monotonic()
            try:
                connection.request(request.method, request.path, request.body, request.headers)
                response = connection.getresponse()
                text = response.read()
                if response.status == 200 and b"predictions" in text:
                    outcome.answered += 1
                    outcome.seconds.append(time.monotonic() - began)
                else:
                    outcome.failures.append((request.path, response.status, text[:200]))
            except (OSError, http.client.HTTPException) as error:
                outcome.failures.append((request.path, repr(error)))
                connection.close()
        for connection in connections:
            connection.close()
