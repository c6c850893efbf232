"""The edges of a mask: its outermost pixels, and the lines around its pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.layers.answers import Crop

_TOLERANCE = 0.4
"""Pixels that a line may lie off the outline, so that it has few corners."""


def rim(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels of a mask ``(h, w)`` that have one beside, above or below that isn't of it."""
    inside = mask.copy()
    inside[[0, -1]] = inside[:, [0, -1]] = False
    inside[1:-1, 1:-1] &= mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    return mask & ~inside


def outer_rings(crop: Crop) -> list[NDArray[np.float64]]:
    """The outlines of the pieces of a mask, without those of its holes.

    Parameters
    ----------
    crop
        The mask ``(h, w)`` in its box, and the box's (row, col).

    Returns
    -------
    list of ndarray
        ``(V, 2)`` each, (row, col) of the frame, the first vertex not repeated. They run between
        the pixels of the object and those beside it.
    """
    # Here, in the thread that traces: it brings scipy.signal along, which takes half a second.
    from skimage.measure import approximate_polygon, find_contours

    mask, origin = crop
    rings = []
    for ring in find_contours(np.pad(mask, 1).astype(np.float32), 0.5):  # type: ignore[no-untyped-call]
        rows, cols = ring[:-1].T
        around = np.sum(rows * np.roll(cols, -1) - cols * np.roll(rows, -1))
        simple = approximate_polygon(ring, _TOLERANCE)[:-1]  # type: ignore[no-untyped-call]
        # Around a hole they run the other way.
        if around < 0 and len(simple) >= 3:
            rings.append(simple - 1 + origin)
    return rings
