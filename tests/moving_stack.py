"""Frames in which two objects move, and labels of a division."""

from __future__ import annotations

import numpy as np


def moving(count=4, shape=(40, 60)):
    """``(count, rows, cols)``: two bright rectangles that move one column a frame."""
    frames = np.zeros((count, *shape), np.uint8)
    for k in range(count):
        frames[k, 5:12, 6 + k : 20 + k] = 255
        frames[k, 20:30, 30 + k : 45 + k] = 255
    return frames


def dividing():
    """One object that becomes two in the third frame."""
    labels = np.zeros((4, 40, 60), np.int32)
    labels[:2, 10:20, 20:32] = 1
    labels[2:, 10:20, 16:24] = 2
    labels[2:, 10:20, 27:35] = 3
    return labels
