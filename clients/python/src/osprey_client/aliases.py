"""Short names of public models, as the stock client and the server know them: `yolov8n-640` is `coco/3`."""

# Name with {} for the size, the sizes, the id with {} for what differs, and that, in the order of the sizes.
_SERIES: tuple[tuple[str, str, str, str], ...] = (
    ("yolov8{}-640", "n s m l x", "coco/{}", "3 6 8 7 5"),
    ("yolov8{}-1280", "n s m l x", "coco/{}", "9 10 11 12 13"),
    ("yolov8{}-seg-640", "n s m l x", "coco-dataset-vdnr1/{}", "2 4 5 6 3"),
    ("yolov8{}-seg-1280", "n s m l x", "coco-dataset-vdnr1/{}", "7 8 9 10 11"),
    ("yolov8{}-pose-640", "n s m l x", "coco-pose-detection/{}", "1 2 3 4 5"),
    ("yolov8{}-pose-1280", "x", "coco-pose-detection/{}", "6"),
    ("yolo-nas-{}-640", "s m l", "coco/{}", "14 15 16"),
    ("yolov10{}-640", "n s m b l x", "coco/{}", "19 20 21 22 23 24"),
    ("yolov11{}-640", "n s m l x", "coco/{}", "25 26 27 28 29"),
    ("yolov11{}-1280", "n s m l x", "coco/{}", "30 31 32 33 34"),
    ("yolov11{}-seg-640", "n s m l x", "coco-dataset-vdnr1/{}", "19 20 21 22 23"),
    ("yolov26{}-640", "n s m l x", "coco/{}", "41 42 43 44 45"),
    ("yolov26{}-seg-640", "n s m l x", "coco-dataset-vdnr1/{}", "27 28 29 31 34"),
    ("yolov26{}-pose-640", "n s m l x", "coco-pose-detection/{}", "12 13 14 15 16"),
    ("yolov26{}-sem-1024", "n s m l x", "yolo26-pretrains/yolo26{}-sem", "n s m l x"),
    ("yolov26{}-depth-768", "n s m l x", "yolo26-pretrains/yolo26{}-depth", "n s m l x"),
    ("rfdetr-{}", "base nano small medium large xlarge 2xlarge", "coco/{}", "36 38 39 40 50 47 48"),
    ("rfdetr-seg-{}", "preview nano small medium large xlarge 2xlarge", "coco-dataset-vdnr1/{}", "26 41 36 37 38 39 40"),
    ("rfdetr-keypoint-{}", "preview", "microsoft/coco-pose-detection-17-rfdetr-keypoint-{}-t1", "preview"),
    ("resnet{}", "18 34 50 101", "classifiers/{}", "1 2 3 4"),
)
_WITHOUT_V = ("yolov11", "yolov26")  # also written yolo11n-640, yolo26n-640


def _expanded() -> dict[str, str]:
    ids: dict[str, str] = {}
    for name, sizes, model_id, parts in _SERIES:
        for size, part in zip(sizes.split(), parts.split(), strict=True):
            ids[name.format(size)] = model_id.format(part)
            if name.startswith(_WITHOUT_V):
                ids[name.format(size).replace("yolov", "yolo", 1)] = model_id.format(part)
    return ids


_IDS = _expanded()


def resolve_alias(model_id: str) -> str:
    """The id that an alias stands for; what is no alias is an id already."""
    return _IDS.get(model_id, model_id)
