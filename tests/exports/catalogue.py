"""The exports: which trainer makes which, and how each is to be read. Both make_exports.py and the tests go by it."""
import dataclasses
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EXPORTS = ROOT / "build/exports"
PICTURES = ROOT / "tests/data/samples"

DETECTION, SEGMENTATION, KEYPOINTS = "object-detection", "instance-segmentation", "keypoint-detection"
CLASSIFICATION, SEMANTIC = "classification", "semantic-segmentation"

ROUTES = {DETECTION: "object_detection", SEGMENTATION: "instance_segmentation", KEYPOINTS: "keypoints_detection",
          CLASSIFICATION: "classification", SEMANTIC: "semantic_segmentation"}


@dataclasses.dataclass(frozen=True)
class Export:
    """One package, build/exports/<project>/1."""
    project: str
    trainer: str
    model: str                   # what the trainer calls it
    task: str
    layout: str                  # of the outputs: see reading.py
    style: str                   # of the input: see reference/inputs.py
    size: int = 320
    options: tuple = ()          # for the trainer's export
    activated_masks: bool = True
    strict: bool = True          # a score at the threshold does not pass
    keypoint_confidence: float = 0  # keypoints with less are left out

    @property
    def folder(self):
        return EXPORTS / self.project / "1"

    @property
    def model_id(self):
        return f"{self.project}/1"


DYNAMIC = (("dynamic", True),)
MANY = (("end2end", False),)     # one candidate for each cell, where the trainer's default is final boxes


def yolo(model, task=DETECTION, layout="columns", suffix="", **more):
    style = "yolo-classifier" if task == CLASSIFICATION else "yolo"
    return Export(model + suffix, "ultralytics", model + ".yaml", task, layout, style, **more)


ULTRALYTICS = (
    yolo("yolov5n"), yolo("yolov8n"), yolo("yolov8n", suffix="-dynamic", options=DYNAMIC), yolo("yolov9t"),
    yolo("yolo11n"), yolo("yolo12n"),
    yolo("yolov10n", layout="ranked-rows"), yolo("yolov10n", suffix="-many", options=MANY),
    yolo("yolo26n", layout="ranked-rows", strict=False), yolo("yolo26n", suffix="-many", options=MANY),
    yolo("yolo26n", layout="ranked-rows", strict=False, suffix="-dynamic", options=DYNAMIC),
    yolo("yolov8n", layout="ranked-rows", strict=False, suffix="-nms", options=(("nms", True),)),

    yolo("yolov8n-seg", SEGMENTATION), yolo("yolov9c-seg", SEGMENTATION, size=160),
    yolo("yolo11n-seg", SEGMENTATION), yolo("yolo12n-seg", SEGMENTATION),
    yolo("yolo26n-seg", SEGMENTATION, "ranked-rows", strict=False, activated_masks=False),
    yolo("yolo26n-seg", SEGMENTATION, suffix="-many", options=MANY, activated_masks=False),

    yolo("yolov8n-pose", KEYPOINTS), yolo("yolo11n-pose", KEYPOINTS), yolo("yolo12n-pose", KEYPOINTS),
    yolo("yolo26n-pose", KEYPOINTS, "ranked-rows", strict=False, keypoint_confidence=0.3),
    yolo("yolo26n-pose", KEYPOINTS, suffix="-many", options=MANY, keypoint_confidence=0.3),

    yolo("yolov8n-cls", CLASSIFICATION, "probabilities", size=128),
    yolo("yolo11n-cls", CLASSIFICATION, "probabilities", size=128),
    yolo("yolo26n-cls", CLASSIFICATION, "probabilities", size=128),
)
