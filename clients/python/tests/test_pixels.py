"""The arithmetic of making images smaller; OpenCV's where it is installed is the measure."""

import numpy as np
import pytest
from PIL import Image

from osprey_client.pixels import decode, downscale, downscale_factor, from_pil

RANDOM = np.random.default_rng(7)


@pytest.mark.parametrize("channels", [(), (3,)])
@pytest.mark.parametrize("seed", range(12))
def test_downscaling_is_opencvs_to_the_bit(seed, channels):
    cv2 = pytest.importorskip("cv2")
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (*random.integers(3, 300, 2), *channels), dtype=np.uint8)
    factor = float(random.uniform(0.2, 0.99))
    assert (downscale(pixels, factor) == cv2.resize(pixels, None, fx=factor, fy=factor)).all()


def test_a_flat_image_stays_flat_and_a_small_one_keeps_a_pixel():
    assert (downscale(np.full((40, 30, 3), 93, np.uint8), 0.33) == 93).all()
    assert downscale(np.full((3, 400), 5, np.uint8), 0.1).shape == (1, 40)


def test_the_factor_fits_both_sides_and_never_enlarges():
    assert downscale_factor(480, 640, (320, 320)) == 0.5
    assert downscale_factor(640, 480, (320, 480)) == 0.5
    assert downscale_factor(320, 320, (320, 320)) is None
    assert downscale_factor(10, 10, (320, 320)) is None
    assert downscale_factor(4000, 4000, None) is None


def test_decoding_turns_as_exif_says(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (8, 4), (255, 0, 0)).save(tmp_path / "a.png", exif=exif)
    pixels = decode((tmp_path / "a.png").read_bytes(), "a.png")
    assert pixels.shape == (8, 4, 3) and (pixels == (0, 0, 255)).all()


def test_16_bits_become_8():
    image = Image.fromarray(np.array([[0, 255, 256, 65535]], np.uint16))
    assert from_pil(image)[0, :, 0].tolist() == [0, 0, 1, 255]
