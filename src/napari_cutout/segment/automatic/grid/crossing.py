"""Pixels above thresholds of the logits, of which only those along the outlines are computed.

A pixel is a mix of a few neighbouring logits, with shares of one sum: where all of these are above
a threshold it is above, and where none is it isn't. The pixels that mix the same logits, a cell,
share that; so they are brought up only where their logits lie on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from napari_cutout.segment.automatic.grid.silhouette import Silhouette

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.grid.bands import Bands
    from napari_cutout.segment.windows import Window

    Floats = NDArray[np.float32]

_BELOW, _ABOVE = np.uint8(1), np.uint8(2)


class Crossing(Protocol):
    """The pixels of a box above any threshold between two that were named before."""

    def count(self, level: float) -> int:
        """How many pixels are above a level."""
        ...

    def above(self, level: float) -> Silhouette | None:
        """Which are; None where none is."""
        ...


@dataclass(frozen=True, eq=False)
class AllPixels:
    """For pixels that were all computed.

    Parameters
    ----------
    box
        Where they lie.
    pixels
        ``(box.rows, box.cols)`` float32.
    """

    box: Window
    pixels: Floats

    def count(self, level: float) -> int:
        """See :meth:`Crossing.count`."""
        return int(np.count_nonzero(self.pixels > np.float32(level)))

    def above(self, level: float) -> Silhouette | None:
        """See :meth:`Crossing.above`."""
        return Silhouette.of_mask(self.pixels > np.float32(level), self.box)


@dataclass(frozen=True, eq=False)
class Cells:
    """For logits of which a pixel mixes those of some rows and some columns.

    Parameters
    ----------
    box
        In the window.
    rows, cols
        The bands of its rows and of its columns of pixels; a cell is where two of them meet.
    inside
        ``(R, C)`` bool: all pixels of the cell are above the higher threshold.
    row, col
        ``(N,)`` int, the cells that are neither inside nor below the lower threshold.
    values
        ``(L, M, N)`` float32, their pixels, minus infinity beyond a band.
    """

    box: Window
    rows: Bands
    cols: Bands
    inside: NDArray[np.bool_]
    row: NDArray[np.intp]
    col: NDArray[np.intp]
    values: Floats

    @classmethod
    def of(
        cls, box: Window, bands: tuple[Bands, Bands], logits: Floats, lowest: float, highest: float
    ) -> Self:
        """Find the cells whose pixels have to be computed, and do so. O(logits, and outlines).

        Parameters
        ----------
        box
            It holds every pixel above the lower threshold.
        bands
            Of its rows, and of its columns.
        logits
            ``(h, w)``, of all the window.
        lowest, highest
            The thresholds.
        """
        rows, cols = bands
        top, left = int(rows.first[0]), int(cols.first[0])
        logits = logits[top : int(rows.last[-1]), left : int(cols.last[-1])]
        found = _of_cells(_sides(logits, lowest, highest), bands, (top, left))
        row, col = np.divmod(np.flatnonzero(found == _BELOW | _ABOVE), found.shape[1])
        # The same pixel of all cells lies together: a cell alone is too short to be fast.
        values = rows.beyond.take(row, 1)[:, None] + cols.beyond.take(col, 1)
        down = [
            (rows.logits(step)[row] - top, share.take(row, 1))
            for step, share in enumerate(rows.shares)
        ]
        for step, share in enumerate(cols.shares):
            at = cols.logits(step)[col] - left
            column = np.zeros((len(values), len(at)), np.float32)
            for logit, part in down:
                column += part * logits[logit, at]
            values += column[:, None] * share.take(col, 1)
        return cls(box, rows, cols, found == _ABOVE, row, col, values)

    def count(self, level: float) -> int:
        """See :meth:`Crossing.count`."""
        return self._count_inside + int(np.count_nonzero(self.values > np.float32(level)))

    @cached_property
    def _count_inside(self) -> int:
        # einsum(), because a matrix product wakes a linear algebra library's threads.
        of_rows = np.einsum(
            "ij,j->i", self.inside.astype(np.float32), self.cols.lengths.astype(np.float32)
        )
        return int(of_rows.astype(np.int64) @ self.rows.lengths)

    def above(self, level: float) -> Silhouette | None:
        """See :meth:`Crossing.above`."""
        outline = self.values > np.float32(level)
        return Silhouette.of_cells(
            self.box, (self.rows, self.cols), self.inside, (self.row, self.col), outline
        )


def _sides(logits: Floats, lowest: float, highest: float) -> NDArray[np.uint8]:
    """On which side of the thresholds logits lie; on both, between them."""
    above = (logits > np.float32(lowest)).view(np.uint8) * _ABOVE
    above |= (~(logits > np.float32(highest))).view(np.uint8) * _BELOW
    return above


def _of_cells(
    sides: NDArray[np.uint8], bands: tuple[Bands, Bands], corner: tuple[int, int]
) -> NDArray[np.uint8]:
    """The sides on which any of the logits lie that a cell mixes, ``(R, C)``.

    Parameters
    ----------
    sides
        ``(h, w)``, of the logits from ``corner`` on, (row, col).
    bands
        Along the rows, and along the columns.
    """
    for axis, along in enumerate(bands):
        found = sides.take(along.logits(0) - corner[axis], axis)
        for step in range(1, len(along.shares)):
            found |= sides.take(along.logits(step) - corner[axis], axis)
        sides = found
    return sides
