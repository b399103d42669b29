"""RF-DETR as its trainer exports it: the network of its configuration instead of the user's own checkpoint."""
import os

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1")  # before the import: nothing is to be downloaded

import importlib.metadata
import shutil

import rfdetr
import torch

import catalogue
from reference.inputs import IMAGENET
from trainers import calibration

CLASSES = ["bolt", "nut", "screw", "washer", "spring"]
KEYPOINTS = ["head", "middle", "tip"]


def enliven(model, size):
    batch = calibration.pictures(size, *IMAGENET)
    calibration.settle_norms(model, batch)
    torch.nn.init.normal_(model.bbox_embed.layers[-1].weight, std=0.03)  # all zeros before training
    scores = calibration.recorded(model, [model.class_embed], batch)[0]
    calibration.let_pass(model.class_embed, scores, classes=-1, share=0.2)


def export(what, folder, scratch):
    torch.manual_seed(0)
    schema = {"num_keypoints_per_class": [len(KEYPOINTS)] * len(CLASSES)} if what.task == catalogue.KEYPOINTS else {}
    detector = getattr(rfdetr, what.model)(pretrain_weights=None, num_classes=len(CLASSES), device="cpu", **schema)
    assert detector.model.resolution == what.size, f"its size is {detector.model.resolution}"
    enliven(detector.model.model, what.size)
    written = detector.export(output_dir=str(scratch / "output"), verbose=False, **dict(what.options))
    shutil.move(written, folder / "weights.onnx")
    return f"rfdetr {importlib.metadata.version('rfdetr')}"
