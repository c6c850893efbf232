"""Which objects of two frames could be the same, and what speaks against each pair.

The cost of a pair is in units of its own: 1 is as much as sharing no pixel with where the object
is expected, as lying four fifths of a diameter off, or as an area that is 4 times as large (of a
volume: 8 times, which is as much wider).
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from napari_cutout.stacks.linking.overlaps import shared
from napari_cutout.stacks.linking.regions import diameters_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.stacks.linking.ends import Ends
    from napari_cutout.stacks.linking.options import LinkOptions
    from napari_cutout.stacks.linking.regions import Regions

ALONE = 5.0
"""The cost above which an object rather is a new one: at the farthest without overlap it is 5."""

_FARTHEST = 4.0
_POWER = 1.5
_GROWTH = 0.75
_GAP = 1.0
_DIAMETERS = 2.0
_NEAREST = 12


class Pairs(NamedTuple):
    """Pairs in the order of both numbers.

    Parameters
    ----------
    before, after
        ``(M,)``: an end and an object of the new frame.
    pixels
        ``(M,)``: how many they share, the end moved to where it is expected.
    costs
        ``(M,)``: what speaks against it; infinite where the options forbid it.
    waits
        ``(M,)``: how much of the cost is for the frames in which it was missing.
    """

    before: NDArray[np.int64]
    after: NDArray[np.int64]
    pixels: NDArray[np.float64]
    costs: NDArray[np.float64]
    waits: NDArray[np.float64]


class Costs:
    """What speaks against pairs of the ends and the objects of a frame, also two as one.

    Parameters
    ----------
    ends, after
        The objects.
    options
        How far they may move, and how much they have to overlap.
    spacing
        The size of a pixel along each axis of the frame.
    """

    def __init__(
        self, ends: Ends, after: Regions, options: LinkOptions, spacing: tuple[float, ...]
    ) -> None:
        self._ends, self._after, self._options = ends, after, options
        self._spacing = spacing
        self._moves = ends.moves(options.motion)
        self._before = _Places(ends.regions.centres + self._moves, ends.regions.areas)
        self._places = _Places(after.centres, after.areas)

    def pairs(self) -> Pairs:
        """All pairs that could be. O(pixels of objects)."""
        count = len(self._after)
        touching = shared(self._ends.regions, self._after, np.rint(self._moves).astype(np.int64))
        codes = touching.before * count + touching.after
        known = np.union1d(codes, self._near())
        pixels = np.zeros(len(known))
        pixels[np.searchsorted(known, codes)] = touching.pixels
        before, after = np.divmod(known, max(count, 1))
        waits = np.asarray(_GAP * (self._ends.ages[before] - 1), np.float64)
        costs = waits + self._against(self._before.of(before), self._places.of(after), pixels)
        return Pairs(before, after, pixels, costs, waits)

    def divided(
        self,
        before: NDArray[np.int64],
        one: NDArray[np.int64],
        other: NDArray[np.int64],
        pixels: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """What speaks against it that ends are two objects now; waits don't count.

        Parameters
        ----------
        before
            ``(M,)``: numbers of ends.
        one, other
            ``(M,)``: numbers of objects.
        pixels
            ``(M,)``: what both share with the end.
        """
        return self._against(self._before.of(before), self._places.both(one, other), pixels)

    def merged(
        self,
        after: NDArray[np.int64],
        one: NDArray[np.int64],
        other: NDArray[np.int64],
        pixels: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """What speaks against it that two ends are one object now; waits don't count.

        Parameters
        ----------
        after
            ``(M,)``: numbers of objects.
        one, other
            ``(M,)``: numbers of ends.
        pixels
            ``(M,)``: what both share with the object.
        """
        return self._against(self._before.both(one, other), self._places.of(after), pixels)

    def _against(
        self, before: _Places, after: _Places, pixels: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        apart = (after.centres - before.centres) * self._spacing
        distances = reduce(np.hypot, apart.T)
        diameters = diameters_of(np.sqrt(before.areas * after.areas), self._spacing)
        # Of a volume the surface counts, so that what grows alike costs alike.
        growth = _GROWTH * 2 / len(self._spacing)
        farthest = self._options.max_distance or _DIAMETERS * diameters
        # Objects that overlap each other may be counted twice.
        pixels = np.minimum(pixels, np.minimum(before.areas, after.areas))
        overlaps = pixels / (before.areas + after.areas - pixels)
        costs = (
            _FARTHEST * (distances / farthest) ** _POWER
            + (1 - overlaps)
            + growth * np.abs(np.log(after.areas / before.areas))
        )
        is_allowed = (distances <= farthest) & (overlaps >= self._options.min_overlap)
        return np.asarray(np.where(is_allowed, costs, np.inf))

    def _near(self) -> NDArray[np.int64]:
        """Pairs of ends with the objects next to where they are expected."""
        count = len(self._after)
        if not count or not len(self._ends):
            return np.zeros(0, np.int64)
        tree = cKDTree(self._after.centres * self._spacing)
        nearest = min(_NEAREST, count)
        _, found = tree.query(self._before.centres * self._spacing, k=np.arange(1, nearest + 1))
        before = np.repeat(np.arange(len(self._ends)), nearest)
        return np.asarray(before * count + found.ravel(), np.int64)


class _Places(NamedTuple):
    """Where objects are and how large: centres ``(N, axes)`` and areas ``(N,)``, in pixels."""

    centres: NDArray[np.float64]
    areas: NDArray[np.float64]

    def of(self, numbers: NDArray[np.int64]) -> _Places:
        """Some of them."""
        return _Places(self.centres[numbers], self.areas[numbers])

    def both(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> _Places:
        """Two as one each."""
        areas = self.areas[one], self.areas[other]
        sums = areas[0] + areas[1]
        moments = self.centres[one] * areas[0][:, None] + self.centres[other] * areas[1][:, None]
        return _Places(moments / np.maximum(sums, 1)[:, None], sums)
