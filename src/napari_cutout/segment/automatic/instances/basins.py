"""From a map of distances to labels: a basin around each peak, shallow ones put together.

Where a basin ends and the next begins is the watershed's, most of which is in climbing.py; whether
two neighbours are one object follows from how far the map falls between them. Arrays only; nothing
here knows of a model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from scipy import ndimage
from skimage.segmentation import watershed

from napari_cutout.segment.automatic.instances.climbing import Borders, Climbed, climbed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Labels = NDArray[np.int32]
    Floats = NDArray[np.float32]
    Mask = NDArray[np.bool_]
    Numbers = NDArray[np.int64]

_Value = TypeVar("_Value", bound=np.generic)


def basins(distance: Floats, inside: Mask, depth: float) -> Labels:
    """Labels ``(rows, cols)`` int32 of the basins of a map, 1 and on; 0 where not ``inside``.

    Parameters
    ----------
    distance
        ``(rows, cols)``, high in the middle of objects.
    inside
        ``(rows, cols)`` bool, the pixels to label.
    depth
        Neighbouring basins are one unless the map falls by this much from the lower peak to the
        highest place between them.

    Notes
    -----
    Pixels of a basin are connected over their sides. The peaks that are left are those of the
    h-maxima transform; to put basins together costs O(basins), and not several passes over pixels.
    """
    found = climbed(distance, inside) or _flooded(distance, inside)
    leaders = _put_together(found.heights, found.borders, depth)
    _, numbers = np.unique(leaders[1:], return_inverse=True)
    labels = np.zeros(inside.shape, np.int32)
    labels.ravel()[found.places] = np.concatenate([[0], numbers + 1])[found.basin]
    return labels


def _flooded(distance: Floats, inside: Mask) -> Climbed:
    """The same by a watershed, whose queue decides between neighbours that are equally high."""
    # A peak is one among the pixels to label: each connected piece of them has one.
    there = np.where(inside, distance, np.float32(-np.inf))
    peaks = inside.copy()
    for axis in (0, 1):
        here, beside = (_shifted(there, axis, shift) for shift in (0, 1))
        at, at_beside = (_shifted(peaks, axis, shift) for shift in (0, 1))
        at &= here >= beside
        at_beside &= beside >= here
    markers, _ = ndimage.label(peaks)
    labels = np.asarray(watershed(-distance, markers, mask=inside), np.int64)  # type: ignore[no-untyped-call]
    places, heights = np.flatnonzero(inside), _peaks_of(distance, labels)
    return Climbed(places, labels.ravel()[places], heights, _borders(distance, labels))


def _peaks_of(distance: Floats, labels: NDArray[np.integer[Any]]) -> Floats:
    """The highest place of each basin ``(labels + 1,)``; of the background there is none."""
    peaks = np.full(int(labels.max(initial=0)) + 1, -np.inf, np.float32)
    there = np.flatnonzero(labels != 0)
    np.maximum.at(peaks, labels.ravel()[there], distance.ravel()[there])
    return peaks


def _borders(distance: Floats, labels: Numbers) -> Borders:
    ones, others, heights = [], [], []
    for axis in (0, 1):
        here, there = (_shifted(labels, axis, shift) for shift in (0, 1))
        meet = (here != there) & (here > 0) & (there > 0)
        ones.append(here[meet])
        others.append(there[meet])
        between = (_shifted(distance, axis, shift)[meet] for shift in (0, 1))
        heights.append(np.minimum(*between))
    one, other, height = (np.concatenate(some) for some in (ones, others, heights))
    return Borders.of(one, other, height, int(labels.max(initial=0)) + 1)


def _shifted(values: NDArray[_Value], axis: int, shift: int) -> NDArray[_Value]:
    """All but the last, or all but the first, along an axis: neighbours lie at the same place."""
    stop = values.shape[axis] - 1 + shift
    return values[shift:stop] if axis == 0 else values[:, shift:stop]


def _put_together(peaks: Floats, borders: Borders, depth: float) -> Numbers:
    """Of each basin the one that it is put together with, the highest passes first.

    So a ridge of many small peaks becomes one.
    """
    leader = list(range(len(peaks)))
    height = peaks.tolist()

    def leads(basin: int) -> int:
        while leader[basin] != basin:
            leader[basin] = leader[leader[basin]]
            basin = leader[basin]
        return basin

    order = np.argsort(-borders.saddle, kind="stable")
    for a, b, saddle in zip(*(some[order].tolist() for some in borders), strict=True):
        a, b = leads(a), leads(b)
        low, high = sorted((a, b), key=lambda basin: (height[basin], -basin))
        if a != b and height[low] - saddle < depth:
            leader[low] = high
    return np.array([leads(basin) for basin in leader])
