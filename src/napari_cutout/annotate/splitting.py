"""Cutting an object in two by a click in each half. Masks only; ids and layers come above."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXACT = 1 << 15
"""Pixels of a mask's box up to which the cut is found pixel by pixel, in some 30 ms."""

_NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


def split_mask(
    mask: NDArray[np.bool_], first: tuple[int, int], second: tuple[int, int]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Two parts of a mask, one around each of two of its pixels.

    Parameters
    ----------
    mask
        ``(h, w)``, the object in its box.
    first, second
        (row, col) of two different pixels of it.

    Returns
    -------
    ndarray, ndarray
        ``(h, w)`` bool each, together the mask.

    Raises
    ------
    ValueError
        If the two are the same pixel, or not in the mask.

    Notes
    -----
    Each click climbs to the nearest peak of the distance to the mask's edge. From two peaks, the
    watershed of that distance cuts at the neck between them. Where both climb the same one there
    is no neck, and every pixel goes to the click that is nearer. Pieces that neither reaches go
    to the part that is nearer. Masks of more than :data:`EXACT` pixels are cut at a coarser scale.
    """
    first, second = (int(first[0]), int(first[1])), (int(second[0]), int(second[1]))
    for place in (first, second):
        inside = all(0 <= at < size for at, size in zip(place, mask.shape, strict=True))
        if not inside or not mask[place]:
            raise ValueError(f"{place} isn't a pixel of the object; click inside of it")
    if first == second:
        raise ValueError(f"both clicks are at {first}; click once in each half")
    step = math.ceil(math.sqrt(mask.size / EXACT))
    places = [(row // step, col // step) for row, col in (first, second)]
    if places[0] == places[1]:
        nearer = _closer(mask.shape, first, second)
    elif step == 1:
        nearer = _second_is_nearer(mask, first, second)
    else:
        nearer = _finer(_second_is_nearer(_pooled(mask, step), *places), step, mask.shape)
    nearer[first], nearer[second] = False, True
    return mask & ~nearer, mask & nearer


def _second_is_nearer(
    mask: NDArray[np.bool_], first: tuple[int, int], second: tuple[int, int]
) -> NDArray[np.bool_]:
    """Which pixels go to the second click, inside the mask and around it."""
    from skimage.segmentation import watershed

    # The edge of the box is the object's edge, too.
    depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    smooth = np.where(mask, ndimage.gaussian_filter(depth, 1.0), -1.0)
    paths = _way_up(smooth, first), _way_up(smooth, second)
    if paths[0][-1] == paths[1][-1]:
        return _closer(mask.shape, first, second)
    markers = np.zeros(mask.shape, np.int8)
    for number, path in enumerate(paths, start=1):
        markers[tuple(np.transpose(path))] = number
    parts = watershed(-smooth, markers, mask=mask)  # type: ignore[no-untyped-call]
    reached = ndimage.distance_transform_edt(
        parts == 0, return_distances=False, return_indices=True
    )
    nearer: NDArray[np.bool_] = parts[tuple(reached)] == 2
    return nearer


def _closer(
    shape: tuple[int, ...], first: tuple[int, int], second: tuple[int, int]
) -> NDArray[np.bool_]:
    """Which pixels lie closer to the second of two."""
    rows, cols = np.indices(shape, sparse=True)
    to_first, to_second = (np.hypot(rows - row, cols - col) for row, col in (first, second))
    closer: NDArray[np.bool_] = to_second < to_first
    return closer


def _pooled(mask: NDArray[np.bool_], step: int) -> NDArray[np.bool_]:
    """A coarser mask in which every pixel of the mask is seen."""
    padded = np.pad(mask, [(0, -size % step) for size in mask.shape])
    rows, cols = (size // step for size in padded.shape)
    return np.asarray(padded.reshape(rows, step, cols, step).any(axis=(1, 3)), bool)


def _finer(nearer: NDArray[np.bool_], step: int, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Parts of a coarse mask at full size, with a smooth line between them."""
    field = ndimage.distance_transform_edt(nearer) - ndimage.distance_transform_edt(~nearer)
    for axis, size in enumerate(shape):
        at = np.clip((np.arange(size) + 0.5) / step - 0.5, 0, field.shape[axis] - 1)
        low = at.astype(int)
        high = np.minimum(low + 1, field.shape[axis] - 1)
        weight = (at - low).reshape((-1, 1) if axis == 0 else (1, -1))
        field = field.take(low, axis) * (1 - weight) + field.take(high, axis) * weight
    finer: NDArray[np.bool_] = field > 0
    return finer


def _way_up(height: NDArray[np.float64], start: tuple[int, int]) -> list[tuple[int, int]]:
    """The steepest way up, from a pixel to the peak where it ends."""
    path = [start]
    while True:
        row, col = path[-1]
        around = [
            (row + down, col + right)
            for down, right in _NEIGHBOURS
            if 0 <= row + down < height.shape[0] and 0 <= col + right < height.shape[1]
        ]
        best = max(around, key=lambda place: height[place], default=path[-1])
        if not height[best] > height[path[-1]]:
            return path
        path.append(best)
