"""The valid requests of the soak: every route, the ways to send an image, formats and sizes of pictures."""
import base64
import dataclasses
import io
import pickle

import numpy
from PIL import Image

from process import ROOT
from wire import form, message, post_json

SAMPLES = sorted((ROOT / "tests/data/samples").glob("*.jpg"))
TEXT = {"Content-Type": "application/x-www-form-urlencoded"}
DEMO = {"emoji-detection/1": "object_detection", "emoji-segmentation/1": "instance_segmentation",
        "emoji-classification/1": "classification", "emoji-multilabel/1": "classification"}
SWAPPED = "soak-swapped/1"  # whose package changes
COMING = "soak-coming/1"  # which comes and goes


@dataclasses.dataclass(frozen=True)
class Case:
    """A request. Its answer at rest is the golden one, whatever its status; `weight`: how often it is sent."""
    name: str
    data: bytes
    weight: int = 4
    without_body: bool = False  # HEAD
    steady: bool = True  # False: only the status is compared, as the answer tells of the server's state
    model: str = ""


def encoded(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def pictures():
    """Name to bytes: each format that is read, and sizes from a thumbnail to 2 megapixels."""
    first, second, third = (Image.open(path).convert("RGB") for path in SAMPLES[:3])
    return {
        "jpeg": SAMPLES[0].read_bytes(),
        "jpeg_small": encoded(second.resize((64, 48)), "JPEG"),
        "jpeg_large": encoded(third.resize((1920, 1440)), "JPEG", quality=85),
        "jpeg_progressive": encoded(first, "JPEG", progressive=True),
        "jpeg_grey": encoded(second.convert("L"), "JPEG"),
        "png": encoded(first.resize((320, 240)), "PNG"),
        "png_alpha": encoded(first.resize((200, 150)).convert("RGBA"), "PNG"),
        "webp": encoded(second, "WEBP", quality=80),
        "tiff": encoded(third.resize((320, 240)), "TIFF"),
        "bmp": encoded(third.resize((160, 120)), "BMP"),
        "gif": encoded(first.resize((320, 240)), "GIF"),
    }


def as_base64(data):
    return {"type": "base64", "value": base64.b64encode(data).decode()}


def infer(model, image, route=None, **fields):
    return post_json("/infer/" + (route or DEMO[model]), {"model_id": model, "image": image, **fields})


def array_of(data, size=(200, 150)):
    """A pickled H x W x 3 array of BGR, as the stock client sends it."""
    pixels = numpy.asarray(Image.open(io.BytesIO(data)).convert("RGB").resize(size))[:, :, ::-1]
    return pickle.dumps(numpy.ascontiguousarray(pixels))


def predictions(shots):
    detection, segmentation = "emoji-detection/1", "emoji-segmentation/1"
    for name, data in shots.items():
        yield Case(f"detection {name}", infer(detection, as_base64(data), confidence=0.3), weight=3)
    for model in DEMO:
        yield Case(f"json {model}", infer(model, as_base64(shots["jpeg"])))
        content_type, body = form({"file": shots["jpeg"]})
        yield Case(f"multipart {model}", message("POST", "/" + model, body, {"Content-Type": content_type}))
        yield Case(f"base64 {model}", message("POST", "/" + model, base64.b64encode(shots["webp"]), TEXT))
        yield Case(f"numpy {model}", message("POST", f"/{model}?image_type=numpy", array_of(shots["jpeg"]),
                                             {"Content-Type": "application/octet-stream"}))
    some = [as_base64(shots[name]) for name in ("jpeg", "png", "jpeg_small", "webp", "gif")]
    yield Case("list of five", infer(detection, some), weight=2)
    yield Case("list of one", infer(segmentation, some[:1]))
    yield Case("list with a broken one", infer(detection, [*some[:2], as_base64(b"no picture")]), weight=1)
    yield Case("pickled base64", infer(detection, {"type": "numpy", "value": base64.b64encode(array_of(shots["jpeg"])).decode()}))
    yield Case("data uri", infer(detection, {"type": "url", "value": "data:image/png;base64," + some[1]["value"]}))
    yield Case("rle masks", infer(segmentation, some[0], response_mask_format="rle"))
    yield Case("visualized", infer(detection, some[0], visualize_predictions=True, visualization_labels=True), weight=2)
    yield Case("image as answer", message("POST", f"/{detection}?format=image&labels=true&stroke=3",
                                          base64.b64encode(shots["jpeg"]), TEXT), weight=2)
    yield Case("image and json", message("POST", f"/{segmentation}?format=image_and_json&confidence=40",
                                         base64.b64encode(shots["jpeg"]), TEXT), weight=2)
    yield Case("keypoints of a detector", infer(detection, some[0], route="keypoints_detection"), weight=1)
    yield Case("semantic map of a detector", infer(detection, some[0], route="semantic_segmentation"), weight=1)
    yield Case("chunked", post_json("/infer/object_detection", {"model_id": detection, "image": some[0]}, chunked=True))
    yield Case("expects 100", post_json("/infer/object_detection", {"model_id": detection, "image": some[0]},
                                        headers={"Expect": "100-continue"}))
    yield Case("closes", post_json("/infer/object_detection", {"model_id": detection, "image": some[0]},
                                   headers={"Connection": "close"}))
    yield Case("swapped", message("POST", "/" + SWAPPED, base64.b64encode(shots["jpeg"]), TEXT), weight=8, model=SWAPPED)
    yield Case("coming", message("POST", "/" + COMING, base64.b64encode(shots["jpeg"]), TEXT), weight=4, model=COMING)


def others():
    for path in ("/", "/healthz", "/info", "/docs", "/redoc", "/readiness", "/model/registry", "/metrics",
                 "/device/stats", "/start/emoji-detection/1"):
        yield Case("GET " + path, message("GET", path), weight=1, steady=False)
        yield Case("HEAD " + path, message("HEAD", path), weight=1, without_body=True, steady=False)
    yield Case("preflight", message("OPTIONS", "/infer/object_detection", headers={
        "Origin": "https://example.com", "Access-Control-Request-Method": "POST"}), weight=2)
    yield Case("model/add", post_json("/model/add", {"model_id": "emoji-multilabel/1"}), weight=1, steady=False)
    yield Case("model/remove", post_json("/model/remove", {"model_id": "emoji-multilabel/1"}), weight=1, steady=False)
    yield Case("nowhere", message("GET", "/a/b/c/d"), weight=1)


def all_cases():
    return [*predictions(pictures()), *others()]
