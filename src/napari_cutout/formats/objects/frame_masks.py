"""Run-length encoded masks of a whole frame, as COCO's files hold them, and masks in their box.

No array of the frame's size is made: the cost follows the runs. The way from a box to its frame is
:func:`napari_cutout.segment.automatic.placing.placed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pycocotools import mask as coco

from napari_cutout.segment.errors import MaskError
from napari_cutout.segment.rle import Rle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    BoxedMask = tuple[Rle, tuple[int, int]]

EMPTY = Rle((0, 0), "")
"""The mask without a pixel; it is at (0, 0)."""


def boxed(mask: NDArray[np.bool_], origin: tuple[int, int] = (0, 0)) -> BoxedMask:
    """A mask in the smallest box that holds its pixels.

    Parameters
    ----------
    mask
        ``(h, w)`` bool.
    origin
        (row, col) of its first pixel in the frame.

    Returns
    -------
    mask : Rle
    origin : tuple of int
        (row, col) of the box in the frame.
    """
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return EMPTY, (0, 0)
    row, col = int(rows[0]), int(cols[0])
    tight = mask[row : rows[-1] + 1, col : cols[-1] + 1]
    return Rle.encode(tight), (origin[0] + row, origin[1] + col)


def cropped(mask: Rle) -> BoxedMask:
    """A mask of a whole frame, in the smallest box that holds its pixels.

    O(runs, and the columns that they pass).

    Returns
    -------
    mask : Rle
    origin : tuple of int
        (row, col) of the box in the frame.
    """
    height = mask.size[0]
    ends = np.cumsum(mask.runs())
    starts, stops = ends[: len(ends) // 2 * 2 : 2], ends[1::2]
    starts, stops = starts[stops > starts], stops[stops > starts]
    if not len(starts):
        return EMPTY, (0, 0)
    first = starts // height
    pieces = (stops - 1) // height - first + 1
    # A run that goes on in the next column is one piece in each.
    nth = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    column = np.repeat(first, pieces) + nth
    low = np.maximum(np.repeat(starts, pieces) - column * height, 0)
    high = np.minimum(np.repeat(stops, pieces) - column * height, height)
    row, col = int(low.min()), int(column[0])
    size = int(high.max()) - row, int(column[-1]) - col + 1
    corner = (column - col) * size[0] - row
    return _of_spans(corner + low, corner + high, size), (row, col)


def of_runs(size: tuple[int, int], runs: Sequence[int]) -> Rle:
    """The mask of the lengths of its runs, down the columns, background first.

    Raises
    ------
    MaskError
        If they don't fill it exactly.
    """
    height, width = size
    if min(size) < 0 or min(runs, default=0) < 0 or sum(runs) != height * width:
        raise MaskError(
            f"the counts of an uncompressed mask of {height} rows and {width} columns add up to "
            f"{height * width}, not to {sum(runs)}"
        )
    if not height * width:
        return Rle(size, "")
    encoded = coco.frPyObjects({"size": [height, width], "counts": list(runs)}, height, width)
    return Rle(size, encoded["counts"].decode("ascii"))


def _of_spans(starts: NDArray[np.int64], stops: NDArray[np.int64], size: tuple[int, int]) -> Rle:
    """The mask whose pixels, counted down the columns, go from each start to before its stop."""
    begins, ends = np.ones(len(starts), bool), np.ones(len(starts), bool)
    begins[1:] = starts[1:] != stops[:-1]
    ends[:-1] = begins[1:]
    bounds = np.stack([starts[begins], stops[ends]], axis=1).ravel()
    runs = np.diff(np.concatenate([[0], bounds, [size[0] * size[1]]]))
    return of_runs(size, (runs if runs[-1] else runs[:-1]).tolist())
