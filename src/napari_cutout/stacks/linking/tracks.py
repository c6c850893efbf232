"""What linking says: which object of which frame is which, where, and what it came of.

Frames are planes or volumes; of volumes that came as slices, the frames are their slices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.stacks.linking.errors import LinkError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.formats.tracks.track import Track


@dataclass(frozen=True, eq=False)
class TrackIds:
    """The tracks of objects, by what their own frames call them.

    Parameters
    ----------
    tracks
        In the order of their ids, which count from 1 on in the order of appearance.
    offsets
        ``(K + 1,)``: where the objects of each frame begin in what follows.
    local_ids
        ``(N,)``: what its own frame calls each object.
    track_ids
        ``(N,)``: the track of each; 0 where it belongs to none that was kept.
    """

    tracks: tuple[Track, ...]
    offsets: NDArray[np.int64]
    local_ids: NDArray[np.int64]
    track_ids: NDArray[np.int64]

    def __len__(self) -> int:
        """How many frames there are."""
        return len(self.offsets) - 1

    def ids(self, frame: int) -> dict[int, int]:
        """The track of each object of a frame, by what the frame calls it.

        Parameters
        ----------
        frame
            Its position in the order in which frames were added.

        Raises
        ------
        LinkError
            If there is no such frame.
        """
        own, known = self.of_frame(frame)
        return dict(zip(own.tolist(), known.tolist(), strict=True))

    def renamed(self, frame: int, ids: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        """The tracks of some ids of a frame, 0 for background.

        Parameters
        ----------
        frame
            Its position in the order in which frames were added.
        ids
            What the frame calls objects, of any shape.

        Raises
        ------
        LinkError
            If there is no such frame, or it was linked with no such object.
        """
        own, known = self.of_frame(frame)
        order = np.argsort(own)
        keys = np.concatenate([[0], own[order]])
        values = np.concatenate([[0], known[order]])
        places = np.searchsorted(keys, ids.ravel()).clip(max=len(keys) - 1)
        if not np.array_equal(keys[places], ids.ravel()):
            strange = np.setdiff1d(ids, keys)
            raise LinkError(
                f"frame {frame} was linked with {len(own)} objects, none of them called "
                f"{strange[0]}; give the labels that were linked"
            )
        return np.asarray(values[places].reshape(ids.shape))

    def relabelled(self, labels: NDArray[np.integer[Any]], frame: int) -> NDArray[np.integer[Any]]:
        """The labels of a frame with the ids of tracks; objects that were left out become 0.

        Parameters
        ----------
        labels
            Of the shape with which they were linked.
        frame
            Their position in the order in which frames were added.

        Returns
        -------
        ndarray
            Of the same shape, int32, or int64 where ids need it.

        Raises
        ------
        LinkError
            If there is no such frame, or the labels have other ids than were linked.
        """
        _, known = self.of_frame(frame)
        dtype = np.promote_types(np.int32, np.min_scalar_type(int(known.max(initial=0))))
        return self.renamed(frame, np.asarray(labels)).astype(dtype)

    def of_frame(self, frame: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """What a frame calls its objects, and the track of each.

        Raises
        ------
        LinkError
            If there is no such frame.
        """
        if not 0 <= frame < len(self):
            raise LinkError(f"frames 0 to {len(self) - 1} were linked, not {frame}")
        part = slice(self.offsets[frame], self.offsets[frame + 1])
        return self.local_ids[part], self.track_ids[part]


@dataclass(frozen=True, eq=False)
class Tracks(TrackIds):
    """Objects over frames, and where they are. No mask is kept.

    Parameters
    ----------
    tracks, offsets, local_ids, track_ids
        See :class:`TrackIds`.
    centres
        ``(N, 2)``: (row, col), pixel centres at integers; ``(N, 3)`` of volumes, the plane first.
    areas
        ``(N,)`` pixels; voxels of volumes.
    """

    centres: NDArray[np.float64]
    areas: NDArray[np.float64]

    def to_napari(
        self, scale: Sequence[float] | None = None
    ) -> tuple[NDArray[np.float64], dict[int, list[int]], dict[str, NDArray[Any]]]:
        """What a Tracks layer of napari takes: its data, ``graph=`` and ``properties=``.

        Parameters
        ----------
        scale
            What (frame, row, col) are multiplied by, or (frame, plane, row, col); None: they stay
            positions and pixels.

        Returns
        -------
        tuple
            ``(N, 4)``: track, frame, row, col, sorted by track and frame, or ``(N, 5)`` with the
            plane before the row; the parents of each track that has one; ``area`` in pixels and
            ``parent`` (0 for none) of each point.
        """
        frames = np.repeat(np.arange(len(self)), np.diff(self.offsets))
        kept = np.flatnonzero(self.track_ids)
        order = kept[np.lexsort((frames[kept], self.track_ids[kept]))]
        places = np.column_stack([frames[order], self.centres[order]])
        if scale is not None:
            places = places * np.asarray(scale, np.float64)
        parents = np.zeros(len(self.tracks) + 1, np.int64)
        for one in self.tracks:
            parents[one.id] = one.parent
        data = np.column_stack([self.track_ids[order], places])
        graph = {one.id: [one.parent] for one in self.tracks if one.parent}
        properties = {"area": self.areas[order], "parent": parents[self.track_ids[order]]}
        return data, graph, properties


@dataclass(frozen=True, eq=False)
class VolumeTracks(TrackIds):
    """Objects of volumes over time, whose slices are the frames.

    Parameters
    ----------
    tracks, offsets, local_ids, track_ids
        See :class:`TrackIds`; the frames are all slices of the first volume, then those of the
        next. The first and last frames of tracks are volumes.
    volumes
        The same tracks, of whole volumes.
    """

    volumes: Tracks
