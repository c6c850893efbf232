"""The windows in which a large frame is gone through: where they overlap, and what comes after.

Geometry alone; what is done with the objects of neighbouring windows is in joining.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.segment.windows import Window, tiles

if TYPE_CHECKING:
    Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Cell:
    """A window of a lattice, and its place in it.

    Parameters
    ----------
    window
        What is looked at.
    core
        The pixels of it that no neighbour sees better: up to the middle of each overlap. The
        cores of a lattice share nothing and leave nothing out.
    alone
        The pixels that no other window sees, ``(row0, col0, row1, col1)``.
    next_row, next_col
        Where the next row of windows, and the next window of this one's row, begin; None for the
        last.
    """

    window: Window
    core: Window
    alone: Box
    next_row: int | None
    next_col: int | None

    def is_cut(self, box: Box) -> bool:
        """Whether a box (row0, col0, row1, col1) reaches a side where the lattice goes on."""
        window, core = self.window, self.core
        row0, col0, row1, col1 = box
        return (
            (row0 == window.row and core.row > window.row)
            or (col0 == window.col and core.col > window.col)
            or (row1 == last_row(window) and last_row(core) < row1)
            or (col1 == last_col(window) and last_col(core) < col1)
        )

    def sees_alone(self, box: Box) -> bool:
        """Whether no other window sees anything of a box."""
        low, high = self.alone[:2], self.alone[2:]
        return low[0] <= box[0] and low[1] <= box[1] and box[2] <= high[0] and box[3] <= high[1]

    def comes_after(self, box: Box) -> bool:
        """Whether a window after this one, row by row, sees anything of a box seen up to now."""
        _, _, row1, col1 = box
        if self.next_row is not None and row1 >= self.next_row:
            return True
        return self.next_col is not None and col1 >= self.next_col and row1 >= self.window.row


def lattice(region: Window, side: int, overlap: int) -> list[Cell]:
    """Windows that cover a region, row by row, each sharing ``overlap`` pixels with the next.

    Parameters
    ----------
    region
        Of a frame.
    side, overlap
        In pixels; see :func:`.tiles`.
    """
    windows = [
        Window(tile.row + region.row, tile.col + region.col, tile.rows, tile.cols)
        for tile in tiles((region.rows, region.cols), side, overlap)
    ]
    lines = (
        _line(sorted({window.row for window in windows}), windows[0].rows),
        _line(sorted({window.col for window in windows}), windows[0].cols),
    )
    return [_cell(window, lines[0][window.row], lines[1][window.col]) for window in windows]


def last_row(window: Window) -> int:
    """Its last row."""
    return window.row + window.rows - 1


def last_col(window: Window) -> int:
    """Its last column."""
    return window.col + window.cols - 1


@dataclass(frozen=True)
class _Span:
    """One of a line of windows: from and to which pixel, the last one included."""

    core: tuple[int, int]
    alone: tuple[int, int]
    next_start: int | None


def _line(starts: list[int], side: int) -> dict[int, _Span]:
    ends = [start + side for start in starts]
    seams = [(start + end) // 2 for start, end in zip(starts[1:], ends[:-1], strict=True)]
    cores = zip([starts[0], *seams], [*(seam - 1 for seam in seams), ends[-1] - 1], strict=True)
    spans = {}
    for index, core in enumerate(cores):
        before = ends[index - 1] if index else starts[0]
        after = starts[index + 1] if index + 1 < len(starts) else None
        last = ends[index] - 1 if after is None else after - 1
        spans[starts[index]] = _Span(core, (before, last), after)
    return spans


def _cell(window: Window, down: _Span, across: _Span) -> Cell:
    (row, row1), (col, col1) = down.core, across.core
    return Cell(
        window,
        core=Window(row, col, row1 - row + 1, col1 - col + 1),
        alone=(down.alone[0], across.alone[0], down.alone[1], across.alone[1]),
        next_row=down.next_start,
        next_col=across.next_start,
    )
