"""How many pixels objects of one frame share with those of another, some of them moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.stacks.linking.regions import Regions

_LARGEST_TABLE = 8_000_000
"""Pairs that are counted in a table of all; more are sorted."""

_INT32 = 2**31


class Shared(NamedTuple):
    """Pairs of objects that share pixels, in the order of both numbers.

    Parameters
    ----------
    before, after
        ``(M,)``: their numbers in the one frame and in the other.
    pixels
        ``(M,)``: how many both have.
    """

    before: NDArray[np.int64]
    after: NDArray[np.int64]
    pixels: NDArray[np.float64]


def shared(before: Regions, after: Regions, moved: NDArray[np.integer] | None = None) -> Shared:
    """The pixels that objects have in common. O(pixels of objects).

    Parameters
    ----------
    before, after
        The objects. Those of one frame may overlap each other.
    moved
        ``(N, 2)``: how far each object before is moved first, (rows, cols) in pixels.
    """
    rows, cols, owners = before.rows, before.cols, before.owners
    if moved is not None and moved.any():
        shift = moved.astype(np.int32)
        rows = rows + shift[:, 0].take(owners)
        cols = cols + shift[:, 1].take(owners)
    height, width = after.shape
    if before.shape != after.shape or rows is not before.rows:
        # Without their sign, negative ones are too large as well.
        inside = (rows.view(np.uint32) < height) & (cols.view(np.uint32) < width)
        if not inside.all():
            rows, cols, owners = rows[inside], cols[inside], owners[inside]
    places = rows.astype(np.int64) * width + cols
    there = after.rows.astype(np.int64) * width + after.cols
    if (there[1:] > there[:-1]).all():
        # Those of labels: each pixel has one owner at most.
        drawn = np.full(height * width, -1, np.int32)
        drawn[there] = after.owners
        others = drawn.take(places)
        hit = np.flatnonzero(others >= 0)
        return _counted(owners.take(hit), others.take(hit), len(before), len(after))
    starts, sorted_owners = _by_place(after)
    first, count = starts[places], starts[places + 1] - starts[places]
    ones = np.repeat(owners, count)
    ends = np.cumsum(count)
    inner = np.arange(len(ones)) - np.repeat(ends - count, count)
    others = sorted_owners[np.repeat(first, count) + inner]
    return _counted(ones, others, len(before), len(after))


def _by_place(regions: Regions) -> tuple[NDArray[np.integer[Any]], NDArray[np.int32]]:
    """Where the owners of each pixel of the frame start, and the owners in that order."""
    height, width = regions.shape
    places = regions.rows.astype(np.int64) * width + regions.cols
    starts: NDArray[np.integer[Any]]
    starts = np.zeros(height * width + 1, np.int32 if len(places) < _INT32 else np.int64)
    np.cumsum(np.bincount(places, minlength=height * width), out=starts[1:])
    is_sorted = bool((places[1:] >= places[:-1]).all())
    order = slice(None) if is_sorted else np.argsort(places, kind="stable")
    return starts, np.asarray(regions.owners[order], np.int32)


def _counted(ones: NDArray[np.int32], others: NDArray[np.int32], before: int, after: int) -> Shared:
    codes = ones.astype(np.int64) * after + others
    if before * after <= _LARGEST_TABLE:
        counts = np.bincount(codes)
        found = np.flatnonzero(counts)
        pixels = counts[found]
    else:
        found, pixels = np.unique(codes, return_counts=True)
    return Shared(found // max(after, 1), found % max(after, 1), pixels.astype(np.float64))
