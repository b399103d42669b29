"""The models that are measured, as packages that Osprey and the reference's registry both read."""
import dataclasses
import json
import pathlib
import shutil
import subprocess

from machine import ROOT

DEMO = ROOT / "models"


@dataclasses.dataclass(frozen=True)
class Model:
    id: str
    task: str  # the last part of /infer/...
    side: int  # the network's input, pixels
    letterbox: bool
    folder: pathlib.Path  # holds <project>/<version>/

    @property
    def weights(self):
        return self.folder / self.id / "weights.onnx"


def demo(name, task, side, letterbox):
    return Model(f"{name}/1", task, side, letterbox, DEMO)


def export_random(variant, target, python):
    """An export with random weights, by Ultralytics where that Python has it. False: it has not."""
    script = ("import sys; from ultralytics import YOLO; "
              "print(YOLO(sys.argv[1]).export(format='onnx', imgsz=640, simplify=False))")
    work = target.parents[3] / "exports"
    work.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run([python, "-c", script, f"{variant}.yaml"], cwd=work, capture_output=True, text=True,
                              check=False)
    except OSError:  # no such Python
        return False
    if done.returncode != 0:
        return False
    shutil.copy(work / done.stdout.strip().splitlines()[-1], target)
    return True


def yolov8(variant, task, folder, python):
    """YOLOv8 of the COCO size as a package, exported at the first call; None where the means to do so are missing."""
    project = {"yolov8n": "bench-detection", "yolov8n-seg": "bench-segmentation"}[variant]
    package = folder / project / "1"
    package.mkdir(parents=True, exist_ok=True)
    weights = package / "weights.onnx"
    if not weights.exists():
        if not export_random(variant, weights, python):
            return None
    classes = [f"class-{i}" for i in range(80)]
    (package / "class_names.txt").write_text("\n".join(classes) + "\n")
    (package / "environment.json").write_text(json.dumps({"PREPROCESSING": "{}", "COLORS": {}}))
    (package / "inference_config.json").write_text(json.dumps({
        "image_pre_processing": {"auto-orient": {"enabled": True}},
        "network_input": {"training_input_size": {"height": 640, "width": 640}, "dynamic_spatial_size_supported": False,
                          "color_mode": "rgb", "resize_mode": "letterbox", "input_channels": 3, "scaling_factor": 255,
                          "padding_value": 127},
        "forward_pass": {"static_batch_size": 1},
        "post_processing": {"type": "nms", "fused": False}}))
    (package / "package.json").write_text(json.dumps({
        "modelArchitecture": "yolov8", "modelVariant": variant, "taskType": task.replace("_", "-"),
        "ortType": variant, "dynamicBatchSize": False}))
    return Model(f"{project}/1", task, 640, True, folder)
