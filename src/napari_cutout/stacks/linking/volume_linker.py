"""Objects of volumes over time, from slices that are given one after the other.

Slices are joined in volumes.py, and whole volumes linked in linker.py; here one follows the other.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.stacks.linking.errors import LinkError
from napari_cutout.stacks.linking.linker import Linker
from napari_cutout.stacks.linking.options import VolumeLinkOptions
from napari_cutout.stacks.linking.rows import Rows
from napari_cutout.stacks.linking.tracks import VolumeTracks
from napari_cutout.stacks.linking.volumes import SliceJoiner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.stacks.linking.options import VolumeOptions

    Labels = NDArray[np.integer[Any]]
    Ids = NDArray[np.int64]


class VolumeLinker:
    """Links volumes whose slices are given one after the other: all of one, then of the next.

    Memory is that of one volume, beside what the linker of volumes keeps.

    Parameters
    ----------
    planes
        Slices of each volume.
    options
        What is one object.
    spacing
        The size of a voxel, (planes, rows, cols). None: the same along all axes.

    Raises
    ------
    LinkError
        If the planes aren't 1 or more, or the spacing isn't three sizes above 0.

    Examples
    --------
    >>> import numpy as np
    >>> linker = VolumeLinker(2)
    >>> for time in (0, 1):
    ...     for plane in (0, 1):
    ...         labels = np.zeros((5, 9), int)
    ...         labels[1:4, 1 + time : 4 + time] = 5 + plane
    ...         linker.add(labels)
    >>> linker.finish().tracks
    (Track(id=1, first=0, last=1, parent=0),)
    """

    def __init__(
        self,
        planes: int,
        options: VolumeLinkOptions | None = None,
        spacing: Sequence[float] | None = None,
    ) -> None:
        if planes < 1 or (spacing is not None and len(spacing) != 3):
            raise LinkError(
                "volumes have 1 plane or more, and voxels of the size (planes, rows, cols), not "
                f"{planes} planes and {spacing}"
            )
        options = options or VolumeLinkOptions()
        self._planes, self._joining = planes, options.slices
        if options.slices is not None:
            # Of one plane alone, as it may be chosen, nothing would be left.
            extent = min(options.slices.min_extent, planes)
            self._joining = replace(options.slices, min_extent=extent)
        self._linker = Linker(options.link, spacing or (1.0, 1.0, 1.0))
        self._slices: list[Labels | None] = []
        # Of all slices what each calls its objects, and what the volume does.
        self._counts: list[int] = []
        self._own, self._joined = Rows(np.int64), Rows(np.int64)

    def __len__(self) -> int:
        """How many slices were added."""
        return len(self._counts) + len(self._slices)

    def add(self, labels: Labels) -> None:
        """Add the next slice.

        Parameters
        ----------
        labels
            ``(rows, cols)`` integers, 0 is background.

        Raises
        ------
        LinkError
            If it is none, or others of its volume have another shape.
        """
        labels = np.asarray(labels)
        shape = next((one.shape for one in self._slices if one is not None), labels.shape)
        if labels.ndim != 2 or labels.shape != shape or labels.dtype.kind not in "iu":
            raise LinkError(
                "a slice of labels is (rows, cols) integers, as large as others of its volume, not "
                f"{labels.shape} {labels.dtype}"
            )
        self._slices.append(labels)
        self._end_volume()

    def add_missing(self) -> None:
        """Add a slice of which nothing is known; objects go on across it."""
        self._slices.append(None)
        self._end_volume()

    def finish(self) -> VolumeTracks:
        """The tracks of all volumes so far. More may follow.

        Raises
        ------
        LinkError
            If a volume has slices to come.
        """
        if self._slices:
            raise LinkError(
                f"a volume has {self._planes} slices, and only {len(self._slices)} of the last one "
                "were given"
            )
        volumes = self._linker.finish()
        offsets = np.cumsum([0, *self._counts]).astype(np.int64)
        joined, tracks = self._joined.all(), np.zeros(len(self._joined), np.int64)
        for time, (first, end) in enumerate(pairwise(offsets[:: self._planes].tolist())):
            tracks[first:end] = volumes.renamed(time, joined[first:end])
        return VolumeTracks(volumes.tracks, offsets, self._own.all(), tracks, volumes)

    def _end_volume(self) -> None:
        """Join and link the volume, once all its slices are there."""
        if len(self._slices) < self._planes:
            return
        slices, self._slices = self._slices, []
        options = self._joining
        joined = _as_given(slices) if options is None else _joined(slices, options)
        whole = [one for one, _, _ in joined if one is not None]
        if whole:
            empty = np.zeros(whole[0].shape, whole[0].dtype)
            self._linker.add(np.stack([empty if one is None else one for one, _, _ in joined]))
        else:
            self._linker.add_missing()
        for _, own, names in joined:
            self._counts.append(len(own))
            self._own.add(own)
            self._joined.add(names)


def _joined(
    slices: Sequence[Labels | None], options: VolumeOptions
) -> list[tuple[Labels | None, Ids, Ids]]:
    """The slices with one id for each object of the volume, and their objects' ids before that."""
    joiner = SliceJoiner(options)
    for labels in slices:
        if labels is None:
            joiner.add_missing()
        else:
            joiner.add(labels)
    tracks = joiner.finish()
    return [
        (None if labels is None else tracks.relabelled(labels, plane), *tracks.of_frame(plane))
        for plane, labels in enumerate(slices)
    ]


def _as_given(slices: Sequence[Labels | None]) -> list[tuple[Labels | None, Ids, Ids]]:
    """The same for slices of volumes whose objects have one id each."""
    found: list[tuple[Labels | None, Ids, Ids]] = []
    for labels in slices:
        ids = np.zeros(0, np.int64) if labels is None else np.unique(labels).astype(np.int64)
        ids = ids[ids != 0]
        found.append((labels, ids, ids))
    return found
