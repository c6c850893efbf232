"""From a map of distances to labels: a basin around each peak, shallow ones put together.

Where a basin ends and the next begins is the watershed's; whether two neighbours are one object
follows from how far the map falls between them. Arrays only; nothing here knows of a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from scipy import ndimage
from skimage.segmentation import watershed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Labels = NDArray[np.int32]
    Floats = NDArray[np.float32]

_Value = TypeVar("_Value", bound=np.generic)


def basins(distance: Floats, inside: NDArray[np.bool_], depth: float) -> Labels:
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
    labels = _aroundpeaks_of(distance, inside)
    borders = _borders(distance, labels)
    return _put_together(labels, peaks_of(distance, labels), borders, depth)


@dataclass(frozen=True, eq=False)
class _Borders:
    """Pairs of neighbouring basins ``(M,)``, and the highest place between them."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    saddle: Floats


def _aroundpeaks_of(distance: Floats, inside: NDArray[np.bool_]) -> Labels:
    # A peak is one among the pixels to label: each connected piece of them has one.
    there = np.where(inside, distance, np.float32(-np.inf))
    peaks = inside.copy()
    for axis in (0, 1):
        here, beside = (_shifted(there, axis, shift) for shift in (0, 1))
        at, at_beside = (_shifted(peaks, axis, shift) for shift in (0, 1))
        at &= here >= beside
        at_beside &= beside >= here
    markers, _ = ndimage.label(peaks)
    return np.asarray(watershed(-distance, markers, mask=inside), np.int32)  # type: ignore[no-untyped-call]


def peaks_of(distance: Floats, labels: Labels) -> Floats:
    """The highest place of each basin ``(labels + 1,)``; of the background there is none."""
    peaks = np.full(int(labels.max(initial=0)) + 1, -np.inf, np.float32)
    there = labels > 0
    np.maximum.at(peaks, labels[there], distance[there])
    return peaks


def _borders(distance: Floats, labels: Labels) -> _Borders:
    count = int(labels.max(initial=0)) + 1
    keys, heights = [], []
    for axis in (0, 1):
        here, there = (_shifted(labels, axis, shift) for shift in (0, 1))
        meet = (here != there) & (here > 0) & (there > 0)
        a, b = here[meet].astype(np.int64), there[meet].astype(np.int64)
        keys.append(np.minimum(a, b) * count + np.maximum(a, b))
        between = (_shifted(distance, axis, shift)[meet] for shift in (0, 1))
        heights.append(np.minimum(*between))
    pairs, which = np.unique(np.concatenate(keys), return_inverse=True)
    saddle = np.full(len(pairs), -np.inf, np.float32)
    np.maximum.at(saddle, which, np.concatenate(heights))
    return _Borders(pairs // count, pairs % count, saddle)


def _shifted(values: NDArray[_Value], axis: int, shift: int) -> NDArray[_Value]:
    """All but the last, or all but the first, along an axis: neighbours lie at the same place."""
    stop = values.shape[axis] - 1 + shift
    return values[shift:stop] if axis == 0 else values[:, shift:stop]


def _put_together(labels: Labels, peaks: Floats, borders: _Borders, depth: float) -> Labels:
    """The highest passes first, so that a ridge of many small peaks becomes one."""
    leader = list(range(len(peaks)))
    height = peaks.tolist()

    def leads(basin: int) -> int:
        while leader[basin] != basin:
            leader[basin] = leader[leader[basin]]
            basin = leader[basin]
        return basin

    for index in np.argsort(-borders.saddle, kind="stable"):
        a, b = leads(int(borders.first[index])), leads(int(borders.second[index]))
        low, high = sorted((a, b), key=lambda basin: (height[basin], -basin))
        if a != b and height[low] - float(borders.saddle[index]) < depth:
            leader[low] = high
    found = np.array([leads(basin) for basin in leader])
    _, numbers = np.unique(found[1:], return_inverse=True)
    return np.concatenate([[0], numbers + 1]).astype(np.int32)[labels]
