"""The results for all pictures that lie beside the repository are the stock client's; nothing to do where there are none."""
import cv2
import pytest
from client_calls import CLASSIFICATION, DETECTION, MODES, SEGMENTATION
from client_pair import KINDS, same
from places import SHARED

IMAGES = SHARED / "images"
PICTURES = sorted(path for path in IMAGES.rglob("*") if path.suffix in (".jpg", ".png", ".webp", ".tiff", ".bmp"))

pytestmark = pytest.mark.skipif(not PICTURES, reason="no pictures beside the repository (../shared/images)")


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: str(path.relative_to(IMAGES)))
def test_the_same_results(server, path):
    for model in (DETECTION, SEGMENTATION, CLASSIFICATION):
        same(server, "infer", str(path), model_id=model)
    decodes = cv2.imread(str(path)) is not None
    for kind in ("PIL image", "array") if decodes else ():
        same(server, "infer", KINDS[kind](path, None), model_id=DETECTION)


@pytest.mark.parametrize("mode", MODES)
def test_the_same_results_for_all_as_one_list(server, mode):
    paths = [str(path) for path in PICTURES if "odd" not in path.parts]
    options = {"max_batch_size": 8, "max_concurrent_requests": 2, "confidence_threshold": 0.2}
    assert len(same(server, "infer", paths, model_id=DETECTION, mode=mode, options=options)) == len(paths)
