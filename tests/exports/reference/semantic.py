"""A class and a confidence for each pixel."""
import numpy as np

from reference import masks
from reference.classification import softmax


def class_map(logits, geometry, background, threshold):
    """Of logits [K, h, w], all classes with the background among them: ids [H, W] and confidences [H, W]."""
    scores = softmax(masks.to_picture(logits, geometry))
    ids, confidences = scores.argmax(axis=0), scores.max(axis=0)
    below = confidences < threshold
    return np.where(below, background, ids), np.where(below, 0, confidences)
