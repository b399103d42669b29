"""Pixels: read from files, made fit for encoding, and made smaller. Arrays are uint8, BGR, H x W x 3 (or grey: H x W)."""

import io
import math
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from osprey_client.errors import EncodingError, InvalidInputFormatError

Array = npt.NDArray[Any]
Pixels = npt.NDArray[np.uint8]

# OpenCV's fixed point for bilinear weights of 8-bit images. The stock client resizes with OpenCV; with the same
# arithmetic the pixels are the same ones, without a dependency on it.
_WEIGHT_BITS = 11
_HALVED_BITS, _SUM_BITS, _ROUNDING = 4, 16, 2


def as_pixels(array: Array) -> Pixels:
    """An array as uint8, H x W or H x W x 3; alpha is dropped, other number types are rounded and clipped to 0..255.

    Raises InvalidInputFormatError where the shape or the type is no image's.
    """
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim == 3 and array.shape[2] == 4:
        array = array[:, :, :3]
    if array.size == 0 or not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3)):
        raise InvalidInputFormatError(
            f"an array of shape {array.shape} is no image: H x W, or H x W x 1, 3 (BGR) or 4 is"
        )
    if array.dtype.kind not in "uifb":
        raise InvalidInputFormatError(f"an array of {array.dtype} is no image: uint8 is, with values of 0 to 255")
    if array.dtype != np.uint8:
        array = np.clip(np.rint(np.nan_to_num(array.astype(np.float64))), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(array)


def to_pil(pixels: Pixels) -> Image.Image:
    """A PIL image of BGR or grey pixels."""
    return Image.fromarray(pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[:, :, ::-1]))


def from_pil(image: Image.Image) -> Pixels:
    """BGR pixels of a PIL image; 16 bits per pixel become 8, alpha is dropped."""
    if image.mode.startswith("I;16"):
        grey = (np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8)
        return np.ascontiguousarray(np.repeat(grey[:, :, np.newaxis], 3, axis=2))
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])


def decode(data: bytes, name: str) -> Pixels:
    """BGR pixels of an encoded image, turned as its EXIF says. Raises EncodingError with `name`."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return from_pil(ImageOps.exif_transpose(image))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise EncodingError(f"{name} cannot be read as an image: {error}") from None


def downscale_factor(height: int, width: int, limit: tuple[int, int] | None) -> float | None:
    """By what an image has to be made smaller to fit a limit of (height, width); None where it fits, or there is none."""
    if limit is None or height < 1 or width < 1:
        return None
    factor = min(limit[0] / height, limit[1] / width)
    return factor if factor < 1 else None


def downscale(pixels: Pixels, factor: float) -> Pixels:
    """The pixels scaled by a factor below 1 as OpenCV's bilinear resize does it, to the bit."""
    height, width = pixels.shape[:2]
    left, right, left_weight, right_weight = _weights(width, factor, stop_at_border=True)
    above, below, above_weight, below_weight = _weights(height, factor, stop_at_border=False)
    channels = pixels.reshape(height, width, -1).astype(np.int32)
    rows = channels[:, left] * left_weight[None, :, None] + channels[:, right] * right_weight[None, :, None]
    rows >>= _HALVED_BITS
    mixed = (rows[above] * above_weight[:, None, None]) >> _SUM_BITS
    mixed += (rows[below] * below_weight[:, None, None]) >> _SUM_BITS
    result = ((mixed + _ROUNDING) >> _ROUNDING).astype(np.uint8)
    return result.reshape(result.shape[:2] + pixels.shape[2:])


def _weights(size: int, factor: float, stop_at_border: bool) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Array, Array]:
    """For each pixel of the result: its two neighbours along one axis, and their weights."""
    wanted = max(1, round(size * factor))
    centres = ((np.arange(wanted) + 0.5) * (1 / factor) - 0.5).astype(np.float32)
    first = np.floor(centres).astype(np.intp)
    share = centres - first.astype(np.float32)
    if stop_at_border:  # OpenCV does so along rows only
        share[(first < 0) | (first >= size - 1)] = 0
    one = np.float32(math.ldexp(1, _WEIGHT_BITS))
    weights = (np.rint((np.float32(1) - share) * one).astype(np.int32), np.rint(share * one).astype(np.int32))
    return np.clip(first, 0, size - 1), np.clip(first + 1, 0, size - 1), *weights
