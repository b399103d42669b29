"""How well detections agree with the truth: F1 at an IoU of 0.5, each class by itself."""
import collections
import dataclasses
import json
import pathlib


@dataclasses.dataclass(frozen=True)
class Box:
    """Corners in pixels, and the class's name."""
    name: str
    x1: float
    y1: float
    x2: float
    y2: float


@dataclasses.dataclass(frozen=True)
class Sample:
    path: pathlib.Path
    width: int
    height: int
    truth: tuple


def load_samples(folder):
    """The pictures of a folder with annotations.json in COCO's format (bbox: left, top, width, height)."""
    annotations = json.loads((folder / "annotations.json").read_text())
    names = {category["id"]: category["name"] for category in annotations["categories"]}
    truth = collections.defaultdict(list)
    for annotation in annotations["annotations"]:
        x, y, width, height = annotation["bbox"]
        truth[annotation["image_id"]].append(Box(names[annotation["category_id"]], x, y, x + width, y + height))
    return [Sample(folder / image["file_name"], image["width"], image["height"], tuple(truth[image["id"]]))
            for image in annotations["images"]]


def boxes_of(answer):
    """The boxes of a detection answer, surest first."""
    ordered = sorted(answer["predictions"], key=lambda p: -p["confidence"])
    return [Box(p["class"], p["x"] - p["width"] / 2, p["y"] - p["height"] / 2, p["x"] + p["width"] / 2,
                p["y"] + p["height"] / 2) for p in ordered]


def iou(a, b):
    width = max(0.0, min(a.x2, b.x2) - max(a.x1, b.x1))
    height = max(0.0, min(a.y2, b.y2) - max(a.y1, b.y1))
    union = (a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - width * height
    return width * height / union if union > 0 else 0.0


def f1(samples, answers):
    """Over all pictures: each truth is found by at most one detection of its class, the surest first."""
    found = wrong = missed = 0
    for sample, answer in zip(samples, answers, strict=True):
        left = list(sample.truth)
        for box in boxes_of(answer):
            best = max((t for t in left if t.name == box.name), key=lambda t: iou(t, box), default=None)
            if best is not None and iou(best, box) >= 0.5:
                left.remove(best)
                found += 1
            else:
                wrong += 1
        missed += len(left)
    return 2 * found / (2 * found + wrong + missed) if found else 0.0
