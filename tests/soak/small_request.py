"""What the measurements send: the demo detector and a small JPEG, so that a client costs little beside the server."""
import io

from PIL import Image

from process import ROOT
from requests_mix import SAMPLES
from wire import form, message

MODELS = ROOT / "models"


def detection():
    """The bytes of one request, 8 KB."""
    out = io.BytesIO()
    Image.open(SAMPLES[0]).resize((320, 240)).save(out, "JPEG", quality=80)
    content_type, body = form({"file": out.getvalue()})
    return message("POST", "/emoji-detection/1", body, {"Content-Type": content_type})


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def milliseconds(seconds):
    return f"{seconds * 1e3:.1f}" if seconds < 1 else f"{seconds * 1e3:.0f}"
