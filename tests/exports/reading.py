"""What the reference makes of a package and a picture: onnxruntime runs the network, NumPy reads its outputs."""
import ast
import dataclasses
import json

import numpy as np
import onnxruntime

import catalogue
from reference import detections, masks, semantic
from reference.classification import softmax
from reference.inputs import STYLES, decode, prepare

IOU = 0.5
MAX_DETECTIONS = 300
ROWS = ("ranked-rows", "final-rows")  # the second: YOLOv10's, where a score at the threshold does not pass

SUPPRESSED = ("columns", "grid-offsets")


def dividing(scores):
    """A threshold that lets 40 to 80 candidates pass, as far from any score as can be: rounding must not decide."""
    ordered = np.sort(scores)[::-1][40:81]
    assert len(ordered) > 1, "the network has too few candidates"
    widest = np.argmax(ordered[:-1] - ordered[1:])
    return float(ordered[widest] + ordered[widest + 1]) / 2


@dataclasses.dataclass(eq=False)
class Instance:
    """In picture pixels. `keypoints`: slot -> x, y, confidence; `mask`: H x W."""
    box: np.ndarray
    score: float
    name: str
    mask: np.ndarray | None = None
    keypoints: dict | None = None


class Network:
    """A package's network and names, read without the server."""

    def __init__(self, export):
        self.export = export
        path = next(export.folder.glob("*.onnx"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        model = export.folder / "model.json"
        if model.exists():
            told = json.loads(model.read_text())
            self.names = told["classes"]
            if isinstance(self.names, str):
                self.names = (export.folder / self.names).read_text().split("\n")[:-1]
            self.keypoint_count = len(told.get("keypoints", ()))
        else:
            metadata = self.session.get_modelmeta().custom_metadata_map
            self.names = list(ast.literal_eval(metadata["names"]).values())
            self.keypoint_count = ast.literal_eval(metadata.get("kpt_shape", "[0]"))[0]

    def run(self, encoded):
        """The outputs for one picture, without the batch, and its geometry."""
        size = self.export.size
        tensor, geometry = prepare(decode(encoded), size, size, STYLES[self.export.style])
        source = self.session.get_inputs()[0]
        if isinstance(source.shape[0], int):  # a fixed batch is filled with zeros
            tensor = np.concatenate((tensor, np.zeros((source.shape[0] - 1, *tensor.shape[1:]), np.float32)))
        return [output[0] for output in self.session.run(None, {source.name: tensor})], geometry

    def candidates(self, outputs, geometry, threshold):
        """Before suppression."""
        layout, count = self.export.layout, len(self.names)
        if layout in ROWS:
            return detections.from_rows(outputs[0], count, threshold, strict=layout == "final-rows")
        if layout == "queries" and self.export.task == catalogue.KEYPOINTS:
            return detections.from_keypoint_queries(*outputs, self.keypoint_count, threshold, geometry.network)
        if layout == "queries":
            return detections.from_queries(*outputs[:2], count, threshold, geometry.network)
        if layout == "grid-offsets":
            return detections.from_grid_offsets(outputs[0], count, threshold, geometry.network)
        return detections.from_columns(outputs[0], count, threshold)

    def extras(self, outputs, candidates):
        """What stands behind box and classes in each candidate's column or row."""
        if self.export.layout in ROWS:
            return outputs[0][candidates.places, 6:]
        return outputs[0].T[candidates.places, 4 + len(self.names):]

    def masks(self, outputs, candidates, geometry):
        if self.export.layout == "queries":
            return masks.from_logits(outputs[2][candidates.places], geometry)
        return masks.from_prototypes(self.extras(outputs, candidates), outputs[1], candidates.boxes, geometry,
                                     self.export.activated_masks)

    def keypoints(self, outputs, candidates, geometry):
        if self.export.layout == "queries":
            values = outputs[2].reshape(-1, self.keypoint_count, 8)[candidates.places]
            points = np.rint(geometry.points_to_picture(values[:, :, :2] * np.float32(geometry.network)))
            points = np.clip(points, 0, geometry.picture)
            scores = detections.sigmoid(values[:, :, 2])
        else:
            values = self.extras(outputs, candidates).reshape(len(candidates), self.keypoint_count, 3)
            points = np.rint(geometry.points_to_picture(values[:, :, :2]))
            scores = values[:, :, 2]
        kept = (scores >= self.export.keypoint_confidence) & (scores > 0)
        return [{slot: (*points[i, slot], scores[i, slot]) for slot in np.flatnonzero(kept[i])}
                for i in range(len(candidates))]

    def instances(self, encoded):
        """Of detectors, segmenters and keypoint models: a threshold at which some dozens of candidates pass, and what
        is left of them."""
        outputs, geometry = self.run(encoded)
        threshold = dividing(self.candidates(outputs, geometry, 0).scores)
        found = self.candidates(outputs, geometry, threshold)
        if self.export.layout in SUPPRESSED:
            found = detections.suppress(found, IOU, MAX_DETECTIONS)
        boxes = geometry.boxes_to_picture(found.boxes)
        instances = [Instance(box, float(score), self.names[class_id])
                     for box, score, class_id in zip(boxes, found.scores, found.classes, strict=True)]
        if self.export.task == catalogue.SEGMENTATION:
            for instance, mask in zip(instances, self.masks(outputs, found, geometry), strict=True):
                instance.mask = mask
        if self.export.task == catalogue.KEYPOINTS:
            for instance, keypoints in zip(instances, self.keypoints(outputs, found, geometry), strict=True):
                instance.keypoints = keypoints
        return threshold, instances

    def probabilities(self, encoded):
        """Of classifiers: name -> probability."""
        (scores, *_), _ = self.run(encoded)
        if self.export.layout == "logits":
            scores = softmax(scores)
        return dict(zip(self.names, scores.tolist(), strict=True))

    def pixels(self, encoded, threshold):
        """Of semantic segmentation: ids and confidences, H x W."""
        (logits, *_), geometry = self.run(encoded)
        return semantic.class_map(logits, geometry, self.names.index("background"), threshold)
