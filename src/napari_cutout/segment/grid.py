"""The pixels that a window is read as, and where they lie in the frame. Geometry, nothing is read.

A small window is read pixel by pixel. A large one is read from a coarser level of a pyramid, or as
means of blocks: then one pixel of its grid spans several of the frame.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.segment.windows import Window


@dataclass(frozen=True)
class Grid:
    """How a window is read.

    Positions in a grid are (row, col) with pixel centres at integers, as in the frame.

    Parameters
    ----------
    window
        The piece of the frame. The grid covers it, and may reach beyond it by part of a pixel.
    shape
        ``(h, w)`` pixels of the grid.
    start
        (row, col) of the outer corner of its first pixel, counted from the frame's outer corner.
    step
        Pixels of the frame that one of the grid spans, along (row, col).
    level
        The pyramid level that is read.
    corner
        (row, col) of the first pixel read, in the level.
    size
        ``(rows, cols)`` pixels of the level that are read.
    block
        ``(rows, cols)`` pixels of the level whose mean is one of the grid.
    """

    window: Window
    shape: tuple[int, int]
    start: tuple[float, float]
    step: tuple[float, float]
    level: int
    corner: tuple[int, int]
    size: tuple[int, int]
    block: tuple[int, int] = (1, 1)

    @property
    def is_exact(self) -> bool:
        """Whether the pixels of the grid are those of the window."""
        return self.step == (1.0, 1.0)

    def from_frame(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Positions of the frame ``(N, 2)`` as positions in the grid."""
        start = np.array(self.start)
        if self.is_exact:
            return np.asarray(points - start, np.float64)
        return np.asarray((points + 0.5 - start) / np.array(self.step) - 0.5, np.float64)

    def box_from_frame(self, box: NDArray[np.float64]) -> NDArray[np.float64]:
        """A box ``(4,)`` whose corner pixels lie inside it, as one of the grid.

        One smaller than a pixel of the grid becomes its centre.
        """
        if self.is_exact:
            return np.asarray(box - np.tile(self.start, 2), np.float64)
        corners = np.stack([box[:2] - 0.5, box[2:] + 0.5])
        low, high = self.from_frame(corners) + np.array([[0.5], [-0.5]])
        middle = (low + high) / 2
        return np.concatenate([np.minimum(low, middle), np.maximum(high, middle)])

    def centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Rows ``(h,)`` and columns ``(w,)`` of the frame at which the grid's pixels lie."""
        rows, cols = (
            np.asarray(start + (np.arange(count) + 0.5) * step - 0.5, np.float64)
            for start, step, count in zip(self.start, self.step, self.shape, strict=True)
        )
        return rows, cols

    def sample(self, values: NDArray[np.float32], piece: Window) -> NDArray[np.float32]:
        """Values ``(h, w)`` of the grid at the pixels of a piece of its window, ``(rows, cols)``.

        Interpolated linearly; O(pixels of the piece).
        """
        if self.is_exact:
            row, col = piece.row - self.window.row, piece.col - self.window.col
            return values[row : row + piece.rows, col : col + piece.cols]
        rows = np.arange(piece.row, piece.row + piece.rows, dtype=float)
        cols = np.arange(piece.col, piece.col + piece.cols, dtype=float)
        return self.sample_at(values, rows, cols)

    def sample_at(
        self, values: NDArray[np.float32], rows: NDArray[np.float64], cols: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """Values ``(h, w)`` of the grid where rows and columns of the frame cross."""
        for axis, at in enumerate((rows, cols)):
            pair = np.zeros((len(at), 2))
            pair[:, axis] = at
            values = _along(values, self.from_frame(pair)[:, axis], axis)
        return values


def coarser(grid: Grid, side: int) -> Grid:
    """The same window in pixels of twice the size, as often as it takes for a long side.

    Parameters
    ----------
    grid
        How the window is read.
    side
        Pixels that the long side may have. What a pixel covers is the mean of four, except that
        the last row and column may be made of fewer: they are stretched to fill the window.
    """
    shape = grid.shape
    while max(shape) > side:
        shape = -(-shape[0] // 2), -(-shape[1] // 2)
    if shape == grid.shape:
        return grid
    rows, cols = (
        step * old / new for step, old, new in zip(grid.step, grid.shape, shape, strict=True)
    )
    return replace(grid, shape=shape, step=(rows, cols))


def _along(
    values: NDArray[np.float32], places: NDArray[np.float64], axis: int
) -> NDArray[np.float32]:
    """Linear interpolation along one axis; beyond the outermost centres the value stays."""
    last = values.shape[axis] - 1
    places = np.clip(places, 0, last)
    low = np.minimum(places.astype(int), max(last - 1, 0))
    share = (places - low).astype(np.float32)
    share = share[:, None] if axis == 0 else share[None, :]
    below: NDArray[np.float32] = values.take(low, axis)
    if not share.any():
        return below
    above = values.take(np.minimum(low + 1, last), axis)
    mixed: NDArray[np.float32] = below * (1 - share) + above * share
    return mixed
