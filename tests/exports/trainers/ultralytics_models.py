"""YOLO v5u to 26 as their trainer exports them: `YOLO("yolov8n.yaml")` instead of the user's own weights."""
import os
import pathlib
import shutil

import catalogue

# Before the import, which would ask the network and write into the user's home.
os.environ.update(YOLO_OFFLINE="True", YOLO_AUTOINSTALL="False", YOLO_CONFIG_DIR=str(catalogue.ROOT / "build"))

import torch
import ultralytics
from ultralytics import YOLO

from trainers import calibration


def branches(head, name):
    """The last layers of a head's branch, with those of the second head of networks that need no NMS."""
    scales = [scale for branch in (name, "one2one_" + name) for scale in getattr(head, branch, None) or ()]
    return [scale[-1] if isinstance(scale, torch.nn.Sequential) else scale for scale in scales]


def enliven(model, task, size):
    batch = calibration.pictures(size)
    calibration.settle_norms(model, batch)
    head = model.model[-1]
    if task == catalogue.CLASSIFICATION:
        values = calibration.recorded(model, [head.linear], batch)[0]
        calibration.spread(head.linear, values, 6)
        return
    scores, boxes = branches(head, "cv3"), branches(head, "cv2")
    more = branches(head, "cv4_kpts" if hasattr(head, "cv4_kpts") else "cv4")  # coefficients of masks, or keypoints
    layers = scores + boxes + more
    for layer, values in zip(layers, calibration.recorded(model, layers, batch), strict=True):
        if layer in scores:
            calibration.let_pass(layer, values, classes=1, share=0.02)
        else:
            calibration.spread(layer, values, 1.5, 1.0 if layer in boxes else 0)


def export(what, folder, scratch):
    torch.manual_seed(0)
    yolo = YOLO(what.model)
    enliven(yolo.model, what.task, what.size)
    written = pathlib.Path(yolo.export(format="onnx", imgsz=what.size, device="cpu", **dict(what.options)))
    shutil.move(written, folder / "best.onnx")
    return f"ultralytics {ultralytics.__version__}"
