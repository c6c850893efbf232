"""A map of distances climbed from every pixel at once: which peak each one comes to.

A watershed that starts from all peaks floods pixels in the order of their heights, so that each
gets what its highest neighbour has: going there, and so on, comes to the same without a queue.
Only where two neighbours are equally high does it depend on the queue. Arrays only. What becomes
of the peaks is in basins.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Mask = NDArray[np.bool_]
    Numbers = NDArray[np.int64]


class Borders(NamedTuple):
    """Pairs of neighbouring basins, in the order of both numbers, and how high one can cross.

    Parameters
    ----------
    first, second
        ``(M,)``: the lower number and the higher one.
    saddle
        ``(M,)``: the highest place between them.
    """

    first: Numbers
    second: Numbers
    saddle: Floats

    @classmethod
    def of(cls, one: Numbers, other: Numbers, heights: Floats, count: int) -> Borders:
        """The borders of pixels with their neighbours, numbered below ``count``.

        Parameters
        ----------
        one, other
            ``(N,)``: the basins of both, which differ.
        heights
            ``(N,)``: the lower one of both pixels.
        count
            All numbers are below it.
        """
        keys = np.minimum(one, other) * count + np.maximum(one, other)
        pairs, which = np.unique(keys, return_inverse=True)
        saddle = np.full(len(pairs), -np.inf, np.float32)
        np.maximum.at(saddle, which, heights)
        return cls(pairs // count, pairs % count, saddle)


class Climbed(NamedTuple):
    """Peaks, numbered by their first pixels from 1 on, and who comes to which.

    A peak is a pixel, or several connected over their sides, none of which has a higher one above,
    below, left or right.

    Parameters
    ----------
    places
        ``(N,)``: all pixels, numbered row by row.
    basin
        ``(N,)``: the peak that each comes to when it goes to its highest neighbour, and so on.
    heights
        ``(peaks + 1,)``; of number 0 there is none.
    borders
        Between the basins.
    """

    places: Numbers
    basin: Numbers
    heights: Floats
    borders: Borders


def climbed(distance: Floats, inside: Mask) -> Climbed | None:
    """Climb from all pixels inside; None if that is ambiguous. O(pixels inside).

    Parameters
    ----------
    distance
        ``(rows, cols)``, high in the middle of objects.
    inside
        ``(rows, cols)`` bool; what isn't in it is lower than anything.
    """
    wide = inside.shape[1] + 2
    # With a margin, each pixel has four neighbours at fixed steps.
    height = np.full((inside.shape[0] + 2) * wide, -np.inf, np.float32)
    np.copyto(height.reshape(-1, wide)[1:-1, 1:-1], distance, where=inside)
    places = np.flatnonzero(inside)
    at = places + 2 * (places // max(inside.shape[1], 1)) + wide + 1
    own = height[at]
    steps = (-wide, -1, 1, wide)
    beside = [height.take(at + step) for step in steps]
    highest = np.maximum(np.maximum(*beside[:2]), np.maximum(*beside[2:]))
    are_highest = [there == highest for there in beside]
    is_peak = own >= highest
    best = at + np.select(are_highest, steps)
    best[is_peak] = at[is_peak]

    number = np.zeros(len(height), np.intp)
    number[at] = np.arange(len(at))
    target = number.take(best)
    # Twice as far with each round.
    while not np.array_equal(further := target.take(target), target):
        target = further
    of_pixel = np.zeros(len(at), np.int64)
    of_pixel[is_peak] = _numbered(places[is_peak], inside.shape)
    basin = of_pixel.take(target)

    basins = np.zeros(len(height), np.int64)
    basins[at] = basin
    tied = np.flatnonzero((sum(there.view(np.int8) for there in are_highest) > 1) & ~is_peak)
    for step, there in zip(steps, are_highest, strict=True):
        if (there[tied] & (basins[at[tied] + step] != basin[tied])).any():
            return None
    heights = np.full(int(basin.max(initial=0)) + 1, -np.inf, np.float32)
    heights[of_pixel[is_peak]] = own[is_peak]
    return Climbed(places, basin, heights, _borders(height, basins, at, wide, len(heights)))


def _numbered(peaks: Numbers, shape: tuple[int, ...]) -> Numbers:
    """Numbers from 1 on, in the order of first pixels, the same for neighbours."""
    there = np.zeros(shape, bool)
    there.ravel()[peaks] = True
    if not (there[1:] & there[:-1]).any() and not (there[:, 1:] & there[:, :-1]).any():
        return np.arange(1, len(peaks) + 1)
    labels, _ = ndimage.label(there)
    return np.asarray(labels.ravel()[peaks], np.int64)


def _borders(height: Floats, basins: Numbers, at: Numbers, wide: int, count: int) -> Borders:
    """Of pixels with those on the right and below."""
    ones, others, heights = [], [], []
    own = basins.take(at)
    for step in (1, wide):
        beside = basins.take(at + step)
        meet = np.flatnonzero((beside != own) & (beside > 0))
        ones.append(own[meet])
        others.append(beside[meet])
        heights.append(np.minimum(height[at[meet]], height[at[meet] + step]))
    one, other, lower = (np.concatenate(some) for some in (ones, others, heights))
    return Borders.of(one, other, lower, count)
