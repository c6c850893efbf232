"""A mask in its box as a mask of its frame, run-length encoded both: no array of pixels is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.errors import MaskError
from napari_cutout.segment.rle import Rle

if TYPE_CHECKING:
    from numpy.typing import NDArray


def placed(mask: Rle, origin: tuple[int, int], shape: tuple[int, int]) -> Rle:
    """A mask as one of a frame. O(runs, and the columns of the box).

    Parameters
    ----------
    mask
        In its box.
    origin
        (row, col) of the box in the frame.
    shape
        ``(rows, cols)`` of the frame.

    Raises
    ------
    MaskError
        If the box doesn't lie in the frame.
    """
    (row, col), (height, width), (rows, cols) = origin, mask.size, shape
    if min(origin) < 0 or row + height > rows or col + width > cols:
        raise MaskError(f"a box of {mask.size} at {origin} does not lie in a frame of {shape}")
    ends = np.cumsum(mask.runs())
    # Runs of background and of mask take turns, background first.
    starts, stops = ends[: len(ends) // 2 * 2 : 2], ends[1::2]
    first, last = starts // max(height, 1), (stops - 1) // max(height, 1)
    # A run that goes on in the next column of the box is one piece in each.
    pieces = np.where(stops > starts, last - first + 1, 0)
    nth = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    column = np.repeat(first, pieces) + nth
    low = np.maximum(np.repeat(starts, pieces) - column * height, 0)
    high = np.minimum(np.repeat(stops, pieces) - column * height, height)
    corner = (column + col) * rows + row
    return _of_spans(corner + low, corner + high, shape)


def _of_spans(starts: NDArray[np.int64], stops: NDArray[np.int64], shape: tuple[int, int]) -> Rle:
    """The mask whose pixels, counted down the columns, go from each start to before its stop."""
    rows, cols = shape
    if not rows * cols:
        return Rle(shape, "")
    # Pieces that meet, at the foot of one column and the head of the next, are one run.
    begins, ends = np.ones(len(starts), bool), np.ones(len(starts), bool)
    begins[1:] = starts[1:] != stops[:-1]
    ends[:-1] = begins[1:]
    bounds = np.stack([starts[begins], stops[ends]], axis=1).ravel()
    runs = np.diff(np.concatenate([[0], bounds, [rows * cols]]))
    if len(runs) > 1 and runs[-1] == 0:
        runs = runs[:-1]
    return Rle.of_runs(shape, runs)
