"""From a picture to the network's input, as docs/models.md says for packages that do not say it themselves."""
import dataclasses

import cv2
import numpy as np
import PIL.Image

from reference.geometry import Geometry

IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SYMMETRIC = (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)


@dataclasses.dataclass(frozen=True)
class Preparation:
    """`resize`: letterbox, stretch (both OpenCV's bilinear) or pillow-stretch."""
    resize: str = "stretch"
    anchor: str = "center"
    padding: int = 114
    color: str = "rgb"
    scale: float = 255
    normalization: tuple | None = None


STYLES = {
    "yolo": Preparation(resize="letterbox"),
    "yolo-classifier": Preparation(),
    "yolox": Preparation(resize="letterbox", anchor="top-left", color="bgr", scale=1),
    "rfdetr": Preparation(resize="pillow-stretch", normalization=IMAGENET),
    "imagenet": Preparation(normalization=IMAGENET),
    "vit": Preparation(normalization=SYMMETRIC),
}


def decode(encoded):
    """Encoded bytes to H x W x 3 BGR."""
    return cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)


def letterbox(picture, width, height, preparation):
    own_height, own_width = picture.shape[:2]
    scale = min(width / own_width, height / own_height)
    inner_width, inner_height = int(own_width * scale), int(own_height * scale)
    left = top = 0
    if preparation.anchor == "center":
        left, top = (width - inner_width) // 2, (height - inner_height) // 2
    canvas = np.full((height, width, 3), preparation.padding, np.uint8)
    resized = cv2.resize(picture, (inner_width, inner_height), interpolation=cv2.INTER_LINEAR)
    canvas[top:top + inner_height, left:left + inner_width] = resized
    return canvas, Geometry((own_width, own_height), (width, height), scale, scale, left, top,
                            width - inner_width - left, height - inner_height - top)


def stretch(picture, width, height, preparation):
    own_height, own_width = picture.shape[:2]
    if preparation.resize == "pillow-stretch":
        resized = np.asarray(PIL.Image.fromarray(picture).resize((width, height), PIL.Image.Resampling.BILINEAR))
    else:
        resized = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)
    return resized, Geometry((own_width, own_height), (width, height), width / own_width, height / own_height)


def prepare(picture, width, height, preparation):
    """The input [1, 3, height, width], and the way back to the picture."""
    fit = letterbox if preparation.resize == "letterbox" else stretch
    pixels, geometry = fit(picture, width, height, preparation)
    if preparation.color == "rgb":
        pixels = pixels[:, :, ::-1]
    values = pixels.astype(np.float32) / np.float32(preparation.scale)
    if preparation.normalization:
        mean, deviation = (np.asarray(part, np.float32) for part in preparation.normalization)
        values = (values - mean) / deviation
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None]), geometry
