"""Which ids objects get that were linked: they change as little as can be. Arrays only.

Tracks count from 1; in labels, an object keeps the id that it had first, unless another one has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.stacks.linking.tracks import TrackIds


@dataclass(frozen=True, eq=False)
class LinkedIds:
    """What the objects of linked frames are called in the labels.

    Parameters
    ----------
    tracks
        What linking said.
    of_track
        ``(T + 1,)``: the label of each track; 0 for none, the first.
    """

    tracks: TrackIds
    of_track: NDArray[np.int64]

    @property
    def largest(self) -> int:
        """The largest label."""
        return int(self.of_track.max(initial=0))

    def changed(self, frame: int) -> dict[int, int]:
        """The objects of a frame that are called something else from now on, by their labels.

        Parameters
        ----------
        frame
            Its position in the order in which frames were linked.

        Returns
        -------
        dict of int to int
            From the label to the new one; 0 for an object that goes.
        """
        known = self.tracks.ids(frame).items()
        return {
            number: after
            for number, track in known
            if (after := int(self.of_track[track])) != number
        }


def linked_ids(tracks: TrackIds, largest: int) -> LinkedIds:
    """Choose the labels of tracks.

    Parameters
    ----------
    tracks
        Of labels, whose ids are unique in each frame only.
    largest
        The largest id of all the labels; new ids follow it.

    Notes
    -----
    Each track takes the first of its objects' ids that no earlier track has; one that finds none
    gets a new one. O(objects).
    """
    count = max((one.id for one in tracks.tracks), default=0)
    of_track = np.zeros(count + 1, np.int64)
    order = np.argsort(tracks.track_ids, kind="stable")
    members = tracks.track_ids[order]
    ids = tracks.local_ids[order]
    claimed: set[int] = set()
    for one in tracks.tracks:
        low, high = np.searchsorted(members, [one.id, one.id + 1])
        free = next((number for number in ids[low:high].tolist() if number not in claimed), None)
        if free is None:
            largest += 1
            free = largest
        claimed.add(free)
        of_track[one.id] = free
    return LinkedIds(tracks, of_track)
