"""What was linked over all frames, and the tracks that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.formats.tracks.track import Track
from napari_cutout.stacks.linking.tracks import Tracks

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DAUGHTER_LENGTH = 2
"""In so many frames each half has to be seen; one that is gone at once was cut off by mistake."""

_SOON = 5
"""Halves that are one again within so many frames never were two."""


@dataclass(frozen=True, eq=False)
class Graph:
    """All objects of all frames and their links. Objects are numbered in the order of frames.

    Parameters
    ----------
    counts
        ``(K,)``: the objects of each frame.
    ids
        ``(N,)``: what the frame of each calls it.
    centres
        ``(N, 2)``: (row, col); ``(N, 3)`` of volumes, the plane first.
    areas
        ``(N,)`` pixels.
    links
        ``(L, 2)``: numbers of the same object, earlier and later, each at most once on each side.
    divisions
        ``(D, 3)``: what could be a mother and its daughters, the first of which may be linked.
    merges
        ``(M, 2)``: two objects that are one in the next frame: which goes on, and which ends.
    """

    counts: NDArray[np.int64]
    ids: NDArray[np.int64]
    centres: NDArray[np.float64]
    areas: NDArray[np.float64]
    links: NDArray[np.int64]
    divisions: NDArray[np.int64]
    merges: NDArray[np.int64]

    def tracks(self, min_length: int = 1) -> Tracks:
        """The tracks, numbered in the order in which they appear. O(objects).

        Parameters
        ----------
        min_length
            Those seen in fewer frames are left out, unless they divide or come of a division.
        """
        before, mothers = self._divided()
        numbers, starts = _chains(before)
        frames = np.repeat(np.arange(len(self.counts)), self.counts)
        lengths = np.bincount(numbers, minlength=len(starts))
        mother_of = np.where(mothers[starts] >= 0, numbers[mothers[starts]], -1)
        keep = (lengths >= min_length) | (mother_of >= 0)
        keep[mother_of[mother_of >= 0]] = True
        names = np.where(keep, np.cumsum(keep), 0)
        last = np.zeros(len(starts), np.int64)
        np.maximum.at(last, numbers, frames)
        parents = np.where(mother_of >= 0, names[mother_of], 0)
        rows = zip(
            *(some[keep].tolist() for some in (names, frames[starts], last, parents)), strict=True
        )
        return Tracks(
            tuple(Track(*row) for row in rows),
            np.concatenate([[0], np.cumsum(self.counts)]).astype(np.int64),
            self.ids,
            names[numbers],
            self.centres,
            self.areas,
        )

    def _divided(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The predecessor of each object, and its mother; -1 where there is none."""
        count = len(self.ids)
        before, after = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
        before[self.links[:, 1]], after[self.links[:, 0]] = self.links[:, 0], self.links[:, 1]
        mothers = np.full(count, -1, np.int64)
        seen, last = _ahead(before)
        ended = {end: into for into, end in self.merges.tolist()}
        in_last = np.arange(count) >= count - (self.counts[-1] if len(self.counts) else 0)
        for mother, *daughters in self.divisions.tolist():
            # One that follows another object by now is nobody's daughter.
            is_free = all(before[one] in (-1, mother) for one in daughters)
            if not is_free or after[mother] not in (-1, *daughters):
                continue
            lives = all(seen[one] >= _DAUGHTER_LENGTH or in_last[one] for one in daughters)
            if lives and not _reunited(daughters, before, last, ended):
                before[daughters] = -1
                mothers[daughters] = mother
            else:
                self._join(mother, daughters, before, after)
        return before, mothers

    def _join(
        self, mother: int, halves: list[int], before: NDArray[np.int64], after: NDArray[np.int64]
    ) -> None:
        """Let the larger one of two halves be the object, as what follows is as large as both."""
        larger, smaller = sorted(halves, key=lambda one: (-self.areas[one], one))
        follower = after[larger] if after[larger] >= 0 else after[smaller]
        if follower >= 0 and before[follower] == smaller:
            apart = np.abs(np.log(self.areas[follower] / self.areas[smaller]))
            together = np.abs(np.log(self.areas[follower] / self.areas[halves].sum()))
            if apart < together:
                return
        before[[larger, smaller]] = mother, -1
        after[[mother, smaller]] = larger, -1
        after[larger] = follower
        if follower >= 0:
            before[follower] = larger


def _ahead(before: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """In how many objects each one goes on, itself counted, and the last of them. O(objects)."""
    seen, last = np.ones(len(before), np.int64), np.arange(len(before))
    for one in range(len(before) - 1, -1, -1):
        if before[one] >= 0:
            seen[before[one]], last[before[one]] = seen[one] + 1, last[one]
    return seen, last


def _reunited(
    halves: list[int],
    before: NDArray[np.int64],
    last: NDArray[np.int64],
    ended: dict[int, int],
) -> bool:
    """Whether one of two halves soon ends in the other one."""
    for one, other in (halves, halves[::-1]):
        into = ended.get(int(last[one]), -1)
        for _ in range(_SOON):
            if into == other:
                return True
            into = int(before[into]) if into >= 0 else -1
    return False


def _chains(before: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The number of each object's chain, and the first object of each."""
    starts = np.flatnonzero(before < 0)
    numbers = np.full(len(before), -1, np.int64)
    numbers[starts] = np.arange(len(starts))
    # Twice as far with each round, so that a long sequence takes few.
    roots = np.where(before < 0, np.arange(len(before)), before)
    while not np.array_equal(roots, further := roots[roots]):
        roots = further
    return numbers[roots], starts
