"""Which piece of a frame a model looks at: around the prompt for a click, tiles for everything.

A frame much larger than a model's input would be shrunk until its objects vanish. So it is cut
into square windows at a few sizes, each twice the one before, at places on a regular lattice: the
same window serves neighbouring prompts, and is encoded once. Which one a prompt gets is decided
in choice.py; nothing here knows of a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

SHRINK_LIMIT = 1.5
"""A frame up to this many times the input's size is taken whole."""

_BORDER = 1


@dataclass(frozen=True, order=True)
class Window:
    """A piece of a frame in whole pixels.

    Parameters
    ----------
    row, col
        Its first pixel.
    rows, cols
        Its size.
    """

    row: int
    col: int
    rows: int
    cols: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """For indexing the frame."""
        return (
            slice(self.row, self.row + self.rows),
            slice(self.col, self.col + self.cols),
        )

    def relative_to(self, other: Window) -> Window:
        """The same piece, counted from the first pixel of another."""
        return Window(self.row - other.row, self.col - other.col, self.rows, self.cols)

    def shared(self, other: Window) -> Window | None:
        """What two windows have in common, or None."""
        row, col = max(self.row, other.row), max(self.col, other.col)
        rows = min(self.row + self.rows, other.row + other.rows) - row
        cols = min(self.col + self.cols, other.col + other.cols) - col
        return Window(row, col, rows, cols) if rows > 0 and cols > 0 else None

    def meets(self, extent: NDArray[np.float64]) -> bool:
        """Whether (row0, col0, row1, col1) and the window have anything in common."""
        row0, col0, row1, col1 = extent
        return bool(
            row1 >= self.row - 0.5
            and col1 >= self.col - 0.5
            and row0 <= self.row + self.rows - 0.5
            and col0 <= self.col + self.cols - 0.5
        )

    def holds(self, extent: NDArray[np.float64]) -> bool:
        """Whether (row0, col0, row1, col1) lies inside."""
        row0, col0, row1, col1 = extent
        return bool(
            row0 >= self.row - 0.5
            and col0 >= self.col - 0.5
            and row1 <= self.row + self.rows - 0.5
            and col1 <= self.col + self.cols - 0.5
        )


def whole(shape: tuple[int, int]) -> Window:
    """The whole frame as a window."""
    return Window(0, 0, *shape)


def fits(window: Window, shape: tuple[int, int]) -> bool:
    """Whether a window has a size and lies inside the frame."""
    return (
        window.row >= 0
        and window.col >= 0
        and window.rows > 0
        and window.cols > 0
        and window.row + window.rows <= shape[0]
        and window.col + window.cols <= shape[1]
    )


def sides(shape: tuple[int, int], input_size: int) -> list[int]:
    """Window sides for a frame, small to large; empty when the frame is taken whole."""
    longest = max(shape)
    found = []
    side = input_size
    while longest > SHRINK_LIMIT * side:
        found.append(side)
        side *= 2
    return found


def larger(window: Window, shape: tuple[int, int], input_size: int) -> Window:
    """The next larger window around the same place, in the end the whole frame."""
    for side in sides(shape, input_size):
        if side > max(window.rows, window.cols):
            centre = np.array([window.row + window.rows / 2, window.col + window.cols / 2]) - 0.5
            return around(centre, side, shape)
    return whole(shape)


def is_cut(mask: NDArray[np.bool_], window: Window, shape: tuple[int, int]) -> bool:
    """Whether a mask of the window reaches a side of it that isn't the frame's own.

    Parameters
    ----------
    mask
        ``(window.rows, window.cols)`` bool.
    window, shape
        Where it lies in the frame.
    """
    rows, cols = shape
    return bool(
        (window.row > 0 and mask[:_BORDER].any())
        or (window.col > 0 and mask[:, :_BORDER].any())
        or (window.row + window.rows < rows and mask[-_BORDER:].any())
        or (window.col + window.cols < cols and mask[:, -_BORDER:].any())
    )


def tiles(shape: tuple[int, int], side: int, overlap: int) -> Iterator[Window]:
    """Windows that cover a frame, row by row, each sharing ``overlap`` pixels with the next.

    Parameters
    ----------
    shape
        ``(rows, cols)`` of the frame.
    side
        Of a window; windows at the far edges are moved back so that all have the same size.
    overlap
        At least; less than ``side``.
    """
    if not 0 <= overlap < side:
        raise ValueError(f"the overlap must be from 0 to less than the side {side}, not {overlap}")
    for row in _starts(shape[0], side, overlap):
        for col in _starts(shape[1], side, overlap):
            yield Window(row, col, min(side, shape[0]), min(side, shape[1]))


def _starts(length: int, side: int, overlap: int) -> list[int]:
    if length <= side:
        return [0]
    count = -(-(length - overlap) // (side - overlap))
    return [int(start) for start in np.linspace(0, length - side, count).round()]


def around(centre: NDArray[np.float64], side: int, shape: tuple[int, int]) -> Window:
    """The window of the lattice (a quarter of a side apart) whose middle is nearest."""
    step = max(side // 4, 1)
    place = []
    for middle, length in zip(centre, shape, strict=True):
        start = round((middle + 0.5 - side / 2) / step) * step
        place.append(max(0, min(start, length - side)))
    return Window(place[0], place[1], min(side, shape[0]), min(side, shape[1]))
