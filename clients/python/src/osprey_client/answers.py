"""What is done with an answer before it is handed on: pictures decoded, coordinates put back to the caller's image."""

import base64
import binascii
import io
from typing import Any

import numpy as np
from PIL import Image

from osprey_client.configuration import VisualisationResponseFormat
from osprey_client.errors import EncodingError
from osprey_client.pixels import Array, decode
from osprey_client.wire import JsonObject


def finished(result: Any, scale: float | None, picture: VisualisationResponseFormat) -> JsonObject:
    """The result for one image. `scale`: by what the client had made the image smaller. Raises EncodingError."""
    if not isinstance(result, dict):
        raise EncodingError(f"the server answered with {type(result).__name__} where the result for an image belongs")
    if result.get("visualization") is not None:
        result["visualization"] = drawn(_from_base64(result["visualization"], "visualization"), picture)
    if isinstance(result.get("anomaly_map"), dict):
        result["anomaly_map"] = _anomaly_map(result["anomaly_map"])
    if scale is not None and not result.get("is_stub", False):
        _rescale(result, scale)
    return result


def drawn(data: bytes, picture: VisualisationResponseFormat) -> str | Array | Image.Image:
    """The bytes of a picture as the configuration wants it."""
    if picture is VisualisationResponseFormat.NUMPY:
        return decode(data, "the visualization")
    if picture is VisualisationResponseFormat.PILLOW:
        try:
            image = Image.open(io.BytesIO(data))
            image.load()
        except OSError as error:
            raise EncodingError(f"the visualization cannot be read as an image: {error}") from None
        return image
    return base64.b64encode(data).decode("ascii")


def _from_base64(text: Any, name: str) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, TypeError, ValueError):
        raise EncodingError(f"the server's {name} is not base64 text") from None


def _anomaly_map(packed: JsonObject) -> Array:
    """float32, height x width of the network's input."""
    shape, data = packed.get("shape"), _from_base64(packed.get("data", ""), "anomaly_map")
    two = isinstance(shape, list) and len(shape) == 2 and all(isinstance(side, int) and side > 0 for side in shape)
    if not isinstance(shape, list) or not two or packed.get("dtype") != "float32" or len(data) != 4 * shape[0] * shape[1]:
        raise EncodingError("the server's anomaly_map is not a float32 array of two dimensions")
    return np.frombuffer(data, dtype="<f4").reshape(shape).astype(np.float32)


def _rescale(result: JsonObject, scale: float) -> None:
    """Divides sizes and coordinates by the scale, so that they are of the image that the caller gave."""
    grid, original = result.get("mask_metadata"), result.get("original_image")
    if isinstance(grid, dict) and grid.get("coordinate_system") == "mask_grid" and isinstance(original, dict):
        # Coordinates are of the grid of the masks: only where the grid lies on the image is another.
        result["original_image"] = full = _size(original, scale)
        grid["scale_x"] = full["width"] / grid["width"]
        grid["scale_y"] = full["height"] / grid["height"]
        return
    if isinstance(result.get("image"), dict):
        result["image"] = _size(result["image"], scale)
    predictions = result.get("predictions")
    for prediction in predictions if isinstance(predictions, list) else ():
        if "x" in prediction and "y" in prediction:
            for name in ("x", "y", "width", "height"):
                prediction[name] /= scale
        for point in prediction.get("points") or prediction.get("keypoints") or ():
            point["x"] /= scale
            point["y"] /= scale


def _size(size: JsonObject, scale: float) -> JsonObject:
    return {"width": round(size["width"] / scale), "height": round(size["height"] / scale)}
