"""Which pixels of a window are above a threshold, in few bytes until a mask is wanted.

Of the answers to a grid of points most turn out to be answers that are there already, and that is
known from their boxes: so a box comes at once, and a mask when it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.windows import Window

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.grid.bands import Bands

    Bools = NDArray[np.bool_]
    Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Silhouette:
    """Some pixels, at least one: those of whole cells, and some pixels of others.

    Parameters
    ----------
    box
        Their bounding box in the window.
    _corner
        (row, col) in the window from which cells and pixels are counted.
    _lengths
        ``(R,)`` and ``(C,)`` int, the pixels of each row and of each column of cells.
    _inside
        ``(R, C)`` bool, the cells that are wholly above; eight a byte.
    _cells
        ``(N,)`` int32, cells that aren't, counted along the rows.
    _outline
        ``(L, M, N)`` bool, which of their pixels are; eight a byte.
    _size
        ``(L, M)``.
    """

    box: Window
    _corner: tuple[int, int]
    _lengths: tuple[Places, Places]
    _inside: NDArray[np.uint8]
    _cells: NDArray[np.int32]
    _outline: NDArray[np.uint8]
    _size: tuple[int, int]

    @classmethod
    def of_mask(cls, mask: Bools, box: Window) -> Self | None:
        """The pixels of a mask ``(box.rows, box.cols)``; None where there are none."""
        rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if not len(rows):
            return None
        ends = (int(rows[0]), int(rows[-1])), (int(cols[0]), int(cols[-1]))
        lengths = np.ones(mask.shape[0], np.intp), np.ones(mask.shape[1], np.intp)
        none = np.zeros(0, np.int32), np.zeros(0, np.uint8)
        corner = box.row, box.col
        return cls(_box(corner, ends), corner, lengths, np.packbits(mask), *none, (1, 1))

    @classmethod
    def of_cells(
        cls,
        box: Window,
        bands: tuple[Bands, Bands],
        inside: Bools,
        places: tuple[Places, Places],
        outline: Bools,
    ) -> Self | None:
        """The pixels of cells; None where there are none.

        Parameters
        ----------
        box
            In the window, of all cells.
        bands
            Of its rows ``(R,)``, and of its columns ``(C,)``.
        inside
            ``(R, C)`` bool, cells of which every pixel is one.
        places
            ``(N,)`` each, the row and the column of cells of which some are.
        outline
            ``(L, M, N)`` bool, which.
        """
        if not inside.any() and not outline.any():
            return None
        ends = tuple(
            _ends(along, at, *(np.asarray(each.any(axis=1 - axis)) for each in (inside, outline)))
            for axis, (along, at) in enumerate(zip(bands, places, strict=True))
        )
        corner = box.row, box.col
        return cls(
            _box(corner, ends),
            corner,
            (bands[0].lengths, bands[1].lengths),
            np.packbits(inside),
            (places[0] * inside.shape[1] + places[1]).astype(np.int32),
            np.packbits(outline),
            (outline.shape[0], outline.shape[1]),
        )

    def mask(self) -> Bools:
        """``(box.rows, box.cols)`` bool, column by column in memory. O(pixels of the box)."""
        down, across = self._lengths
        inside = np.unpackbits(self._inside, count=len(down) * len(across)).view(bool)
        tall = inside.reshape(len(down), len(across)).repeat(down, axis=0)
        columns = tall.T.repeat(across, axis=0)
        height, width = self._size
        outline = np.unpackbits(self._outline, count=len(self._cells) * height * width)
        pixel, cell = np.divmod(np.flatnonzero(outline), max(len(self._cells), 1))
        row, col = np.divmod(self._cells[cell], len(across))
        below, right = np.divmod(pixel, width)
        tops, lefts = np.cumsum(down) - down, np.cumsum(across) - across
        columns[lefts[col] + right, tops[row] + below] = True
        top, left = self.box.row - self._corner[0], self.box.col - self._corner[1]
        return columns[left : left + self.box.cols, top : top + self.box.rows].T


def _ends(along: Bands, at: Places, whole: Bools, single: Bools) -> tuple[int, int]:
    """The first and the last pixel along an axis: of whole cells, and of single pixels.

    Parameters
    ----------
    along
        ``B`` bands.
    at
        ``(N,)``, bands.
    whole
        ``(B,)`` bool, bands with a whole cell.
    single
        ``(L, N)`` bool, pixels of the bands that are named.
    """
    cells = np.flatnonzero(whole)
    pixel, place = np.nonzero(single)
    starts = np.concatenate([along.starts[cells[:1]], along.starts[at[place]] + pixel])
    last = along.starts[cells[-1:]] + along.lengths[cells[-1:]] - 1
    return int(starts.min()), int(np.concatenate([last, starts]).max())


def _box(corner: tuple[int, int], ends: tuple[tuple[int, int], ...]) -> Window:
    """The window from the first to the last row and column, which are counted from a corner."""
    (top, bottom), (left, right) = ends
    return Window(corner[0] + top, corner[1] + left, bottom - top + 1, right - left + 1)
