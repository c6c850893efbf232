"""Pixels that were written, frame by frame, and the regions that a prompt log has of them.

No log and no layer here: whoever wrote tells what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.formats.logs.log_entries import Region
from napari_cutout.segment.rle import Rle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from napari_cutout.annotate.frame_index import FrameIndex

Values: TypeAlias = "int | np.integer[Any] | NDArray[np.integer[Any]]"

MERGED = 1 << 20
"""Pixels of a box that dabs of the brush are put together in, at most."""

_TILE = 4096
"""Side of the boxes that pixels are gathered in which are given one by one."""


@dataclass(frozen=True, eq=False)
class Written:
    """Pixels of one frame of labels that were written.

    Parameters
    ----------
    frame
        Of the labels.
    origin
        ``(row, col)`` of the box in the frame.
    pixels
        ``(h, w)`` bool, those of the box.
    values
        The label that they got, or a flat array with one for each, in the order of ``pixels``.
    """

    frame: FrameIndex
    origin: tuple[int, int]
    pixels: NDArray[np.bool_]
    values: Values


def in_box(starts: Sequence[int], pixels: NDArray[np.bool_], values: Values) -> Iterator[Written]:
    """Pixels of a box of labels, frame by frame. O(box).

    Parameters
    ----------
    starts
        The box's first pixel, on every axis of the labels.
    pixels
        Those that were written; an axis for each of the labels'.
    values
        The label that they got, or a flat array with one for each.
    """
    rows, cols = _widest(pixels.shape)
    if np.ndim(values):
        # In the order of the pixels, whatever axes become rows and columns.
        spread = np.zeros(pixels.shape, np.asarray(values).dtype)
        spread[pixels] = values
    others = [size if axis not in (rows, cols) else 1 for axis, size in enumerate(pixels.shape)]
    for at in np.ndindex(*others):
        place: tuple[Any, ...] = tuple(
            slice(None) if axis in (rows, cols) else position for axis, position in enumerate(at)
        )
        here = pixels[place]
        if here.any():
            frame = tuple(
                None if axis in (rows, cols) else int(starts[axis]) + position
                for axis, position in enumerate(at)
            )
            given = spread[place][here] if np.ndim(values) else values
            yield Written(frame, (int(starts[rows]), int(starts[cols])), here, given)


def at_places(indices: Sequence[NDArray[np.integer[Any]]], values: Values) -> Iterator[Written]:
    """Pixels given one by one, frame by frame. O(pixels), however far apart they are.

    Parameters
    ----------
    indices
        ``(N,)`` on every axis of the labels.
    values
        The label that they got, or ``(N,)``. Of a pixel that is given twice, the last one counts.
    """
    places = np.stack([np.ravel(axis) for axis in indices])
    if not places.size:
        return
    low = places.min(axis=1)
    rows, cols = _widest((places.max(axis=1) - low + 1).tolist())
    given = np.broadcast_to(values, places.shape[1])
    # Those of a frame may lie far apart.
    parts = places.copy()
    parts[[rows, cols]] //= _TILE
    _, member = np.unique(parts, axis=1, return_inverse=True)
    for chosen in _alike(np.ravel(member)):
        here = places[:, chosen]
        frame = tuple(
            None if axis in (rows, cols) else int(here[axis, 0]) for axis in range(len(places))
        )
        (row, col), (last_row, last_col) = (
            here[[rows, cols]].min(axis=1),
            here[[rows, cols]].max(axis=1),
        )
        box = np.zeros((last_row - row + 1, last_col - col + 1), given.dtype)
        pixels = np.zeros(box.shape, bool)
        inside = here[rows] - row, here[cols] - col
        box[inside], pixels[inside] = given[chosen], True
        yield Written(frame, (int(row), int(col)), pixels, box[pixels])


def merged(pieces: Iterable[Written], dtype: np.dtype[Any]) -> Iterator[Written]:
    """Put together what was written one after another in the same place, as a stroke's dabs.

    Parameters
    ----------
    pieces
        In the order in which they were written.
    dtype
        Of the labels.
    """
    group: list[Written] = []
    box: tuple[int, int, int, int] | None = None
    for piece in pieces:
        around = _around(box, piece)
        small = (around[2] - around[0]) * (around[3] - around[1]) <= MERGED
        if group and (piece.frame != group[0].frame or not small):
            yield _together(group, dtype)
            group, around = [], _around(None, piece)
        group.append(piece)
        box = around
    if group:
        yield _together(group, dtype)


def regions(pieces: Iterable[Written]) -> tuple[Region, ...]:
    """What was written as the regions of an entry, a region for each value."""
    return tuple(region for piece in pieces for region in _by_value(piece))


def as_written(region: Region) -> Written:
    """A region of an entry as pixels again."""
    return Written(region.frame, region.origin, region.pixels.decode(), region.value)


def write(labels: Any, piece: Written) -> None:
    """Write pixels into labels of any kind. O(their box)."""
    box = [
        slice(first, first + length)
        for first, length in zip(piece.origin, piece.pixels.shape, strict=True)
    ]
    slices = frame_slices(piece.frame, box)
    if isinstance(labels, np.ndarray):
        labels[slices][piece.pixels] = piece.values
        return
    here = np.array(labels[slices])
    here[piece.pixels] = piece.values
    labels[slices] = here


def _by_value(piece: Written) -> Iterator[Region]:
    values = np.ravel(piece.values)
    if not piece.pixels.any():
        return
    if (values == values[0]).all():
        rows, cols = (np.flatnonzero(piece.pixels.any(axis=axis)) for axis in (1, 0))
        mask = piece.pixels[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
        yield _region(piece, rows[0], cols[0], mask, values[0])
        return
    rows, cols = np.nonzero(piece.pixels)
    for chosen in _alike(values):
        row, col = rows[chosen].min(), cols[chosen].min()
        mask = np.zeros((rows[chosen].max() - row + 1, cols[chosen].max() - col + 1), bool)
        mask[rows[chosen] - row, cols[chosen] - col] = True
        yield _region(piece, row, col, mask, values[chosen[0]])


def _region(piece: Written, row: Any, col: Any, mask: NDArray[np.bool_], value: Any) -> Region:
    origin = piece.origin[0] + int(row), piece.origin[1] + int(col)
    return Region(piece.frame, origin, Rle.encode(mask), int(value))


def _alike(values: NDArray[Any]) -> list[NDArray[np.intp]]:
    """The places of equal values, in their order."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    return np.split(order, np.flatnonzero(ordered[1:] != ordered[:-1]) + 1)


