"""YOLOX-Nano, whose trainer is in no package registry: a trained network that lies beside the repository, if there."""
import shutil

import catalogue

FOLDER = catalogue.ROOT.parent / "shared/models/byo"
CLASSES = "coco_classes.txt"


def export(what, folder, scratch):
    shutil.copy(FOLDER / what.model, folder / "weights.onnx")
    shutil.copy(FOLDER / CLASSES, folder)
    return "Megvii, as the README beside it says"
