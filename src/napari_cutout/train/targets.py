"""What is learned from a crop: dense maps of all its objects, and prompts for some of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_AREA = 24
"""Pixels of the crop below which an object isn't asked for."""


@dataclass(frozen=True)
class Targets:
    """What a crop teaches; the maps are at stride 2.

    Parameters
    ----------
    foreground
        ``(h, w)``: share of the cell that objects cover.
    distance
        ``(h, w)``: distance to the object's edge, 1 at its deepest.
    offsets
        ``(2, h, w)``: from the cell to its object's centroid in pixels of the crop.
    masks
        ``(M, h, w)``: share of the cell that each object asked for covers.
    boxes
        ``(M, 4)``: their edges in continuous pixels.
    deepest
        ``(M, 2)``: their deepest points.
    """

    foreground: NDArray[np.float32]
    distance: NDArray[np.float32]
    offsets: NDArray[np.float32]
    masks: NDArray[np.float32]
    boxes: NDArray[np.float32]
    deepest: NDArray[np.float32]


def make_targets(labels: NDArray[np.int32], count: int, rng: np.random.Generator) -> Targets:
    """Targets of a crop with ``count`` objects to be asked for, repeated where it has fewer.

    Parameters
    ----------
    labels
        ``(rows, cols)``, even sizes.
    count
        M.
    rng
        Chooses the objects.

    Raises
    ------
    ValueError
        If no object is large enough.
    """
    compact = _consecutive(labels)
    number = int(compact.max())
    areas = np.bincount(compact.ravel(), minlength=number + 1)
    distance = _normalised_distance(compact, number)
    offsets = _offsets(compact, areas)
    large = np.flatnonzero(areas[1:] >= MIN_AREA) + 1
    if not len(large):
        raise ValueError("the crop holds no object that is large enough")
    repeats = -(-count // len(large))
    chosen = np.concatenate([rng.permutation(large) for _ in range(repeats)])[:count]
    slices = [ndimage.find_objects(compact)[value - 1] for value in chosen]
    boxes = [(s[0].start, s[1].start, s[0].stop, s[1].stop) for s in slices]
    pairs = zip(slices, chosen, strict=True)
    deepest = [_deepest(distance[s], compact[s] == value, s) for s, value in pairs]
    return Targets(
        foreground=_pool(compact > 0),
        distance=_pool(distance),
        offsets=np.stack([_pool(offset) for offset in offsets]),
        masks=np.stack([_pool(compact == value) for value in chosen]),
        boxes=np.array(boxes, np.float32),
        deepest=np.array(deepest, np.float32) + 0.5,
    )


def _consecutive(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """The labels that occur, numbered from 1; background stays 0."""
    occurs = np.bincount(labels.ravel()) > 0
    occurs[0] = False
    numbers = np.cumsum(occurs, dtype=np.int32) * occurs
    return numbers[labels].astype(np.int32)


def _deepest(
    distance: NDArray[np.float32], mask: NDArray[np.bool_], place: tuple[slice, slice]
) -> tuple[int, int]:
    row, col = np.unravel_index(int(np.argmax(distance * mask)), mask.shape)
    return place[0].start + int(row), place[1].start + int(col)


def _normalised_distance(labels: NDArray[np.int32], number: int) -> NDArray[np.float32]:
    """Distance to the nearest pixel of another label, 1 at each object's deepest."""
    inside = labels > 0
    for axis in (0, 1):
        here = np.moveaxis(inside, axis, 0)
        there = np.moveaxis(labels, axis, 0)
        edge = (there[1:] != there[:-1]) & (there[1:] > 0) & (there[:-1] > 0)
        # One side of a contact is enough: the other is a pixel away.
        here[1:] &= ~edge
    distance = ndimage.distance_transform_edt(inside).astype(np.float32)
    deepest = ndimage.maximum(distance, labels, np.arange(number + 1))
    deepest = np.maximum(np.asarray(deepest, np.float32), 1)
    return np.where(labels > 0, distance / deepest[labels], 0).astype(np.float32)


def _offsets(labels: NDArray[np.int32], areas: NDArray[np.int64]) -> list[NDArray[np.float32]]:
    """Rows and columns from each pixel to the centroid of its object."""
    result = []
    for axis in (0, 1):
        place = np.arange(labels.shape[axis], dtype=np.float32)
        place = np.broadcast_to(place[:, None] if axis == 0 else place[None, :], labels.shape)
        total = np.bincount(labels.ravel(), weights=place.ravel(), minlength=len(areas))
        centre = (total / np.maximum(areas, 1)).astype(np.float32)
        result.append(np.where(labels > 0, centre[labels] - place, 0).astype(np.float32))
    return result


def _pool(values: NDArray[np.generic]) -> NDArray[np.float32]:
    """Means of 2 x 2 pixels."""
    fine: NDArray[np.float32] = values.astype(np.float32)
    pairs = fine[0::2] + fine[1::2]
    return np.asarray((pairs[:, 0::2] + pairs[:, 1::2]) * 0.25, np.float32)
