"""Which of many masks share pixels, and how many. Only pairs whose boxes meet are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.objects import FoundObject


# Masks that are kept decoded: pairs come in an order in which one is needed several times.
_KEPT = 256


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Pairs of objects that share pixels, each pair once.

    Parameters
    ----------
    first, second
        ``(M,)`` int, the objects of a pair; ``first`` is the smaller index, in rising order of
        ``second``.
    pixels
        ``(M,)`` int, how many they share; more than 0.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    pixels: NDArray[np.int64]

    def without_covered(
        self, stays: NDArray[np.bool_], area: NDArray[np.int64], most: float
    ) -> NDArray[np.bool_]:
        """Which of the objects that stay aren't covered by more than a share of their area.

        Covered by those before them that stay: one that goes covers nothing any more. Pixels that
        several share are counted once for each.

        Parameters
        ----------
        stays
            ``(N,)`` bool, before.
        area
            ``(N,)`` pixels.
        most
            The share, 0 to 1.
        """
        limits: list[float] = np.where(stays, most * area, -1.0).tolist()
        covered = [0] * len(limits)
        pairs = zip(self.first.tolist(), self.second.tolist(), self.pixels.tolist(), strict=True)
        # All pairs in which an object is the second come before those in which it is the first
        # of one that is later: its fate is settled by then.
        for first, second, pixels in pairs:
            if covered[first] <= limits[first]:
                covered[second] += pixels
        return np.asarray(np.array(covered, np.float64) <= np.array(limits, np.float64), bool)


def overlaps(found: Sequence[FoundObject]) -> Overlaps:
    """The pairs of objects that share pixels. O(pairs whose boxes meet, and their pixels)."""
    boxes = np.array([one.box for one in found], np.int64).reshape(-1, 4)

    @lru_cache(maxsize=_KEPT)
    def decoded(index: int) -> NDArray[np.bool_]:
        return found[index].decode()

    pairs = []
    for first, second in _meeting(boxes).tolist():
        (row0, col0), (row1, col1) = (
            np.maximum(boxes[first, :2], boxes[second, :2]).tolist(),
            np.minimum(boxes[first, 2:], boxes[second, 2:]).tolist(),
        )
        there = [
            decoded(index)[
                row0 - boxes[index, 0] : row1 - boxes[index, 0] + 1,
                col0 - boxes[index, 1] : col1 - boxes[index, 1] + 1,
            ]
            for index in (first, second)
        ]
        pixels = np.count_nonzero(there[0] & there[1])
        if pixels:
            pairs.append((first, second, pixels))
    columns = np.array(pairs, np.int64).reshape(-1, 3).T
    return Overlaps(*columns)


def _meeting(boxes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs ``(M, 2)`` of boxes ``(N, 4)`` that share a pixel, the second index rising."""
    order = np.argsort(boxes[:, 0], kind="stable")
    starts = boxes[order, 0]
    pairs = [np.zeros((0, 2), np.int64)]
    for place, index in enumerate(order):
        row1, col0, col1 = boxes[index, 2], boxes[index, 1], boxes[index, 3]
        # Those that begin below it, down to its last row.
        others = order[place + 1 : np.searchsorted(starts, row1, side="right")]
        others = others[(boxes[others, 1] <= col1) & (boxes[others, 3] >= col0)]
        pair = np.stack([np.minimum(index, others), np.maximum(index, others)], axis=1)
        pairs.append(pair)
    found = np.concatenate(pairs)
    return np.asarray(found[np.lexsort((found[:, 0], found[:, 1]))], np.int64)
