"""Of boxes that are nearly the same, only the best: non-maximum suppression.

All at once, and as boxes come one after the other.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Rank = tuple[float, ...]

_RESERVE = 64


def suppress(boxes: ArrayLike, scores: ArrayLike, threshold: float) -> NDArray[np.intp]:
    """The boxes that stay, by falling score.

    The best box stays, and all whose IoU with it is above the threshold go; and so on with what
    is left. Boxes of equal scores count in their order.

    Parameters
    ----------
    boxes
        ``(N, 4)``, (row0, col0, row1, col1).
    scores
        ``(N,)``.
    threshold
        IoU, 0 to 1.

    Returns
    -------
    ndarray
        Indices ``(M,)``.

    Notes
    -----
    As torchvision does it, whose ``nms`` the reference uses: in float32, and the area is the
    product of the differences of the corners, without one more for the pixels that both are
    in. A box of one row or column has no area and suppresses nothing. O(boxes that stay times
    boxes that are left).
    """
    order = np.argsort(-np.asarray(scores, np.float32), kind="stable")
    # One array an axis: each step then reads along memory.
    corners = np.asarray(boxes, np.float32).reshape(-1, 4)[order].T.copy()
    left, kept = np.arange(len(order)), []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        left = left[~_is_over(corners[:, best], corners[:, left], threshold)]
    return order[np.array(kept, np.intp)]


class Standing:
    """What :func:`suppress` leaves of the boxes so far, while boxes come one by one.

    A box changes what stays of those below it alone. So a new one is compared once, and each one
    that no longer stays, or does again, once more: O(boxes) each.

    Parameters
    ----------
    threshold
        IoU, 0 to 1.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        # One column a box; columns in reserve, so that most come without a copy of all.
        self._corners = np.zeros((4, _RESERVE), np.float32)
        self._ranks = np.zeros((1, _RESERVE))
        self._is_there = np.zeros(_RESERVE, bool)
        self._stays = np.zeros(_RESERVE, bool)
        # How many that stay suppress it.
        self._above = np.zeros(_RESERVE, np.int32)
        self._count = 0
        self._order: list[tuple[Rank, int]] = []

    @property
    def kept(self) -> list[int]:
        """The boxes that stay, by rank; each by how many came before it."""
        return [index for _, index in self._order]

    def stays(self, index: int) -> bool:
        """Whether a box is among them."""
        return bool(self._stays[index])

    def add(self, box: ArrayLike, rank: Rank, is_there: bool = True) -> list[int]:
        """Take the next box.

        Parameters
        ----------
        box
            ``(4,)``, (row0, col0, row1, col1).
        rank
            The lower, the better; of equal ones the earlier counts. As long for all.
        is_there
            Whether it counts from now on, or only once :meth:`show` says so.

        Returns
        -------
        list of int
            The boxes that stay now and didn't, and the other way round.
        """
        index, self._count = self._count, self._count + 1
        self._make_room(len(rank))
        self._corners[:, index] = box
        self._ranks[:, index] = rank
        is_rival = self._is_rival(index)
        better = is_rival & self._stays[: self._count] & ~self._is_worse(index)
        self._above[index] = np.count_nonzero(better)
        return self.show(index, is_there)

    def show(self, index: int, is_there: bool) -> list[int]:
        """Say whether a box counts; the boxes whose staying that changes, as :meth:`add`."""
        self._is_there[index] = is_there
        changed, waiting = [], [self._place(index)]
        # By rank: whatever is better than a box is settled before it.
        while waiting:
            place = heappop(waiting)
            index = place[1]
            stays = bool(self._is_there[index]) and not self._above[index]
            if stays == self._stays[index]:
                continue
            self._stays[index] = stays
            if stays:
                insort(self._order, place)
            else:
                del self._order[bisect_left(self._order, place)]
            changed.append(index)
            worse = np.flatnonzero(self._is_rival(index) & self._is_worse(index))
            self._above[worse] += 1 if stays else -1
            should_stay = self._is_there[worse] & (self._above[worse] == 0)
            for other in worse[should_stay != self._stays[worse]].tolist():
                heappush(waiting, self._place(other))
        return changed

    def _place(self, index: int) -> tuple[Rank, int]:
        return tuple(self._ranks[:, index].tolist()), index

    def _is_rival(self, index: int) -> NDArray[np.bool_]:
        """Which boxes are nearly the same as one, ``(N,)``."""
        corners = self._corners[:, : self._count]
        is_over = _is_over(corners[:, index], corners, self._threshold)
        is_over[index] = False
        return is_over

    def _is_worse(self, index: int) -> NDArray[np.bool_]:
        """Which boxes have a lower rank than one, ``(N,)``."""
        worse = np.arange(self._count) > index
        for ranks in self._ranks[::-1, : self._count]:
            worse = (ranks > ranks[index]) | ((ranks == ranks[index]) & worse)
        return worse

    def _make_room(self, ranks: int) -> None:
        room = self._corners.shape[1]
        if self._count == 1:
            self._ranks = np.zeros((ranks, room))
        if self._count > room:
            for name in ("_corners", "_ranks", "_is_there", "_stays", "_above"):
                array = getattr(self, name)
                setattr(self, name, np.concatenate([array, np.zeros_like(array)], axis=-1))


def _is_over(
    box: NDArray[np.float32], others: NDArray[np.float32], threshold: float
) -> NDArray[np.bool_]:
    """Whether a box ``(4,)`` has an IoU above the threshold with others ``(4, N)``."""
    (row0, col0, row1, col1), (rows0, cols0, rows1, cols1) = box, others
    height = np.minimum(row1, rows1) - np.maximum(row0, rows0)
    width = np.minimum(col1, cols1) - np.maximum(col0, cols0)
    shared = np.maximum(height, 0) * np.maximum(width, 0)
    areas = (rows1 - rows0) * (cols1 - cols0)
    with np.errstate(invalid="ignore"):
        iou = shared / ((row1 - row0) * (col1 - col0) + areas - shared)
    return np.asarray(iou.astype(np.float64) > threshold, bool)
