"""Pictures of any size, made of the sample scenes: photographs' share of detail, so that files have a photograph's size."""
import numpy
from PIL import Image

from machine import ROOT

SAMPLES = ROOT / "tests" / "data" / "samples"


def make(folder, width, height, kind):
    """Path of a JPEG (quality 90) or PNG of this size; the same picture each time."""
    path = folder / f"{width}x{height}.{kind}"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    scene = Image.open(sorted(SAMPLES.glob("*.jpg"))[0]).convert("RGB").resize((width, height), Image.BICUBIC)
    grain = numpy.random.default_rng(1).normal(0, 4, (height, width, 1))
    pixels = numpy.clip(numpy.asarray(scene, dtype=numpy.float32) + grain, 0, 255).astype(numpy.uint8)
    Image.fromarray(pixels).save(path, **({"quality": 90} if kind == "jpg" else {"compress_level": 3}))
    return path
