"""Where an id lies in one frame of labels: its area and box; and finding those of all ids.

What changes them is in extent_changes.py; those of many frames are kept in places.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray


class Extent(NamedTuple):
    """The pixels of an id in one frame.

    ``area`` counts them. The box, both corners inside, holds all of them; where pixels were taken
    away it may be larger than they need, until the frame is read again.
    """

    area: int
    row0: int
    col0: int
    row1: int
    col1: int

    @property
    def box(self) -> tuple[slice, slice]:
        """What to index the frame with."""
        return slice(self.row0, self.row1 + 1), slice(self.col0, self.col1 + 1)

    def joined(self, other: Extent) -> Extent:
        """Of the pixels of both, which share none."""
        return Extent(
            self.area + other.area,
            min(self.row0, other.row0),
            min(self.col0, other.col0),
            max(self.row1, other.row1),
            max(self.col1, other.col1),
        )

    def moved(self, row: int, col: int) -> Extent:
        """The same pixels, counted from another corner."""
        return Extent(self.area, self.row0 + row, self.col0 + col, self.row1 + row, self.col1 + col)


def extents_of(labels: NDArray[np.integer]) -> dict[int, Extent]:
    """All ids of a frame but 0. O(pixels), with a small constant.

    Parameters
    ----------
    labels
        ``(rows, cols)`` of any integer dtype; ids may be large, few, and negative.

    Notes
    -----
    Labels are alike along rows: what is sorted and added up are the runs of equal pixels.
    """
    cols = labels.shape[1]
    if not labels.size:
        return {}
    flat = np.ascontiguousarray(labels).reshape(-1)
    begins = np.empty(flat.size, bool)
    np.not_equal(flat[1:], flat[:-1], out=begins[1:])
    begins[::cols] = True
    starts = np.flatnonzero(begins)
    lengths = np.diff(starts, append=flat.size)
    kept = flat[starts] != 0
    starts, lengths = starts[kept], lengths[kept]
    if not starts.size:
        return {}
    values = flat[starts]
    order = np.argsort(values, kind="stable")
    values, starts, lengths = values[order], starts[order], lengths[order]
    firsts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    rows, left = np.divmod(starts, cols)
    columns = (
        np.add.reduceat(lengths, firsts),
        np.minimum.reduceat(rows, firsts),
        np.minimum.reduceat(left, firsts),
        np.maximum.reduceat(rows, firsts),
        np.maximum.reduceat(left + lengths - 1, firsts),
    )
    found = zip(*(column.tolist() for column in columns), strict=True)
    return dict(zip(values[firsts].tolist(), map(Extent._make, found), strict=True))


def joined(parts: Iterable[Mapping[int, Extent]]) -> dict[int, Extent]:
    """What was found in parts of a frame that share no pixel."""
    whole: dict[int, Extent] = {}
    for part in parts:
        for number, extent in part.items():
            known = whole.get(number)
            whole[number] = extent if known is None else known.joined(extent)
    return whole


def grouped(
    extents: Mapping[int, Extent], block: int
) -> Iterator[tuple[tuple[slice, slice], tuple[int, ...]]]:
    """Boxes of a frame that hold the objects that begin in each of its blocks, and their ids.

    No object is cut, and what is read at once follows the objects, not the frame.
    """
    blocks: dict[tuple[int, int], list[int]] = {}
    for number, extent in extents.items():
        blocks.setdefault((extent.row0 // block, extent.col0 // block), []).append(number)
    for _, ids in sorted(blocks.items()):
        corners = np.array([extents[number][1:] for number in ids])
        (row0, col0), (row1, col1) = corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)
        box = slice(int(row0), int(row1) + 1), slice(int(col0), int(col1) + 1)
        yield box, tuple(sorted(ids))
