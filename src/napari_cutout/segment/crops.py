"""From the logits of a window, as it was read, to a mask at the frame's resolution in its box.

A large window is read with fewer pixels than it has. Then only the object's box is brought to the
frame's resolution, a strip at a time.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from napari_cutout.segment.errors import TooLargeError
from napari_cutout.segment.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_cutout.segment.grid import Grid
    from napari_cutout.segment.mask_options import MaskOptions

    Crop = tuple[NDArray[np.bool_], tuple[int, int]]

CROP_LIMIT = 1 << 28
"""Pixels of the largest box whose mask is made: 16,384 by 16,384."""

_FULL_LIMIT = 1 << 29

_STRIP = 1 << 22

_PIECE = 4096
"""Rows and columns of a piece of a mask at most."""


def full(logits: NDArray[np.float32], grid: Grid) -> NDArray[np.float32]:
    """Logits ``(h, w)`` of a grid at all pixels of its window, ``(rows, cols)``.

    Raises
    ------
    TooLargeError
        If they would take more than 2 GiB.
    """
    window = grid.window
    if window.rows * window.cols > _FULL_LIMIT and not grid.is_exact:
        raise TooLargeError(
            f"the logits of a window of {window.rows} x {window.cols} pixels would take "
            f"{window.rows * window.cols * 4 / 1e9:.1f} GB; use crop(k), which gives a mask in "
            "its box, or the logits as the model gave them"
        )
    return grid.sample(logits, window)


def crop(logits: NDArray[np.float32], grid: Grid, options: MaskOptions) -> Crop:
    """The mask of logits ``(h, w)`` of a grid in its bounding box, and the box's (row, col).

    Raises
    ------
    TooLargeError
        If the box is larger than :data:`CROP_LIMIT`.
    """
    window = grid.window
    if grid.is_exact:
        return _tight(options.apply(logits), (window.row, window.col))
    tidy = _tidied(logits, grid, options)
    box = _reach(tidy > options.threshold, grid)
    if box is None:
        return _tight(np.zeros((0, 0), bool), (window.row, window.col))
    if box.rows * box.cols > CROP_LIMIT:
        side = math.isqrt(CROP_LIMIT)
        raise TooLargeError(
            f"the object's box has {box.rows:,} x {box.cols:,} pixels, and its mask is held up to "
            f"{side:,} x {side:,}; add a negative point or draw a box around a smaller object, "
            "or cut this one in a coarser level of the image"
        )
    mask = np.empty((box.rows, box.cols), bool)
    strip = max(1, _STRIP // box.cols)
    for first in range(0, box.rows, strip):
        rows = min(strip, box.rows - first)
        piece = Window(box.row + first, box.col, rows, box.cols)
        mask[first : first + rows] = grid.sample(tidy, piece) > options.threshold
    return _tight(mask, (box.row, box.col))


def pieces(logits: NDArray[np.float32], grid: Grid, options: MaskOptions) -> Iterator[Crop]:
    """The mask of logits ``(h, w)`` of a grid piece by piece, however large it is.

    Yields
    ------
    tuple
        A part of the mask in its bounding box, and the box's (row, col). No two meet.
    """
    if grid.is_exact:
        mask, origin = crop(logits, grid, options)
        if mask.size:
            yield mask, origin
        return
    tidy = _tidied(logits, grid, options)
    box = _reach(tidy > options.threshold, grid)
    for window in () if box is None else _cut_up(box):
        inside = grid.sample(tidy, window) > options.threshold
        mask, origin = _tight(inside, (window.row, window.col))
        if mask.size:
            yield mask, origin


def _cut_up(box: Window) -> Iterator[Window]:
    for row in range(box.row, box.row + box.rows, _PIECE):
        rows = min(_PIECE, box.row + box.rows - row)
        for col in range(box.col, box.col + box.cols, _PIECE):
            yield Window(row, col, rows, min(_PIECE, box.col + box.cols - col))


def _tidied(logits: NDArray[np.float32], grid: Grid, options: MaskOptions) -> NDArray[np.float32]:
    """What the options ask for, done where it costs least: before the logits are brought up."""
    if options.smoothing:
        sigma = [options.smoothing / step for step in grid.step]
        logits = ndimage.gaussian_filter(logits, sigma, mode="nearest")
    if options.fill_holes:
        here = replace(options, smoothing=0.0)
        holes = here.apply(logits) & ~(logits > options.threshold)
        logits = np.where(holes, np.float32(options.threshold + 1), logits)
    return logits


def _reach(mask: NDArray[np.bool_], grid: Grid) -> Window | None:
    """A box of the window that holds all that a mask of the grid can be at full resolution."""
    window, ends = grid.window, []
    sides = ((window.row, window.rows), (window.col, window.cols))
    for axis, (start, length) in enumerate(sides):
        found = np.flatnonzero(mask.any(axis=1 - axis))
        if not len(found):
            return None
        # Between two centres the interpolated edge lies anywhere.
        low = grid.start[axis] + (found[0] - 1) * grid.step[axis]
        high = grid.start[axis] + (found[-1] + 2) * grid.step[axis]
        ends.append((max(int(np.floor(low)), start), min(int(np.ceil(high)), start + length)))
    (top, bottom), (left, right) = ends
    return Window(top, left, bottom - top, right - left)


def _tight(mask: NDArray[np.bool_], origin: tuple[int, int]) -> Crop:
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return np.zeros((0, 0), bool), origin
    piece = mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    return piece, (origin[0] + int(rows[0]), origin[1] + int(cols[0]))
