"""Recorded requests of the reference server, turned into calls of a client that has the stock one's names."""

import dataclasses
import re

import numpy
from PIL import Image

from osprey_client import InferenceConfiguration

# The name on the wire: the setting.
BODY = {
    "confidence": "confidence_threshold", "iou_threshold": "iou_threshold", "max_detections": "max_detections",
    "class_agnostic_nms": "class_agnostic_nms", "class_filter": "class_filter", "mask_decode_mode": "mask_decode_mode",
    "tradeoff_factor": "tradeoff_factor", "allow_reduced_mask_resolution": "allow_reduced_mask_resolution",
    "response_mask_format": "response_mask_format", "visualize_predictions": "visualize_predictions",
    "visualization_labels": "visualize_labels", "visualization_stroke_width": "stroke_width",
    "disable_preproc_auto_orient": "disable_preproc_auto_orientation", "disable_preproc_contrast": "disable_preproc_contrast",
    "disable_preproc_grayscale": "disable_preproc_grayscale", "disable_preproc_static_crop": "disable_preproc_static_crop",
}
QUERY = {
    "confidence": "confidence_threshold", "overlap": "iou_threshold", "max_detections": "max_detections", "format": "format",
    "labels": "visualize_labels", "stroke": "stroke_width", "response_mask_format": "response_mask_format",
    "mask_decode_mode": "mask_decode_mode", "tradeoff_factor": "tradeoff_factor",
}
ROUTES = ("/infer/object_detection", "/infer/instance_segmentation", "/infer/classification", "/infer/keypoints_detection")
IMAGE = re.compile(r"@(b64|b64pickle|pickle):(.+)")


@dataclasses.dataclass
class RecordedCall:
    """infer(images, model_id) with these settings is the recorded request."""

    mode: str
    images: list
    model_id: str
    configuration: InferenceConfiguration

    def prepare(self, client):
        client.select_api_v0() if self.mode == "v0" else client.select_api_v1()
        client.configure(self.configuration)


def expressible(case):
    """Whether the client can make the request: a known route, its own fields, an image that is a file or an array."""
    if case["method"] != "POST":
        return False
    if "json" in case:
        body = case["json"]
        if case["path"] not in ROUTES or not isinstance(body, dict) or body.get("api_key") != "golden":
            return False
        if None in body.values():  # what is None the client does not send
            return False
        return set(body) <= {"model_id", "image", "api_key", *BODY} and _texts(body.get("image")) is not None
    image = IMAGE.fullmatch(str(case.get("body")))
    if image is None or case["path"].count("/") != 2:
        return False
    query = case.get("query", {})
    numpy_wanted = image.group(1) == "pickle"
    return set(query) <= {"api_key", "image_type", *QUERY} and query.get("image_type") == ("numpy" if numpy_wanted else None)


def call_of(case, folder):
    """The RecordedCall; images are in `folder`."""
    newer = "json" in case
    texts = _texts(case["json"]["image"]) if newer else [case["body"]]
    names = BODY if newer else QUERY
    fields = case["json"] if newer else case.get("query", {})
    settings = {names[key]: value for key, value in fields.items() if key in names}
    images = [_image(*IMAGE.fullmatch(text).groups(), folder) for text in texts]
    model_id = case["json"]["model_id"] if newer else case["path"].strip("/")
    many = max(1, len(images))
    return RecordedCall("v1" if newer else "v0", images, model_id,
                        InferenceConfiguration(array_format="numpy", max_batch_size=many, **settings))


def _texts(image):
    """What stands for the images of a body; None where one of them is no file or array."""
    fields = image if isinstance(image, list) else [image]
    texts = [field.get("value") if isinstance(field, dict) and str(field.get("type")) in ("base64", "numpy") else None
             for field in fields]
    return texts if texts and all(isinstance(text, str) and IMAGE.fullmatch(text) for text in texts) else None


def _image(kind, name, folder):
    if kind == "b64":
        return str(folder / name)
    return numpy.ascontiguousarray(numpy.asarray(Image.open(folder / name).convert("RGB"))[:, :, ::-1])
