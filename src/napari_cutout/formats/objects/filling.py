"""Polygons as masks, by the even-odd rule. The way there is in outlines.py.

A pixel is in a polygon if its centre is; of a centre on an edge the pixel to the right of it is in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.formats.objects.frame_masks import EMPTY, boxed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.segment.rle import Rle

    Polygons = Sequence[Sequence[NDArray[np.generic]]]


def fill(polygons: Polygons, shape: tuple[int, int]) -> tuple[Rle, tuple[int, int]]:
    """The pixels that are in any of the polygons.

    Parameters
    ----------
    polygons
        The rings of each, ``(N, 2)`` (x, y), where pixel (row, col) covers x from col to col + 1.
        A ring is closed by itself. Within a polygon what is in two rings is a hole.
    shape
        ``(rows, cols)`` of the frame. What lies outside is cut off.

    Returns
    -------
    mask : Rle
        In the smallest box that holds its pixels.
    origin : tuple of int
        (row, col) of that box in the frame.

    Notes
    -----
    O(the polygons' box in the frame).
    """
    rings = [np.asarray(ring, float) for rings in polygons for ring in rings]
    points = np.concatenate([np.empty((0, 2)), *rings])
    if not len(points):
        return EMPTY, (0, 0)
    limit = np.array([shape[1], shape[0]])
    left, top = np.clip(np.floor(points.min(axis=0)), 0, limit).astype(int).tolist()
    right, bottom = np.clip(np.ceil(points.max(axis=0)), 0, limit).astype(int).tolist()
    if right <= left or bottom <= top:
        return EMPTY, (0, 0)
    box = top, left, bottom, right
    masks = [_fill_one([np.asarray(ring, float) for ring in rings], box) for rings in polygons]
    return boxed(np.logical_or.reduce(masks), (top, left))


def _fill_one(rings: list[NDArray[np.float64]], box: tuple[int, ...]) -> NDArray[np.bool_]:
    """Each edge toggles, in every row whose centre it passes, all pixels to the right of it."""
    top, left, bottom, right = box
    height, width = bottom - top, right - left
    starts = np.concatenate([np.empty((0, 2)), *rings])
    ends = np.concatenate([np.empty((0, 2)), *(np.roll(ring, -1, axis=0) for ring in rings)])
    first = np.clip(np.ceil(np.minimum(starts[:, 1], ends[:, 1]) - 0.5), top, bottom).astype(int)
    last = np.clip(np.ceil(np.maximum(starts[:, 1], ends[:, 1]) - 0.5), top, bottom).astype(int)
    passed = last - first
    edge = np.repeat(np.arange(len(starts)), passed)
    row = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(passed) - passed, passed)
    (x0, y0), (x1, y1) = starts[edge].T, ends[edge].T
    crossing = x0 + (row + 0.5 - y0) * (x1 - x0) / (y1 - y0)
    col = np.clip(np.ceil(crossing - 0.5), left, right).astype(int)
    places = (row - top) * (width + 1) + col - left
    toggles = np.bincount(places, minlength=height * (width + 1)).reshape(height, width + 1)
    return np.asarray(np.cumsum(toggles[:, :width], axis=1) & 1, bool)
