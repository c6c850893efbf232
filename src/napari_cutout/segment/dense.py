"""Dense maps of a whole frame, put together from windows that overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from napari_cutout.sam.family import DenseMaps
    from napari_cutout.segment.windows import Window


@dataclass(frozen=True, eq=False)
class FrameMaps:
    """Per-pixel maps of a frame from which all instances come.

    Parameters
    ----------
    foreground
        ``(rows, cols)`` float32, the probability that the pixel belongs to an object.
    distance
        ``(rows, cols)`` float32, the distance to the object's edge, 1 at its deepest.
    offsets
        ``(2, rows, cols)`` float32, from the pixel to its object's centre in pixels (row, col).
    """

    foreground: NDArray[np.float32]
    distance: NDArray[np.float32]
    offsets: NDArray[np.float32]


def stitch(pieces: Iterable[tuple[Window, DenseMaps]], shape: tuple[int, int]) -> FrameMaps:
    """Average the maps of windows, each weighted by how far a pixel is from the window's sides.

    Parameters
    ----------
    pieces
        Windows that cover the frame, and their maps.
    shape
        ``(rows, cols)`` of the frame.
    """
    total = np.zeros((4, *shape), np.float32)
    weights = np.zeros(shape, np.float32)
    for window, maps in pieces:
        weight = _taper(window.rows)[:, None] * _taper(window.cols)[None, :]
        stacked = np.concatenate(
            [
                maps.foreground.cpu().numpy()[None],
                maps.distance.cpu().numpy()[None],
                maps.offsets.cpu().numpy(),
            ]
        )
        total[(slice(None), *window.slices)] += stacked * weight
        weights[window.slices] += weight
    total /= weights
    return FrameMaps(total[0], total[1], total[2:])


def _taper(length: int) -> NDArray[np.float32]:
    place = np.arange(length, dtype=np.float32) + 0.5
    taper: NDArray[np.float32] = np.minimum(place, length - place) / length
    return taper
