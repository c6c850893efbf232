"""How alike two answers are: the intersection over union of masks, whole or each in its box."""

from __future__ import annotations

import numpy as np

Crop = tuple[np.ndarray, tuple[int, int]]
"""A mask ``(rows, cols)``, and the (row, col) of its first pixel in the frame."""


def iou(one: Crop, other: Crop) -> float:
    """Of two masks that lie in boxes of the same frame; two empty ones are alike."""
    shared = int((_shared(one, other) & _shared(other, one)).sum())
    either = int(one[0].sum()) + int(other[0].sum()) - shared
    return shared / either if either else 1.0


def mean_iou(masks: np.ndarray, others: np.ndarray) -> float:
    """Of pairs of masks ``(N, rows, cols)``; two empty ones are alike."""
    shared = (masks & others).sum(axis=(1, 2))
    either = (masks | others).sum(axis=(1, 2))
    return float(np.where(either > 0, shared / np.maximum(either, 1), 1.0).mean())


def _shared(one: Crop, other: Crop) -> np.ndarray:
    """The part of a mask in the box of another."""
    mask, origin = np.asarray(one[0], bool), np.array(one[1])
    low = np.maximum(origin, other[1])
    high = np.minimum(origin + mask.shape, np.add(other[1], other[0].shape))
    (top, left), (bottom, right) = low - origin, np.maximum(high, low) - origin
    return mask[top:bottom, left:right]
