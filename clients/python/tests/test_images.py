"""Every kind of image, as it is put on the wire."""

import base64
import io
import pickle

import numpy as np
import pytest
from PIL import Image

from fake_server import MODEL, FakeServer
from osprey_client import EncodingError, HTTPClientError, InferenceConfiguration, InvalidInputFormatError

ARRAY = np.random.default_rng(1).integers(0, 256, (6, 8, 3), dtype=np.uint8)  # BGR
RGB = ARRAY[:, :, ::-1]


def sent(image, mode="v1", **options):
    """The image of the request that infer() makes of it."""
    server = FakeServer()
    client = server.client().configure(InferenceConfiguration(**options))
    client.select_api_v0() if mode == "v0" else client.select_api_v1()
    client.infer(image, model_id=MODEL)
    return server.bodies()[-1]["image"] if mode == "v1" else server.requests[-1]


def file_of(field):
    assert field["type"] == "base64"
    return base64.b64decode(field["value"], validate=True)


def jpeg(image, **options):
    file = io.BytesIO()
    image.save(file, format="JPEG", **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", [str, lambda path: path, lambda path: path.read_bytes()], ids=["str", "Path", "bytes"])
def test_a_file_is_sent_as_it_is(tmp_path, kind):
    (tmp_path / "a.jpg").write_bytes(b"any bytes \x00\xff")
    assert file_of(sent(kind(tmp_path / "a.jpg"))) == b"any bytes \x00\xff"


def test_a_url_is_downloaded_here():
    assert file_of(sent("http://server/picture.jpg")) == b"picture"


def test_a_url_that_does_not_answer_is_an_error_with_its_status():
    with pytest.raises(HTTPClientError, match="http://server/none.jpg: status 404"):
        sent("http://server/none.jpg?token=secret")


def test_other_text_is_taken_for_base64():
    assert sent("aGVsbG8=") == {"type": "base64", "value": "aGVsbG8="}


def test_an_array_is_a_jpeg_of_quality_95_by_default():
    assert file_of(sent(ARRAY)) == jpeg(Image.fromarray(RGB), quality=95)


def test_a_pil_image_is_a_jpeg_of_pillows_quality_by_default():
    assert file_of(sent(Image.fromarray(RGB))) == jpeg(Image.fromarray(RGB))


@pytest.mark.parametrize("image", [ARRAY, Image.fromarray(RGB)], ids=["array", "PIL"])
def test_png_loses_nothing(image):
    decoded = Image.open(io.BytesIO(file_of(sent(image, array_format="png"))))
    assert decoded.format == "PNG" and (np.asarray(decoded) == RGB).all()


@pytest.mark.parametrize("image", [ARRAY, Image.fromarray(RGB), ARRAY[:, ::-1][:, ::-1]], ids=["array", "PIL", "strided"])
def test_numpy_loses_nothing(image):
    field = sent(image, array_format="numpy")
    assert field["type"] == "numpy"
    unpickled = pickle.loads(base64.b64decode(field["value"]))
    assert unpickled.dtype == np.uint8 and (unpickled == ARRAY).all()


@pytest.mark.parametrize("array_format", ["jpeg", "png", "numpy"])
@pytest.mark.parametrize("shape", [(6, 8), (6, 8, 1), (6, 8, 4)])
def test_grey_arrays_and_those_with_alpha_are_taken(shape, array_format):
    array = np.full(shape, 77, np.uint8)
    field = sent(array, array_format=array_format)
    data = base64.b64decode(field["value"])
    pixels = pickle.loads(data) if field["type"] == "numpy" else np.asarray(Image.open(io.BytesIO(data)))
    assert pixels.shape[:2] == (6, 8) and (pixels == 77).all()
    assert pixels.shape == (6, 8, 3) or (array_format != "numpy" and pixels.shape == (6, 8))


def test_other_numbers_are_rounded_and_clipped():
    array = np.array([[-3.0, 0.4, 0.6, 254.5, 300.0, np.nan]])
    field = sent(array, array_format="numpy")
    assert pickle.loads(base64.b64decode(field["value"]))[0, :, 0].tolist() == [0, 0, 1, 254, 255, 0]


@pytest.mark.parametrize("array", [np.zeros((6, 8, 2), np.uint8), np.zeros((0, 8, 3), np.uint8), np.zeros(5, np.uint8),
                                   np.array([["a"]]), np.zeros((2, 2), np.complex64)])
def test_arrays_that_are_no_images_are_refused_here(array):
    with pytest.raises(InvalidInputFormatError, match="is no image"):
        sent(array)


@pytest.mark.parametrize("thing", [5, None, {"image": 1}, [[ARRAY]]])
def test_other_things_are_refused_here(thing):
    with pytest.raises(InvalidInputFormatError, match="is no image: a path, URL"):
        sent(thing)


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_a_pil_image_that_jpeg_cannot_hold_is_refused_but_goes_as_png(mode):
    image = Image.new(mode, (3, 2))
    with pytest.raises(EncodingError, match="convert it to RGB"):
        sent(image)
    assert Image.open(io.BytesIO(file_of(sent(image, array_format="png")))).size == (3, 2)


def test_a_folder_is_a_clean_error(tmp_path):
    with pytest.raises(EncodingError, match="cannot read"):
        sent(str(tmp_path))


def test_mode_v0_has_bare_base64_text_or_a_bare_pickle_for_a_body():
    request = sent(b"bytes", mode="v0")
    assert request.content == base64.b64encode(b"bytes") and request.headers["Content-Type"] == "application/json"
    request = sent(ARRAY, mode="v0", array_format="numpy")
    assert (pickle.loads(request.content) == ARRAY).all() and request.url.params["image_type"] == "numpy"
