"""Candidates of each output layout, and suppression: inputs are one image's outputs, without the batch."""
import dataclasses

import numpy as np


@dataclasses.dataclass
class Candidates:
    """Corners in network pixels [N, 4], scores [N], classes [N], and the column or row of the output that each was."""
    boxes: np.ndarray
    scores: np.ndarray
    classes: np.ndarray
    places: np.ndarray

    def __len__(self):
        return len(self.scores)

    def select(self, chosen):
        return Candidates(self.boxes[chosen], self.scores[chosen], self.classes[chosen], self.places[chosen])


def sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))  # as 1 / (1 + exp(-x)), without its overflow


def corners(boxes):
    """cx, cy, w, h to x1, y1, x2, y2."""
    return np.concatenate((boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2), axis=1)


def best_class(scores):
    return scores.max(axis=1), scores.argmax(axis=1)


def from_columns(output, class_count, threshold):
    """YOLOv8's layout [4 + C + more, N]: cx, cy, w, h, class scores."""
    rows = output.T
    scores, classes = best_class(rows[:, 4:4 + class_count])
    places = np.flatnonzero(scores > threshold)
    return Candidates(corners(rows[places, :4]), scores[places], classes[places], places)


def from_rows(output, class_count, threshold, strict):
    """The end-to-end layout [K, 6 + more]: x1, y1, x2, y2, score, class."""
    passing = output[:, 4] > threshold if strict else output[:, 4] >= threshold
    places = np.flatnonzero(passing & (output[:, 5] < class_count))
    return Candidates(output[places, :4], output[places, 4], output[places, 5].astype(int), places)


def from_queries(boxes, logits, class_count, threshold, size):
    """RF-DETR's boxes [Q, 4] (cx, cy, w, h of 0..1) and logits [Q, C']: the best Q pairs of query and class."""
    scores = sigmoid(logits.astype(np.float32)).reshape(-1)
    order = np.argsort(-scores, kind="stable")[:len(boxes)]
    queries, classes = np.divmod(order, logits.shape[1])
    keep = (classes < class_count) & (scores[order] > threshold)
    queries = queries[keep]
    scale = np.asarray((*size, *size), np.float32)
    return Candidates(corners(boxes[queries]) * scale, scores[order][keep], classes[keep], queries)


def from_keypoint_queries(boxes, logits, keypoints, slots, threshold, size):
    """RF-DETR with keypoints [Q, C * slots, 8]: scores are higher where the keypoints are sharper. `places` are those of
    (query, class) among the C of each query."""
    blocks = keypoints.reshape(len(boxes), -1, slots, 8).astype(np.float64)
    findable = sigmoid(blocks[..., 2])
    l11, l21, l22 = np.exp(blocks[..., 4]), blocks[..., 5], np.exp(blocks[..., 6])
    trace = 1 / l11**2 + 1 / l22**2 + l21**2 / (l11 * l22)**2
    mean = (findable * trace).sum(axis=2) / findable.sum(axis=2)
    fused = sigmoid(logits[:, :blocks.shape[1]].astype(np.float64)) * mean**-0.2
    scores = (fused / (1 + fused)).reshape(-1)
    places = np.flatnonzero(scores > threshold)
    places = places[np.argsort(-scores[places], kind="stable")]
    queries, classes = np.divmod(places, blocks.shape[1])
    return Candidates(corners(boxes[queries]) * np.asarray((*size, *size), np.float32), scores[places], classes, places)


def from_grid_offsets(output, class_count, threshold, size):
    """YOLOX's layout [N, 5 + C]: offsets in cells of strides 8, 16 and 32, logarithms of sizes, objectness, classes."""
    width, height = size
    cells, strides = [], []
    for stride in (8, 16, 32):
        y, x = np.mgrid[:height // stride, :width // stride]
        cells.append(np.stack((x, y), axis=2).reshape(-1, 2))
        strides.append(np.full((x.size, 1), stride))
    cells, strides = np.concatenate(cells), np.concatenate(strides)
    boxes = np.concatenate(((output[:, :2] + cells) * strides, np.exp(output[:, 2:4]) * strides), axis=1)
    scores, classes = best_class(output[:, 4:5] * output[:, 5:5 + class_count])
    places = np.flatnonzero(scores > threshold)
    return Candidates(corners(boxes[places]).astype(np.float32), scores[places], classes[places], places)


def overlaps(box, boxes):
    """IoU of one box with others."""
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    inner = np.prod(np.maximum(high - low, 0), axis=1)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return inner / (np.prod(box[2:] - box[:2]) + areas - inner)


def suppress(candidates, iou_threshold, max_detections):
    """The best of each class, without those that overlap a better one of the class by more than the threshold."""
    order = np.argsort(-candidates.scores, kind="stable")
    kept = []
    while len(order):
        first, order = order[0], order[1:]
        kept.append(first)
        same = candidates.classes[order] == candidates.classes[first]
        with np.errstate(invalid="ignore"):
            covered = overlaps(candidates.boxes[first], candidates.boxes[order]) > iou_threshold
        order = order[~(same & covered)]
    return candidates.select(np.asarray(kept[:max_detections], int))
