"""What a schema cannot say, for the cases that schemathesis holds for sound: that a model is there, that bytes are a picture,
that an option goes with another. Loaded by test_schemathesis.py through SCHEMATHESIS_HOOKS; unsound cases are sent as made.
"""
import atexit
import base64
import collections
import io
import os
import pickle
import zlib

import numpy
import schemathesis
from hypothesis import strategies
from PIL import Image
from schemathesis.transport.serialization import Binary

MODELS = ("emoji-detection/1", "emoji-segmentation/1", "emoji-classification/1", "emoji-multilabel/1")


def encoded(form):
    buffer = io.BytesIO()
    PICTURE.save(buffer, form)
    return buffer.getvalue()


PICTURE = Image.effect_noise((48, 32), 80).convert("RGB")
PNG = encoded("PNG")
TEXT = base64.b64encode(encoded("JPEG")).decode()
PICKLE = pickle.dumps(numpy.asarray(PICTURE))
schemathesis.openapi.format("binary", strategies.just(Binary(PNG)))
URLS = (os.environ.get("OSPREY_PICTURE_URL", ""), "data:image/jpeg;base64," + TEXT)


def choice(options, *seeds):
    """The same for the same case: a run has to be repeatable."""
    return options[zlib.crc32(repr(seeds).encode()) % len(options)]


def is_unknown_name(model_id):
    """Whether a generated id is well-formed, so that the answer is that there is no such model."""
    return all(len(name.encode()) <= 200 and name not in (".", "..") for name in model_id.split("/"))


def usable_model(model_id):
    if isinstance(model_id, str) and is_unknown_name(model_id) and choice((False,) * 7 + (True,), model_id):
        return model_id
    return choice(MODELS, model_id)


def usable_image(image):
    kind = image["type"].lower()
    value = {"base64": TEXT, "url": choice(URLS, image), "numpy": base64.b64encode(PICKLE).decode()}[kind]
    return {**image, "value": value}


def mend_tradeoff(options):
    """A factor is only looked at with the mode that uses it, and then has its range."""
    if options.get("mask_decode_mode") == "tradeoff" and "tradeoff_factor" in options:
        options["tradeoff_factor"] = 0.5


def mend_body(body):
    body = dict(body)
    if "model_id" in body:
        body["model_id"] = usable_model(body["model_id"])
    if "image" in body:
        image = body["image"]
        body["image"] = [usable_image(one) for one in image[:4]] if isinstance(image, list) else usable_image(image)
    mend_tradeoff(body)
    return body


def mend_legacy(case):
    query = case.query = dict(case.query or {})
    mend_tradeoff(query)
    has_body = case.method == "POST" and case.media_type is not None and not is_unset(case.body)
    if "image" in query or not has_body:
        query["image"] = choice(URLS, query)
    if not has_body:
        return
    if case.media_type == "multipart/form-data":
        return  # its file is made by the format below
    kind = str(query.get("image_type", "base64")).lower()
    as_json = case.media_type == "application/json"  # sends quotes, which base64 suffers and a URL does not
    if "image" not in query and (kind == "numpy" or (kind == "url" and as_json)):
        case.query = {**query, "image_type": "base64"}  # nor is a pickle a text: test_hostile_pickles sends those
        kind = "base64"
    case.body = TEXT if kind == "base64" else choice(URLS, query)


def is_unset(value):
    return type(value).__name__ == "NotSet"


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode.is_negative or case.meta.phase.name.value == "examples":
        return
    path = case.operation.path
    if "{dataset_id}" in path:
        names = case.path_parameters
        model = usable_model(f"{names['dataset_id']}/{names['version_id']}")
        case.path_parameters = dict(zip(("dataset_id", "version_id"), model.split("/"), strict=True))
    if path == "/{dataset_id}/{version_id}":
        mend_legacy(case)
    elif isinstance(case.body, dict) and path != "/model/remove":
        case.body = mend_body(case.body)


answered = collections.Counter()


@schemathesis.hook
def after_call(context, case, response):
    sound = case.meta is None or case.meta.generation.mode.is_positive
    answered["sound" if sound else "unsound", response.status_code] += 1


@atexit.register
def tell():
    """How many cases of each kind got which status: that the sound ones are really answered is seen here."""
    for (kind, status), count in sorted(answered.items()):
        print(f"{kind} cases answered with {status}: {count}")
