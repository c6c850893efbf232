"""Where the objects of frames are, gathered frame by frame, and the tracks that follow from it.

Arrays only. Which object comes of which is said by others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.tracks.track import Track
from napari_cutout.stacks.linking.tracks import Tracks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray


class Sightings:
    """The objects of frames whose ids are the same in all of them. No mask is kept.

    Attributes
    ----------
    ids
        ``(N,)`` of each frame, rising.
    centres
        ``(N, 2)`` or ``(N, 3)`` of each frame: pixel centres at integers.
    areas
        ``(N,)`` pixels of each frame.
    """

    def __init__(self) -> None:
        self.ids: list[NDArray[np.int64]] = []
        self.centres: list[NDArray[np.float64]] = []
        self.areas: list[NDArray[np.int64]] = []

    def __len__(self) -> int:
        """How many frames there are."""
        return len(self.ids)

    def add(self, labels: NDArray[np.integer[Any]]) -> None:
        """Take the next frame, ``(rows, cols)`` or ``(planes, rows, cols)``. O(pixels)."""
        places = np.flatnonzero(labels)
        ids, objects, areas = np.unique(
            labels.reshape(-1)[places], return_inverse=True, return_counts=True
        )
        sums = [
            np.bincount(objects, weights=at, minlength=len(ids))
            for at in np.unravel_index(places, labels.shape)
        ]
        self.ids.append(ids.astype(np.int64))
        self.areas.append(areas)
        self.centres.append(np.stack(sums, axis=1) / areas[:, None])

    def tracks(self, parents: Mapping[int, int]) -> tuple[Track, ...]:
        """A track for each id, in the order of the ids.

        Parameters
        ----------
        parents
            What an object comes of. One that isn't there, or that hasn't ended by then, counts for
            nothing: labels may have been edited since.
        """
        first: dict[int, int] = {}
        last: dict[int, int] = {}
        for frame, ids in enumerate(self.ids):
            for number in ids.tolist():
                first.setdefault(number, frame)
                last[number] = frame

        def parent_of(number: int) -> int:
            parent = parents.get(number, 0)
            return parent if parent in last and last[parent] < first[number] else 0

        return tuple(
            Track(number, first[number], last[number], parent_of(number))
            for number in sorted(first)
        )

    def linked(self, tracks: Iterable[Track]) -> tuple[Tracks, NDArray[np.int64]]:
        """The same as linking says it, and the id of each of its tracks; 0 for none, the first."""
        known = sorted(tracks, key=lambda one: (one.first, one.id))
        of_track = np.array([0, *(one.id for one in known)], np.int64)
        number_of = {int(number): track for track, number in enumerate(of_track)}
        numbered = tuple(
            Track(number_of[one.id], one.first, one.last, number_of[one.parent]) for one in known
        )
        order = np.argsort(of_track)
        ids = np.concatenate([np.zeros(0, np.int64), *self.ids])
        counts = [0, *(len(some) for some in self.ids)]
        return (
            Tracks(
                numbered,
                np.cumsum(counts).astype(np.int64),
                ids,
                order[np.searchsorted(of_track, ids, sorter=order)],
                np.concatenate(self.centres or [np.zeros((0, 2))]),
                np.concatenate([np.zeros(0), *self.areas]).astype(np.float64),
            ),
            of_track,
        )

    def points(self) -> NDArray[np.float64]:
        """``(N, 2 + axes)``: id, frame and centre, as a Tracks layer of napari takes them."""
        rows = [
            np.column_stack([ids, np.full(len(ids), frame), centres])
            for frame, (ids, centres) in enumerate(zip(self.ids, self.centres, strict=True))
        ]
        points = np.concatenate(rows) if rows else np.zeros((0, 4))
        return np.asarray(points[np.lexsort((points[:, 1], points[:, 0]))], np.float64)


def graph_of(tracks: Iterable[Track]) -> dict[int, list[int]]:
    """The parents of each track that has one, as napari has them."""
    return {one.id: [one.parent] for one in tracks if one.parent}
