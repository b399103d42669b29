"""Writes fixtures/*.ppm: pictures, and what independent libraries make of them.

Needs numpy 2.2, opencv-python 4.12, pillow 12.3 (13 sums in another order) and scikit-image. A PPM here holds an
array's bytes as they are; whether the first channel is called blue or red is the reader's business.
"""

import pathlib
import warnings

import cv2
import numpy as np
from PIL import Image
from skimage import exposure

FOLDER = pathlib.Path(__file__).parent / "fixtures"


def write(name, pixels):
    height, width, _ = pixels.shape
    (FOLDER / f"{name}.ppm").write_bytes(b"P6 %d %d 255\n" % (width, height) + pixels.tobytes())


def pictures():
    random = np.random.default_rng(20)
    y, x = np.mgrid[:45, :61]
    slopes = np.stack([60 + x * 2, 30 + y * 3, 200 - x - y], axis=-1)
    slopes[10:20, 15:40] = (20, 140, 230)
    scene = np.clip(slopes + random.normal(0, 8, slopes.shape), 0, 255).astype(np.uint8)
    yield "scene", scene
    yield "tall", random.integers(0, 256, (209, 2, 3), dtype=np.uint8)
    yield "line", random.integers(90, 120, (1, 50, 3), dtype=np.uint8)
    yield "flat", np.full((9, 12, 3), 77, dtype=np.uint8)
    yield "dot", np.array([[[10, 200, 90]]], dtype=np.uint8)


def contrasts(pixels):
    low, high = np.percentile(pixels, (2, 98))
    yield "stretching", exposure.rescale_intensity(pixels, in_range=(low, high))
    unit = pixels.astype(np.float32) / 255
    yield "histogram_equalization", (exposure.equalize_hist(unit) * 255).astype(np.uint8)
    yield "adaptive_equalization", (exposure.equalize_adapthist(unit, clip_limit=0.03) * 255).astype(np.uint8)


SIZES = {
    "scene": [(23, 31), (100, 20), (20, 100), (80, 90), (61, 30), (30, 45), (1, 1)],
    "tall": [(16, 170)],
    "line": [(20, 3)],
    "dot": [(4, 5)],
}


def main():
    warnings.simplefilter("ignore")
    FOLDER.mkdir(exist_ok=True)
    for name, pixels in pictures():
        write(name, pixels)
        for contrast, changed in contrasts(pixels):
            write(f"{name}.{contrast}", changed)
        for width, height in SIZES.get(name, []):
            pillow = Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR)
            write(f"{name}.pillow.{width}x{height}", np.asarray(pillow))
            opencv = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR)
            write(f"{name}.opencv.{width}x{height}", opencv)


if __name__ == "__main__":
    main()
