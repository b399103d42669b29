"""Scores of classifiers."""
import numpy as np


def softmax(logits, axis=0):
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)
