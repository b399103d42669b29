"""What can be given as an image, and how it is put on the wire."""

import base64
import io
import os
import pickle
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from PIL import Image

from osprey_client.configuration import ArrayFormat
from osprey_client.errors import EncodingError, HTTPClientError, InvalidInputFormatError
from osprey_client.pixels import Array, Pixels, as_pixels, decode, downscale, downscale_factor, from_pil, to_pil
from osprey_client.wire import Call, Steps

ImageReference = Array | Image.Image | str | bytes | os.PathLike[str]
Images = ImageReference | Sequence[ImageReference]

_ARRAY_QUALITY = 95  # what OpenCV takes, which the stock client encodes with
_PICKLE_PROTOCOL = 4  # known to every Python that a server may run on


@dataclass(frozen=True)
class SentImage:
    """An image as it is sent: the bytes of a file, base64 text of such, or a pickled array."""

    data: bytes
    form: Literal["file", "base64", "numpy"]
    scale: float | None = None  # by what the client made it smaller
    pixels: Pixels | None = None  # of a pickle: what is in it

    def as_field(self) -> dict[str, str]:
        """The image as mode v1 has it in a body."""
        return {"type": "numpy" if self.form == "numpy" else "base64", "value": self._text().decode("latin-1")}

    def as_body(self) -> bytes:
        """The image as mode v0 has it for a body: base64 text, or a bare pickle."""
        return self.data if self.form == "numpy" else self._text()

    def without_pickle(self) -> "SentImage":
        """The same pixels as a PNG, for servers that take no pickles."""
        if self.pixels is None:
            return self
        return replace(self, data=_png(to_pil(self.pixels)), form="file", pixels=None)

    def _text(self) -> bytes:
        return self.data if self.form == "base64" else base64.b64encode(self.data)


def as_list(images: Images) -> list[ImageReference]:
    """One image, or each of several."""
    return list(images) if isinstance(images, (list, tuple)) else [images]  # type: ignore[list-item]


def load_images(
    references: Sequence[ImageReference], limit: tuple[int, int] | None, array_format: ArrayFormat
) -> Steps[list[SentImage]]:
    """The images as they are sent, in their order; URLs are downloaded here, as the stock client does.

    `limit`: the (height, width) that larger ones are scaled down to. Raises InvalidInputFormatError, EncodingError, and
    HTTPClientError where a URL does not answer.
    """
    urls = [reference for reference in references if isinstance(reference, str) and _is_url(reference)]
    answers = iter((yield [Call("GET", url, download=True) for url in urls]) if urls else ())
    loaded = []
    for reference in references:
        if isinstance(reference, str) and _is_url(reference):
            answer = next(answers)
            if answer.status >= 400:
                raise HTTPClientError(f"could not download {answer.call}: status {answer.status} {answer.reason}")
            reference = answer.content
        loaded.append(_load(reference, limit, array_format))
    return loaded


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def _load(reference: ImageReference, limit: tuple[int, int] | None, array_format: ArrayFormat) -> SentImage:
    if isinstance(reference, np.ndarray):
        return _shrunk(as_pixels(reference), limit, array_format)
    if isinstance(reference, Image.Image):
        return _load_pil(reference, limit, array_format)
    if isinstance(reference, (bytes, bytearray, memoryview)):
        return _load_file(bytes(reference), "the image", limit, array_format)
    if isinstance(reference, os.PathLike) or (isinstance(reference, str) and os.path.exists(reference)):
        try:
            with open(reference, "rb") as file:
                data = file.read()
        except OSError as error:
            raise EncodingError(f"cannot read {reference}: {error.strerror}") from None
        return _load_file(data, str(reference), limit, array_format)
    if isinstance(reference, str):  # base64, of what the server has to judge
        if limit is None:
            return SentImage(reference.encode("utf-8", "replace"), "base64")
        try:
            data = base64.b64decode(reference)
        except ValueError:
            raise EncodingError(f"'{reference[:40]}' is neither a file that exists nor a URL nor base64 text") from None
        return _load_file(data, "the base64 text", limit, array_format)
    raise InvalidInputFormatError(
        f"a {type(reference).__name__} is no image: a path, URL, base64 text, bytes, PIL image or NumPy array is"
    )


def _load_file(data: bytes, name: str, limit: tuple[int, int] | None, array_format: ArrayFormat) -> SentImage:
    """An image file as it is; where there is a limit it has to be decoded, and is then sent as an array would be."""
    return SentImage(data, "file") if limit is None else _shrunk(decode(data, name), limit, array_format)


def _load_pil(image: Image.Image, limit: tuple[int, int] | None, array_format: ArrayFormat) -> SentImage:
    factor = downscale_factor(image.height, image.width, limit)
    if factor is not None:
        image = image.resize((max(1, round(factor * image.width)), max(1, round(factor * image.height))))
    if array_format == "numpy":
        return replace(_pickled(from_pil(image)), scale=factor)
    if array_format == "png":
        return SentImage(_png(image), "file", factor)
    file = io.BytesIO()
    try:
        image.save(file, format="JPEG")
    except (OSError, ValueError) as error:
        raise EncodingError(
            f"a PIL image of mode {image.mode} cannot be sent as JPEG ({error}): convert it to RGB, or use array_format='png'"
        ) from None
    return SentImage(file.getvalue(), "file", factor)


def _shrunk(pixels: Pixels, limit: tuple[int, int] | None, array_format: ArrayFormat) -> SentImage:
    factor = downscale_factor(pixels.shape[0], pixels.shape[1], limit)
    if factor is not None:
        pixels = downscale(pixels, factor)
    if array_format == "numpy":
        return replace(_pickled(pixels), scale=factor)
    if array_format == "png":
        return SentImage(_png(to_pil(pixels)), "file", factor)
    file = io.BytesIO()
    try:
        to_pil(pixels).save(file, format="JPEG", quality=_ARRAY_QUALITY)
    except (OSError, ValueError) as error:
        raise EncodingError(f"an image of shape {pixels.shape} cannot be sent as JPEG: {error}") from None
    return SentImage(file.getvalue(), "file", factor)


def _pickled(pixels: Pixels) -> SentImage:
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, np.newaxis], 3, axis=2)
    return SentImage(pickle.dumps(pixels, protocol=_PICKLE_PROTOCOL), "numpy", pixels=pixels)


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    if image.mode not in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        image = image.convert("RGB")
    image.save(file, format="PNG", compress_level=1)  # sooner on its way; smaller takes longer than a network would
    return file.getvalue()
