"""Where things are."""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MODELS = ROOT / "models"
SHIPPED_SAMPLES = ROOT / "tests/data/samples"
SHARED = ROOT.parent / "shared"  # beside a checkout, where it is: no part of the repository
