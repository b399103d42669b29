"""This repository's client and the stock one, given the same settings and calls."""
import asyncio
import base64
import dataclasses

import cv2
import inference_sdk
import numpy
import osprey_client
from client_calls import KEY, MODES, WAYS, steady
from PIL import Image

PACKAGES = {"stock": inference_sdk, "osprey": osprey_client}
COMBINATIONS = [(mode, way) for mode in MODES for way in WAYS]

KINDS = {
    "file name": lambda path, web: str(path),
    "URL": lambda path, web: web.url(path.name),
    "base64": lambda path, web: base64.b64encode(path.read_bytes()).decode(),
    "PIL image": lambda path, web: Image.open(path).convert("RGB"),
    "array": lambda path, web: cv2.imread(str(path)),
}


def client_of(package, server, mode="v1", key=KEY, **options):
    module = PACKAGES[package]
    client = module.InferenceHTTPClient(server.url, key)
    client.select_api_v0() if mode == "v0" else client.select_api_v1()
    if isinstance(options.get("output_visualisation_format"), str):
        kind = options["output_visualisation_format"]
        options["output_visualisation_format"] = module.VisualisationResponseFormat(kind)
    return client.configure(module.InferenceConfiguration(**options))


def call(way, client, method, *arguments, **named):
    if way == "sync":
        return getattr(client, method)(*arguments, **named)
    return asyncio.run(getattr(client, method + "_async")(*arguments, **named))


def plain(value):
    """A value of either package that can be compared with the other's."""
    if dataclasses.is_dataclass(value):
        return plain(dataclasses.asdict(value))
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, Image.Image):
        return ("PIL", value.size, value.tobytes())
    return ("array", value.shape, value.tobytes()) if isinstance(value, numpy.ndarray) else value


def outcome(action):
    """What a call gives: a result without what is new each time, or the name and the status of its error."""
    try:
        return plain(steady(action()))
    except (inference_sdk.http.errors.HTTPClientError, osprey_client.HTTPClientError) as error:
        return "error", type(error).__name__, getattr(error, "status_code", None)


def outcomes(server, method, *arguments, mode="v1", way="sync", key=KEY, options=None, **named):
    """(the stock client's, this one's) outcome of the same call with the same settings."""
    return tuple(
        outcome(lambda package=package: call(
            way, client_of(package, server, mode, key, **(options or {})), method, *arguments, **named))
        for package in PACKAGES)


def same(server, method, *arguments, **named):
    """The outcome, which is the same for both."""
    stock, ours = outcomes(server, method, *arguments, **named)
    assert ours == stock
    return ours
