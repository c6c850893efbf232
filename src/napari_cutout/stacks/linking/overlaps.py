"""How many pixels objects of one frame share with those of another, some of them moved."""

from __future__ import annotations

import math
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from napari_cutout.stacks.linking.regions import in_order

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
        ``(N, axes)``: how far each object before is moved first, in pixels along each axis.
    """
    where, owners = before.places, before.owners
    if moved is not None and moved.any():
        shift = moved.astype(np.int32)
        where = tuple(some + shift[:, axis].take(owners) for axis, some in enumerate(where))
    if before.shape != after.shape or where is not before.places:
        # Without their sign, negative ones are too large as well.
        limits = zip(where, after.shape, strict=True)
        inside = reduce(np.logical_and, (some.view(np.uint32) < size for some, size in limits))
        if not inside.all():
            where, owners = tuple(some[inside] for some in where), owners[inside]
    places, there = in_order(where, after.shape), in_order(after.places, after.shape)
    if (there[1:] > there[:-1]).all():
        # Those of labels: each pixel has one owner at most.
        drawn = np.full(math.prod(after.shape), -1, np.int32)
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
    places, size = in_order(regions.places, regions.shape), math.prod(regions.shape)
    starts: NDArray[np.integer[Any]]
    starts = np.zeros(size + 1, np.int32 if len(places) < _INT32 else np.int64)
    np.cumsum(np.bincount(places, minlength=size), out=starts[1:])
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
