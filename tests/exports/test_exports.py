"""Serves what make_exports.py made and compares the answers with a plain NumPy reading of the same networks.

Not part of `make test`: needs the environment of requirements.txt, and the exports. See make_exports.py.
"""
import pytest

for module in ("numpy", "cv2", "PIL", "onnxruntime"):
    pytest.importorskip(module, reason=f"{module} is not here: run with the environment of tests/exports")

import catalogue
import numpy as np
import reading
from answers import ask, instances, pixels, probabilities
from reference.masks import iou

CORNER = 2          # pixels, of boxes and keypoints
SCORE = 0.01
MASK_IOU = 0.95
PIXELS = 0.995      # the share of a semantic map that must be equal

PICTURES = ("000.jpg", "003.jpg", "006.jpg")
BOXES = (catalogue.DETECTION, catalogue.SEGMENTATION, catalogue.KEYPOINTS)

pytestmark = pytest.mark.skipif(not catalogue.EXPORTS.is_dir(),
                                reason="no build/exports: run tests/exports/make_exports.py")


def params(*tasks):
    """Of a test of (export, encoded): each export with each picture, one export after the other."""
    return [pytest.param(export, (catalogue.PICTURES / name).read_bytes(), id=f"{export.project}-{name}")
            for export in catalogue.ALL if export.task in tasks for name in PICTURES]


@pytest.fixture(scope="session")
def exports_server(start_server):
    with start_server(catalogue.EXPORTS) as running:
        yield running


@pytest.fixture(scope="module")
def network_of():
    """Networks that several pictures share: one at a time is kept."""
    kept = {}

    def get(export):
        if export.project not in kept:
            if not export.folder.is_dir():
                pytest.skip(f"{export.project} has not been exported")
            kept.clear()
            kept[export.project] = reading.Network(export)
        return kept[export.project]
    return get


def agree(a, b):
    return a.name == b.name and abs(a.score - b.score) <= SCORE and np.abs(a.box - b.box).max() <= CORNER


def partners(expected, found):
    """Pairs that agree, each instance once, and those of either side without a partner."""
    pairs, alone, left = [], [], list(found)
    for one in expected:
        partner = next((other for other in left if agree(one, other)), None)
        if partner is None:
            alone.append(("expected", one))
        else:
            left.remove(partner)
            pairs.append((one, partner))
    return pairs, alone + [("found", other) for other in left]


@pytest.mark.parametrize("export,encoded", params(*BOXES))
def test_instances_are_those_of_the_reference(exports_server, network_of, export, encoded):
    threshold, expected = network_of(export).instances(encoded)
    found = instances(ask(exports_server, export, encoded, threshold))
    assert len(expected) >= 5, "the network finds too little for a comparison"
    pairs, alone = partners(expected, found)
    assert not alone, f"{len(pairs)} pairs, but without a partner: {alone}"
    for one, other in pairs:
        if one.mask is not None:
            assert iou(one.mask, other.mask) > MASK_IOU
        if one.keypoints is not None:
            check_keypoints(one.keypoints, other.keypoints, export)


def check_keypoints(expected, found, export):
    for slot in expected.keys() | found.keys():
        point, other = expected.get(slot), found.get(slot)
        if point is None or other is None:
            assert abs((point or other)[2] - export.keypoint_confidence) <= SCORE, f"keypoint {slot} is on one side only"
            continue
        assert np.abs(np.subtract(point[:2], other[:2])).max() <= CORNER
        assert abs(point[2] - other[2]) <= SCORE


@pytest.mark.parametrize("export,encoded", params(catalogue.CLASSIFICATION))
def test_probabilities_are_those_of_the_reference(exports_server, network_of, export, encoded):
    expected = network_of(export).probabilities(encoded)
    found = probabilities(ask(exports_server, export, encoded, 0))
    assert found.keys() == expected.keys()
    assert max(abs(found[name] - expected[name]) for name in expected) <= SCORE
    first, second = sorted(expected.values(), reverse=True)[:2]
    assert first > 0.1, "the network is sure of nothing"
    if first - second > SCORE:
        assert max(found, key=found.get) == max(expected, key=expected.get)


@pytest.mark.parametrize("export,encoded", params(catalogue.SEMANTIC))
def test_pixels_are_those_of_the_reference(exports_server, network_of, export, encoded):
    ids, confidences = network_of(export).pixels(encoded, 0.5)
    found_ids, found_confidences = pixels(ask(exports_server, export, encoded, 0.5))
    assert found_ids.shape == ids.shape
    assert len(np.unique(ids)) > 2, "the network tells nothing apart"
    assert (found_ids == ids).mean() >= PIXELS
    same = found_ids == ids
    assert (np.abs(found_confidences - confidences)[same] <= 1 / 255 + SCORE).mean() >= PIXELS