def _together(group: list[Written], dtype: np.dtype[Any]) -> Written:
    if len(group) == 1:
        return group[0]
    box = None
    for piece in group:
        box = _around(box, piece)
    assert box is not None, "a group has pieces"
    labels = np.zeros((box[2] - box[0], box[3] - box[1]), dtype)
    pixels = np.zeros(labels.shape, bool)
    for piece in group:
        row, col = piece.origin[0] - box[0], piece.origin[1] - box[1]
        here = np.s_[row : row + piece.pixels.shape[0], col : col + piece.pixels.shape[1]]
        labels[here][piece.pixels] = piece.values
        pixels[here] |= piece.pixels
    return Written(group[0].frame, box[:2], pixels, labels[pixels])


def _around(box: tuple[int, int, int, int] | None, piece: Written) -> tuple[int, int, int, int]:
    """(row, col) of a box's first pixel and of the one after its last, with a piece in it."""
    (row, col), (height, width) = piece.origin, piece.pixels.shape
    if box is None:
        return row, col, row + height, col + width
    return min(box[0], row), min(box[1], col), max(box[2], row + height), max(box[3], col + width)


def _widest(sizes: Sequence[int]) -> tuple[int, int]:
    """The two axes that a box is longest along, in order; the last ones where they are equal."""
    order = sorted(range(len(sizes)), key=lambda axis: (sizes[axis], axis))
    rows, cols = sorted(order[-2:])
    return rows, cols
