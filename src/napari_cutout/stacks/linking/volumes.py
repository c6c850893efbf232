"""Objects of slices joined into those of a volume: one id for each over all slices.

Linking over time is next door in linker.py, and of volumes in volume_linker.py. Here nothing moves
and nothing divides: what lies on top of each other is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from napari_cutout.formats.tracks.track import Track
from napari_cutout.stacks.linking.assignment import assigned
from napari_cutout.stacks.linking.couples import Couples, coupled
from napari_cutout.stacks.linking.ends import Ends
from napari_cutout.stacks.linking.errors import LinkError
from napari_cutout.stacks.linking.frame_by_frame import FrameByFrame
from napari_cutout.stacks.linking.options import VolumeOptions
from napari_cutout.stacks.linking.overlaps import shared
from napari_cutout.stacks.linking.tracks import Tracks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from napari_cutout.stacks.linking.overlaps import Shared
    from napari_cutout.stacks.linking.regions import Regions

    Numbers = NDArray[np.int64]
    Figures = NDArray[np.float64]

_ALONE = 2.0
_MARGIN = 0.2


class SliceJoiner(FrameByFrame):
    """Joins slices that are given one after the other.

    Pixels are kept only of objects that may still go on, those of the last ``max_gap + 1`` slices.

    Parameters
    ----------
    options
        What is one object.
    """

    def __init__(self, options: VolumeOptions | None = None) -> None:
        super().__init__()
        self._options = options or VolumeOptions()
        # Pieces of one mask, if they are one again in the next slice.
        self._cut: set[tuple[int, int]] = set()

    def finish(self) -> Tracks:
        """The objects of all slices so far, as tracks along the slices. More may follow."""
        ids, centres, areas = self._figures()
        offsets = np.concatenate([[0], np.cumsum(self._counts)]).astype(np.int64)
        numbers = _components(len(ids), self._links.all())
        slices = np.repeat(np.arange(len(self._counts)), self._counts)
        tracks, names = _kept(numbers, slices, self._options.min_extent)
        return Tracks(tracks, offsets, ids, names, centres, areas)

    def _add(self, regions: Regions) -> None:
        if len(regions.shape) != 2:
            raise LinkError(f"a slice of labels is (rows, cols), not {regions.shape}")
        ends = self._ends
        if ends is not None:
            before, after = self._joined(ends, regions)
            self._links.add(np.column_stack([ends.nodes[before], self._first + after]))
            is_open = ends.ages <= self._options.max_gap
            is_open[before] = False
            ends = ends.only(is_open).older()
        count = len(regions)
        newer = Ends.of_frame(regions, self._first, np.zeros((count, 2)), np.ones(count, bool))
        self._go_on(regions, ends, newer)

    def _joined(self, ends: Ends, after: Regions) -> tuple[Numbers, Numbers]:
        """Pairs of ends and objects of the next slice that are one."""
        pairs = shared(ends.regions, after)
        own, other = ends.regions.areas, after.areas
        costs = _against(own[pairs.before], other[pairs.after], pairs.pixels)
        inside = pairs.pixels / np.minimum(own[pairs.before], other[pairs.after])
        costs = np.where(inside >= self._options.min_overlap, costs, np.inf)
        self._note_pieces(ends, after, pairs, costs)
        # Older ones only where nothing else fits.
        made = assigned(pairs.before, pairs.after, costs + ends.ages[pairs.before] - 1, _ALONE)
        return pairs.before[made], pairs.after[made]

    def _note_pieces(self, ends: Ends, after: Regions, pairs: Shared, costs: Figures) -> None:
        """Join pieces that are one mask in this slice, and were one in the slice before them.

        Only one of both may be new objects that begin, or old ones that end, side by side.
        """
        own, other = ends.regions.areas, after.areas
        merged = coupled(
            *(pairs.after, pairs.before, pairs.pixels, costs, own, own),
            lambda whole, one, two, pixels: _against(own[one] + own[two], other[whole], pixels),
            _MARGIN,
        )
        for one, two in _sorted_pairs(ends.nodes, merged):
            if (one, two) in self._cut:
                self._links.add(np.array([[one, two]]))
        cut = coupled(
            *(pairs.before, pairs.after, pairs.pixels, costs, other, other),
            lambda whole, one, two, pixels: _against(own[whole], other[one] + other[two], pixels),
            _MARGIN,
        )
        self._cut = set(_sorted_pairs(self._first + np.arange(len(after)), cut))


def join_slices(
    frames: Iterable[NDArray[np.integer[Any]]], options: VolumeOptions | None = None
) -> Tracks:
    """Give the same id to the same object in all slices of a volume.

    Parameters
    ----------
    frames
        ``(rows, cols)`` integers each, 0 is background; asked for one after the other.
    options
        What is one object.

    Returns
    -------
    Tracks
        Its ``relabelled(labels, slice)`` has one id for each object of the volume; objects of
        too small an extent are left out. Of one object there may be several pieces in a slice.

    Raises
    ------
    LinkError
        If a slice is none.

    Examples
    --------
    >>> import numpy as np
    >>> volume = np.zeros((3, 5, 5), int)
    >>> volume[0, 1:4, 1:4], volume[1, 1:4, 1:4] = 7, 2
    >>> tracks = join_slices(volume)
    >>> np.unique(tracks.relabelled(volume[1], 1)).tolist()
    [0, 1]
    """
    joiner = SliceJoiner(options)
    for labels in frames:
        joiner.add(labels)
    return joiner.finish()


def _against(one: Figures, other: Figures, pixels: Figures) -> Figures:
    """What speaks against two masks being one object: 0 for the same pixels, 2 for none."""
    return (1 - pixels / (one + other - pixels)) + (1 - pixels / np.minimum(one, other))


def _sorted_pairs(nodes: Numbers, couples: Couples) -> list[tuple[int, int]]:
    both = np.sort(np.stack([nodes[couples.first], nodes[couples.second]], axis=1), axis=1)
    return [(int(one), int(two)) for one, two in both]


def _components(count: int, links: Numbers) -> Numbers:
    """Which objects hang together, numbered in the order of their first ones."""
    if not count:
        return np.zeros(0, np.int64)
    graph = coo_array((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(count, count))
    _, numbers = connected_components(graph, directed=False)
    _, first, places = np.unique(numbers, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[places], np.int64)


def _kept(numbers: Numbers, slices: Numbers, min_extent: int) -> tuple[tuple[Track, ...], Numbers]:
    """Objects that span enough slices, and their ids for all parts; 0 for those left out."""
    count = int(numbers.max(initial=-1)) + 1
    first, last = np.full(count, len(slices)), np.zeros(count, np.int64)
    np.minimum.at(first, numbers, slices)
    np.maximum.at(last, numbers, slices)
    keep = last - first + 1 >= min_extent
    names = np.where(keep, np.cumsum(keep), 0)
    rows = zip(names[keep].tolist(), first[keep].tolist(), last[keep].tolist(), strict=True)
    return tuple(Track(*row) for row in rows), names[numbers]
