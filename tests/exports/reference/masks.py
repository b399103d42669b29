"""Masks at the picture's size."""
import numpy as np

from reference.detections import sigmoid


def resampling(source, target):
    """[target, source] weights of bilinear resampling: half-pixel centres, a triangle that widens when shrinking."""
    scale = source / target
    support = max(scale, 1.0)
    centers = (np.arange(target) + 0.5) * scale - 0.5
    weights = np.maximum(0, 1 - np.abs(np.arange(source)[None] - centers[:, None]) / support)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def to_picture(values, geometry):
    """[..., h, w] of the network's whole input to the picture's size: padding off, resampled."""
    height, width = values.shape[-2:]
    left, right = (round(pad * width / geometry.network[0]) for pad in (geometry.pad_left, geometry.pad_right))
    top, bottom = (round(pad * height / geometry.network[1]) for pad in (geometry.pad_top, geometry.pad_bottom))
    inner = values[..., top:height - bottom, left:width - right]
    if inner.shape[-2:] == (geometry.picture[1], geometry.picture[0]):
        return inner
    rows = resampling(inner.shape[-2], geometry.picture[1])
    columns = resampling(inner.shape[-1], geometry.picture[0])
    return rows @ inner @ columns.T


def inside(box, shape):
    """Which cells of the mask grid a box of network pixels covers; the grid's cells are 4 pixels wide."""
    x1, y1, x2, y2 = np.rint(box * 0.25)
    y, x = np.mgrid[:shape[0], :shape[1]]
    return (x1 <= x) & (x < x2) & (y1 <= y) & (y < y2)


def from_prototypes(coefficients, prototypes, boxes, geometry, activated):
    """Masks [N, H, W]. `activated`: sigmoid before the resampling, cut at 0.5; else cut at 0."""
    masks = []
    for weights, box in zip(coefficients, boxes, strict=True):
        values = np.tensordot(weights, prototypes, axes=1)
        if activated:
            values = sigmoid(values)
        values = np.where(inside(box, values.shape), values, 0)
        masks.append(to_picture(values, geometry) > (0.5 if activated else 0))
    return masks


def from_logits(logits, geometry):
    return [to_picture(values, geometry) > 0 for values in logits]


def from_rle(rle):
    """A mask [H, W] of COCO's compressed run lengths: base 48, 5 bits a character, differences from the third run on."""
    runs, at, text = [], 0, rle["counts"].encode()
    while at < len(text):
        value, shift, more = 0, 0, True
        while more:
            bits = text[at] - 48
            value |= (bits & 31) << shift
            more = bool(bits & 32)
            shift += 5
            at += 1
            if not more and bits & 16:
                value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
    height, width = rle["size"]
    flat = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    assert flat.size == height * width, "the runs do not add up to the picture"
    return flat.reshape(width, height).T


def iou(a, b):
    union = np.logical_or(a, b).sum()
    return np.logical_and(a, b).sum() / union if union else 1.0
