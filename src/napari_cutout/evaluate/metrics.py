"""How well masks agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def iou(answer: Mask, truth: Mask) -> float:
    """Intersection over union; 1 when both are empty."""
    either = int(np.count_nonzero(answer | truth))
    return int(np.count_nonzero(answer & truth)) / either if either else 1.0


def inscribed_ellipse(box: tuple[int, int, int, int], shape: tuple[int, int]) -> Mask:
    """The ellipse inscribed in a box: what a box alone gives, with no model at all.

    Parameters
    ----------
    box
        (row0, col0, row1, col1), both corners inside.
    shape
        ``(rows, cols)`` of the frame.
    """
    row0, col0, row1, col1 = box
    rows = np.arange(shape[0])[:, None] - (row0 + row1) / 2
    cols = np.arange(shape[1])[None, :] - (col0 + col1) / 2
    height, width = row1 - row0 + 1, col1 - col0 + 1
    ellipse: Mask = (2 * rows / height) ** 2 + (2 * cols / width) ** 2 <= 1
    return ellipse
