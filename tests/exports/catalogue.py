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
    architecture: str = ""       # for model.json
    options: tuple = ()          # for the trainer's export
    activated_masks: bool = True        # sigmoid before masks are resampled
    keypoint_confidence: float = 0      # keypoints with less are left out

    @property
    def folder(self):
        return EXPORTS / self.project / "1"

    @property
    def model_id(self):
        return f"{self.project}/1"


# Of the trainer's release in requirements.txt. Older ones say end2end=True (their default) and end2end=False.
FINAL = (("nms", False),)        # final boxes, of networks that need no NMS
FUSED = (("nms", True),)         # NMS inside the network
DYNAMIC = (("dynamic", True),)


def yolo(model, layout="columns", suffix="", size=320, options=()):
    kind = model.partition("-")[2]
    task = {"": DETECTION, "seg": SEGMENTATION, "pose": KEYPOINTS, "cls": CLASSIFICATION}[kind]
    yolo26 = model.startswith("yolo26")
    return Export(model + suffix, "ultralytics", model + ".yaml", task,
                  "probabilities" if task == CLASSIFICATION else layout,
                  "yolo-classifier" if task == CLASSIFICATION else "yolo", size, options=options,
                  activated_masks=not yolo26, keypoint_confidence=0.3 if yolo26 else 0)


ULTRALYTICS = (
    yolo("yolov5n"), yolo("yolov6n"), yolo("yolov8n"), yolo("yolov9t"), yolo("yolo11n"), yolo("yolo12n"),
    yolo("yolov8n", suffix="-dynamic", options=DYNAMIC), yolo("yolov8n", suffix="-batch2", options=(("batch", 2),)),
    yolo("yolov8n", "ranked-rows", suffix="-nms", options=FUSED),
    yolo("yolov10n"), yolo("yolov10n", "final-rows", suffix="-final", options=FINAL),
    yolo("yolo26n"), yolo("yolo26n", "ranked-rows", suffix="-final", options=FINAL),
    yolo("yolo26n", "ranked-rows", suffix="-final-dynamic", options=FINAL + DYNAMIC),

    yolo("yolov8n-seg"), yolo("yolov9c-seg", size=160), yolo("yolo11n-seg"), yolo("yolo12n-seg"),
    yolo("yolov8n-seg", "ranked-rows", suffix="-nms", options=FUSED),
    yolo("yolo26n-seg"), yolo("yolo26n-seg", "ranked-rows", suffix="-final", options=FINAL),

    yolo("yolov8n-pose"), yolo("yolo11n-pose"), yolo("yolo12n-pose"),
    yolo("yolov8n-pose", "ranked-rows", suffix="-nms", options=FUSED),
    yolo("yolo26n-pose"), yolo("yolo26n-pose", "ranked-rows", suffix="-final", options=FINAL),

    yolo("yolov8n-cls", size=128), yolo("yolo11n-cls", size=128), yolo("yolo26n-cls", size=128),
)

# Made with PyTorch, and so without words about themselves.
OTHERS = (
    Export("timm-resnet18", "timm", "resnet18", CLASSIFICATION, "logits", "imagenet", size=128,
           architecture="resnet18"),
    Export("timm-vit", "timm", "vit_tiny_patch16_224", CLASSIFICATION, "logits", "vit", size=224, architecture="vit"),
    Export("smp-deeplabv3plus", "smp", "DeepLabV3Plus", SEMANTIC, "logits", "imagenet", size=160,
           architecture="deep-lab-v3-plus"),
    Export("rfdetr-nano", "rfdetr", "RFDETRNano", DETECTION, "queries", "rfdetr", size=384, architecture="rfdetr-nano"),
    Export("rfdetr-seg-nano", "rfdetr", "RFDETRSegNano", SEGMENTATION, "queries", "rfdetr", size=312,
           architecture="rfdetr-seg-nano"),
    Export("rfdetr-nano-dynamic", "rfdetr", "RFDETRNano", DETECTION, "queries", "rfdetr", size=384,
           architecture="rfdetr-nano", options=(("dynamic_batch", True),)),
    Export("rfdetr-keypoints", "rfdetr", "RFDETRKeypointPreview", KEYPOINTS, "queries", "rfdetr", size=576,
           architecture="rfdetr-keypoint-preview", keypoint_confidence=0.3),
    Export("yolox-nano", "yolox", "yolox_nano.onnx", DETECTION, "grid-offsets", "yolox", size=416,
           architecture="yolox-nano"),
)

ALL = ULTRALYTICS + OTHERS
TRAINERS = {"ultralytics": "trainers.ultralytics_models", "timm": "trainers.classifiers", "smp": "trainers.semantic",
            "rfdetr": "trainers.rfdetr_models", "yolox": "trainers.yolox_models"}
