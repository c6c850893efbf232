"""The simulated annotator: where a careful person would click. Always the same, so comparable.

Clicks are (row, col) at pixel centres.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]


def deepest_point(mask: Mask) -> tuple[int, int]:
    """The pixel farthest from the mask's edge; the edge of the array counts as one.

    Raises
    ------
    ValueError
        If the mask is empty.
    """
    if not mask.any():
        raise ValueError("an empty mask has no deepest point")
    place = _bounding_slices(mask)
    depth = ndimage.distance_transform_edt(np.pad(mask[place], 1))[1:-1, 1:-1]
    row, col = np.unravel_index(int(np.argmax(depth)), depth.shape)
    return place[0].start + int(row), place[1].start + int(col)


def next_click(answer: Mask, truth: Mask) -> tuple[tuple[int, int], bool] | None:
    """The deepest point of the largest connected error, and its polarity.

    Parameters
    ----------
    answer, truth
        ``(rows, cols)``.

    Returns
    -------
    tuple or None
        ``((row, col), positive)``: positive where the object was missed, negative where the
        answer goes beyond it; None when the two agree.
    """
    missed, extra = _largest(truth & ~answer), _largest(answer & ~truth)
    if missed is None and extra is None:
        return None
    positive = extra is None or (missed is not None and missed.sum() >= extra.sum())
    region = missed if positive else extra
    assert region is not None
    return deepest_point(region), positive


def bounding_box(mask: Mask) -> tuple[int, int, int, int]:
    """(row0, col0, row1, col1), both corners inside."""
    rows, cols = _bounding_slices(mask)
    return rows.start, cols.start, rows.stop - 1, cols.stop - 1


def _largest(mask: Mask) -> Mask | None:
    """The largest 4-connected part, or None."""
    if not mask.any():
        return None
    place = _bounding_slices(mask)
    parts, _ = ndimage.label(mask[place])
    areas = np.bincount(parts.ravel())
    areas[0] = 0
    largest = np.zeros(mask.shape, bool)
    largest[place] = parts == areas.argmax()
    return largest


def _bounding_slices(mask: Mask) -> tuple[slice, slice]:
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(cols[0]), int(cols[-1]) + 1)
