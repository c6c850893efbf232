"""An image of discs and bars, with their labels: two kinds of objects that look different."""

from __future__ import annotations

import numpy as np

SIDE, STEP = 5, 36
KINDS = tuple(("disc", "bar")[(number * 5 // 3) % 2] for number in range(SIDE * SIDE))
"""Of the objects 1, 2, ..."""


def two_kinds(seed=0):
    """An image ``(180, 180)`` uint8 and its labels."""
    rng = np.random.default_rng(seed)
    pixels = rng.normal(40, 6, (SIDE * STEP, SIDE * STEP))
    labels = np.zeros(pixels.shape, np.int32)
    rows, cols = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    for number, kind in enumerate(KINDS):
        down, right = (STEP * at + STEP / 2 for at in divmod(number, SIDE))
        angle = rng.uniform(0, np.pi)
        along = (rows - down) * np.cos(angle) + (cols - right) * np.sin(angle)
        across = (cols - right) * np.cos(angle) - (rows - down) * np.sin(angle)
        size = rng.uniform(0.85, 1.15)
        long, short = (9, 9) if kind == "disc" else (14, 5)
        inside = (along / long) ** 2 + (across / short) ** 2 < size**2
        labels[inside] = number + 1
        pixels[inside] += 100 if kind == "disc" else 80
    return pixels.clip(0, 255).astype(np.uint8), labels


def placed(labels, number):
    """The mask of an object in its box, and where that is."""
    rows, cols = np.nonzero(labels == number)
    box = np.s_[rows.min() : rows.max() + 1, cols.min() : cols.max() + 1]
    return (labels == number)[box], (int(rows.min()), int(cols.min()))
