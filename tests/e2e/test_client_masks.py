"""Masks through the stock client: formats, decoding modes, the smaller grid, and the package's own preparation switched off."""
import json
import shutil

import cv2
import numpy
import pytest
from client_calls import DETECTION, MODES, SEGMENTATION, WAYS, call, client_of, steady
from demo_scores import mask_of
from places import MODELS, SHIPPED_SAMPLES

CROWDED = SHIPPED_SAMPLES / "005.jpg"  # 500 x 375


def ask(server, mode="v1", way="sync", **options):
    return call(way, client_of(server, mode, **options), "infer", str(CROWDED), model_id=SEGMENTATION)


def filled(prediction, width, height):
    """A polygon's pixels."""
    mask = numpy.zeros((height, width), numpy.uint8)
    points = numpy.array([[round(p["x"]), round(p["y"])] for p in prediction["points"]])
    return cv2.fillPoly(mask, [points], 1).astype(bool)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", MODES)
def test_polygons_and_run_lengths_tell_the_same_masks(server, mode, way):
    polygons = ask(server, mode, way)["predictions"]
    runs = ask(server, mode, way, response_mask_format="rle")["predictions"]
    assert len(polygons) == len(runs) >= 4
    for polygon, run in zip(polygons, runs):
        assert (polygon["mask_format"], run["mask_format"]) == ("polygon", "rle")
        assert "points" not in run and run["rle"]["size"] == [375, 500]
        a, b = filled(polygon, 500, 375), mask_of(run["rle"])
        assert (a & b).sum() / (a | b).sum() > 0.9


@pytest.mark.parametrize("mode", MODES)
def test_masks_of_the_image_s_size_do_not_depend_on_the_decoding_mode(server, mode):
    plain = steady(ask(server, mode))
    for options in ({"mask_decode_mode": "accurate"}, {"mask_decode_mode": "fast"},
                    {"mask_decode_mode": "tradeoff", "tradeoff_factor": 0.5}):
        assert steady(ask(server, mode, **options)) == plain


@pytest.mark.parametrize("mode", MODES)
def test_the_mask_grid_is_smaller_and_says_how_to_get_back(server, mode):
    full = ask(server, mode)
    small = ask(server, mode, allow_reduced_mask_resolution=True, mask_decode_mode="fast")
    assert small["original_image"] == full["image"] == {"width": 500, "height": 375}
    grid = small["mask_metadata"]
    assert grid["coordinate_system"] == "mask_grid"
    assert (grid["width"], grid["height"]) == (small["image"]["width"], small["image"]["height"])
    assert grid["width"] < 500 and grid["height"] < 375
    assert len(small["predictions"]) == len(full["predictions"])
    for near, far in zip(small["predictions"], full["predictions"]):
        assert abs(near["x"] * grid["scale_x"] - far["x"]) < 4 and abs(near["y"] * grid["scale_y"] - far["y"]) < 4


STEPS = {
    "disable_preproc_grayscale": {"grayscale": {"enabled": True}},
    "disable_preproc_contrast": {"contrast": {"enabled": True, "type": "Adaptive Equalization"}},
    "disable_preproc_static_crop": {"static-crop": {"enabled": True, "x_min": 0, "x_max": 50, "y_min": 0, "y_max": 50}},
}


@pytest.fixture(scope="module")
def prepared(start_server, tmp_path_factory):
    """A server with the detector under a preparation step each, as prepared/1, prepared/2, ... in the order of STEPS."""
    models = tmp_path_factory.mktemp("models")
    for version, step in enumerate(STEPS.values(), 1):
        package = models / "prepared" / str(version)
        shutil.copytree(MODELS / DETECTION, package)
        config = json.loads((package / "inference_config.json").read_text())
        config["image_pre_processing"].update(step)
        (package / "inference_config.json").write_text(json.dumps(config))
        (package / "environment.json").unlink()
    shutil.copytree(MODELS / DETECTION, models / "plain/1")
    with start_server(models=models) as running:
        yield running


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("option", STEPS)
def test_a_step_of_the_package_can_be_switched_off(prepared, option, mode):
    def ask(model, **options):
        return steady(client_of(prepared, mode, **options).infer(str(CROWDED), model_id=model)["predictions"])
    version = list(STEPS).index(option) + 1
    plain, stepped = ask("plain/1"), ask(f"prepared/{version}")
    assert stepped != plain
    assert ask(f"prepared/{version}", **{option: True}) == plain
