"""A model whose dense maps are known exactly: the distance is that of the bright region, in full.

Unlike that of a whole frame, the map of a window knows nothing of what lies beyond it: pixels at
its sides are as deep as if the region went on.
"""

from __future__ import annotations

import numpy as np

from exact_family import ExactFamily
from napari_cutout.sam.family import DenseMaps
from napari_cutout.segment import Segmenter


class FlatFamily(ExactFamily):
    """Foreground and distance are 1 in bright regions; ``dense_sizes`` keeps what was asked."""

    def __init__(self, input_size: int = 64) -> None:
        super().__init__(input_size)
        self.dense_sizes: list[tuple[int, int]] = []

    def dense(self, features):
        bright = (features.maps["grey"][0, 0] > 127).float()
        self.dense_sizes.append(tuple(bright.shape))
        return DenseMaps(bright, bright)


def flat_segmenter(input_size: int = 64) -> Segmenter:
    """A segmenter of that model; it is ``segmenter.family``."""
    family = FlatFamily(input_size)
    segmenter = Segmenter.from_family(family, "flat")
    segmenter.family = family
    return segmenter


def painted(labels):
    """A frame ``(rows, cols)`` uint8 in which labelled pixels are bright."""
    return np.where(labels > 0, 255, 0).astype(np.uint8)


def masks_of(objects):
    """Every object's box and pixels, in one order: what two answers are compared by."""
    return sorted((one.origin, one.mask.size, one.mask.counts) for one in objects)
