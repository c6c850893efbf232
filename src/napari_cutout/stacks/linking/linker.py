"""Linking, frame after frame: the same id for the same object in successive frames.

A frame is a plane or a whole volume. What pairs cost, how they are chosen and what divides is
decided next door; slices are joined into volumes in volumes.py, and then linked in
volume_linker.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.stacks.linking.divisions import divided
from napari_cutout.stacks.linking.drift import common_shift
from napari_cutout.stacks.linking.ends import Ends
from napari_cutout.stacks.linking.errors import LinkError
from napari_cutout.stacks.linking.frame_by_frame import FrameByFrame
from napari_cutout.stacks.linking.graph import Graph
from napari_cutout.stacks.linking.matching import matched
from napari_cutout.stacks.linking.options import LinkOptions
from napari_cutout.stacks.linking.pairs import Costs
from napari_cutout.stacks.linking.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from napari_cutout.stacks.linking.pairs import Pairs
    from napari_cutout.stacks.linking.regions import Regions
    from napari_cutout.stacks.linking.tracks import Tracks

_WITHIN = 0.5
"""The share of an object that lies in another one, from which on it is a piece of that."""


class Linker(FrameByFrame):
    """Links frames that are given one after the other.

    Pixels are kept only of objects that may still go on, those of the last ``max_gap + 1`` frames.
    The same frames give the same tracks, whatever their objects are called.

    Parameters
    ----------
    options
        What may be the same object.
    spacing
        The size of a pixel, (rows, cols), or (planes, rows, cols) for volumes. None: the same
        along all axes, and frames of either kind.

    Raises
    ------
    LinkError
        If the spacing isn't two or three sizes above 0.

    Examples
    --------
    >>> import numpy as np
    >>> linker = Linker()
    >>> for column in (1, 2, 3):
    ...     frame = np.zeros((5, 9), int)
    ...     frame[1:4, column : column + 3] = column
    ...     linker.add(frame)
    >>> linker.finish().tracks
    (Track(id=1, first=0, last=2, parent=0),)
    """

    def __init__(
        self, options: LinkOptions | None = None, spacing: Sequence[float] | None = None
    ) -> None:
        if spacing is not None and not _are_sizes(spacing):
            raise LinkError(
                "the spacing is the size of a pixel, (rows, cols) or (planes, rows, cols), not "
                f"{spacing}"
            )
        super().__init__()
        self._options = options or LinkOptions()
        self._spacing = () if spacing is None else tuple(float(size) for size in spacing)
        self._divisions, self._merges = Rows(np.int64, 3), Rows(np.int64, 2)

    def finish(self) -> Tracks:
        """The tracks of all frames so far. More frames may follow."""
        return Graph(
            np.array(self._counts, np.int64),
            *self._figures(len(self._spacing) or 2),
            self._links.all(),
            self._divisions.all(),
            self._merges.all(),
        ).tracks(self._options.min_length)

    def _add(self, regions: Regions) -> None:
        self._check_axes(regions)
        steps, is_new = np.zeros_like(regions.centres), np.ones(len(regions), bool)
        ends = self._ends
        if ends is not None:
            if self._options.drift:
                last = ends.regions.only_figures().only(ends.ages == 1)
                ends = ends.shifted(common_shift(last, regions, self._spacing))
            costs = Costs(ends, regions, self._options, self._spacing)
            pairs = costs.pairs()
            links, merged = matched(ends, regions, costs, pairs)
            before, after = pairs.before[links], pairs.after[links]
            self._merges.add(ends.nodes[np.column_stack([merged.first, merged.second])])
            self._note(ends, regions, costs, pairs, links)
            moved = regions.centres[after] - ends.regions.centres[before] - ends.drifted[before]
            steps[after] = moved / ends.ages[before, None]
            is_new[after] = False
            ends = ends.only(self._stay_open(ends, pairs, links)).older()
        self._go_on(regions, ends, Ends.of_frame(regions, self._first, steps, is_new))

    def _check_axes(self, regions: Regions) -> None:
        """Frames are all planes, or all volumes."""
        self._spacing = self._spacing or (1.0,) * len(regions.shape)
        if len(regions.shape) != len(self._spacing):
            raise LinkError(
                f"a frame has shape {regions.shape}, and {len(self._spacing)} axes were expected, "
                "as the spacing and the frames before have them"
            )

    def _note(
        self,
        ends: Ends,
        regions: Regions,
        costs: Costs,
        pairs: Pairs,
        links: NDArray[np.int64],
    ) -> None:
        """Keep what was linked, and what may have divided."""
        before, after = pairs.before[links], pairs.after[links]
        self._links.add(np.column_stack([ends.nodes[before], self._first + after]))
        if self._options.divisions:
            mothers, *daughters = divided(costs, pairs, links, regions).T
            found = [ends.nodes[mothers], *(self._first + one for one in daughters)]
            self._divisions.add(np.column_stack(found))

    def _stay_open(self, ends: Ends, pairs: Pairs, links: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Ends that may go on later."""
        is_open = ends.ages <= self._options.max_gap
        is_open[pairs.before[links]] = False
        # A piece of a mask that was cut for once lies in the object again that it belongs to.
        is_linked = np.isin(pairs.after, pairs.after[links])
        within = np.bincount(pairs.before, pairs.pixels * is_linked, minlength=len(ends))
        is_piece = ends.is_new & (within >= _WITHIN * ends.regions.areas)
        return np.asarray(is_open & ~is_piece)


def link(
    frames: Iterable[NDArray[np.integer[Any]]],
    options: LinkOptions | None = None,
    spacing: Sequence[float] | None = None,
) -> Tracks:
    """Give the same id to the same object in successive frames.

    Parameters
    ----------
    frames
        ``(rows, cols)`` integers each, 0 is background; asked for one after the other. Or whole
        volumes ``(planes, rows, cols)``, each of whose objects has one id in all planes.
    options
        What may be the same object.
    spacing
        The size of a pixel, (rows, cols) or (planes, rows, cols). None: the same along all axes.

    Returns
    -------
    Tracks
        Its centres are ``(N, 3)`` for volumes.

    Raises
    ------
    LinkError
        If a frame is none, or the spacing isn't as many sizes above 0.
    """
    linker = Linker(options, spacing)
    for labels in frames:
        linker.add(labels)
    return linker.finish()


def _are_sizes(spacing: Sequence[float]) -> bool:
    return len(spacing) in (2, 3) and all(np.isfinite(size) and size > 0 for size in spacing)
