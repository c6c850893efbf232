"""Which answers are objects of a kind: their rank, and what gives way where two overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.automatic.objects import FoundObject, Objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class SimilarObject(FoundObject):
    """An object that is like some others.

    Parameters
    ----------
    similarity
        The cosine of the mean feature vectors under its mask and under the likest example's, as
        they differ from the mean of the examples' frame; 1 for the example itself.
    rank
        What the objects are sorted by, 0 to 1: the squared similarity times the predicted IoU
        times how well the size goes with those of the examples.
    """

    similarity: float = 0.0
    rank: float = 0.0


@dataclass(frozen=True, eq=False)
class Ranked:
    """An answer on the cells of a window.

    Parameters
    ----------
    mask
        ``(h, w)`` bool in its box.
    corner
        (row, col) of that box.
    logits
        As the decoder gave them.
    point
        Of the prompt, (row, col) of the frame.
    score, similarity, rank
        See :class:`SimilarObject`.
    """

    mask: NDArray[np.bool_]
    corner: tuple[int, int]
    logits: NDArray[np.float32]
    point: tuple[float, float]
    score: float
    similarity: float
    rank: float

    @property
    def slices(self) -> tuple[slice, slice]:
        """Its box, for indexing the cells."""
        (row, col), (height, width) = self.corner, self.mask.shape
        return slice(row, row + height), slice(col, col + width)


def choose(
    found: Iterable[Ranked], known: NDArray[np.integer], max_overlap: float
) -> tuple[tuple[Ranked, ...], NDArray[np.bool_]]:
    """The best ones that leave each other, and what is there, their place. O(their boxes).

    Parameters
    ----------
    found
        In any order.
    known
        ``(h, w)`` labels of what is there already; 0 is none.
    max_overlap
        The largest share of either of two that they may have in common.

    Returns
    -------
    chosen : tuple of Ranked
        The best first.
    covered : ndarray
        ``(h, w)`` bool, all that is taken.
    """
    taken = np.array(known, np.int64)
    ids, counts = np.unique(taken, return_counts=True)
    areas = dict(zip(ids.tolist(), counts.tolist(), strict=True))
    chosen = []
    for one in sorted(found, key=lambda each: -each.rank):
        there = taken[one.slices]
        ids, shared = np.unique(there[one.mask], return_counts=True)
        ids, shared = ids[ids != 0], shared[ids != 0]
        area = int(np.count_nonzero(one.mask))
        if shared.sum() > max_overlap * area:
            continue
        if any(
            count > max_overlap * areas[number]
            for number, count in zip(ids.tolist(), shared.tolist(), strict=True)
        ):
            continue
        number = max(areas) + 1
        areas[number] = area
        there[one.mask & (there == 0)] = number
        chosen.append(one)
    return tuple(chosen), taken != 0


def best_ranked(objects: Objects) -> Objects:
    """Objects of :func:`.find_similar` by falling rank."""
    return Objects(tuple(sorted(objects, key=_rank, reverse=True)), objects.shape)


def _rank(one: FoundObject) -> float:
    return one.rank if isinstance(one, SimilarObject) else one.score


def without_doubles(
    found: Sequence[SimilarObject], settled: Sequence[SimilarObject], max_overlap: float
) -> tuple[SimilarObject, ...]:
    """Those that aren't among the settled ones, which were found in windows before.

    Parameters
    ----------
    found, settled
        Of one frame.
    max_overlap
        See :func:`choose`.
    """
    boxes = np.array([one.box for one in settled]).reshape(-1, 4)
    return tuple(
        one
        for one in found
        if not any(
            _shared(one, settled[k]) > max_overlap * min(one.area, settled[k].area)
            for k in _meeting(np.array(one.box), boxes)
        )
    )


def _meeting(box: NDArray[np.int64], boxes: NDArray[np.int64]) -> list[int]:
    meets = (boxes[:, :2] <= box[2:]).all(axis=1) & (boxes[:, 2:] >= box[:2]).all(axis=1)
    return [int(k) for k in np.flatnonzero(meets)]


def _shared(one: FoundObject, other: FoundObject) -> int:
    """How many pixels two objects have in common."""
    low = np.maximum(one.box[:2], other.box[:2])
    high = np.minimum(one.box[2:], other.box[2:]) + 1
    parts = []
    for each in (one, other):
        first, last = low - each.origin, high - each.origin
        parts.append(each.decode()[first[0] : last[0], first[1] : last[1]])
    return int(np.count_nonzero(parts[0] & parts[1]))
