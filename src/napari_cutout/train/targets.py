"""What is learned from a crop: dense maps of all its objects, and masks of those asked for.

Maps are at a stride: means of the crop's pixels under each of their cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_AREA = 24
"""Pixels of the crop below which an object isn't asked for."""


@dataclass(frozen=True)
class Asked:
    """Objects of a crop that prompts are made for.

    Parameters
    ----------
    distance
        ``(h, w)``: distance to the object's edge, 1 at its deepest; of all objects.
    masks
        ``(M, h, w)``: share of the cell that each object asked for covers.
    boxes
        ``(M, 4)``: their edges in continuous pixels.
    deepest
        ``(M, 2)``: their deepest points.
    stride
        Pixels of the crop that a cell stands for, along each axis.
    """

    distance: NDArray[np.float32]
    masks: NDArray[np.float32]
    boxes: NDArray[np.float32]
    deepest: NDArray[np.float32]
    stride: int


@dataclass(frozen=True)
class DenseTargets:
    """What all objects of a crop teach at once.

    Parameters
    ----------
    foreground
        ``(h, w)``: share of the cell that objects cover.
    distance
        ``(h, w)``: distance to the object's edge, 1 at its deepest.
    offsets
        ``(2, h, w)``: from the cell to its object's centroid in pixels of the crop.
    """

    foreground: NDArray[np.float32]
    distance: NDArray[np.float32]
    offsets: NDArray[np.float32]


@dataclass(frozen=True)
class Targets(Asked):
    """What a crop teaches; ``foreground`` and ``offsets`` as in :class:`DenseTargets`."""

    foreground: NDArray[np.float32]
    offsets: NDArray[np.float32]


@dataclass(frozen=True)
class Scene:
    """The objects of a crop, whichever of them are asked for.

    Parameters
    ----------
    labels
        ``(rows, cols)``, 1 to N and 0.
    distance
        ``(h, w)``, see :class:`Asked`.
    boxes
        ``(N, 4)``: their edges in continuous pixels.
    deepest
        ``(N, 2)``: their deepest points.
    areas
        ``(N,)`` in pixels of the crop.
    stride
        Of the maps.
    """

    labels: NDArray[np.int32]
    distance: NDArray[np.float32]
    boxes: NDArray[np.float32]
    deepest: NDArray[np.float32]
    areas: NDArray[np.int64]
    stride: int

    @property
    def large(self) -> NDArray[np.int64]:
        """The labels of objects that are large enough to be asked for."""
        return np.flatnonzero(self.areas >= MIN_AREA) + 1

    def ask(self, chosen: NDArray[np.int64]) -> Asked:
        """Some objects, by their labels, any of them more than once."""
        return Asked(
            distance=self.distance,
            masks=np.stack([_pool(self.labels == value, self.stride) for value in chosen]),
            boxes=self.boxes[chosen - 1],
            deepest=self.deepest[chosen - 1],
            stride=self.stride,
        )


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
    scene = look_at(labels)
    dense = dense_targets(scene)
    asked = scene.ask(choose(scene.large, count, rng))
    return Targets(
        **vars(asked),
        foreground=dense.foreground,
        offsets=dense.offsets,
    )


def look_at(labels: NDArray[np.int32], stride: int = 2) -> Scene:
    """The objects of a crop.

    Parameters
    ----------
    labels
        ``(rows, cols)``, sizes that are multiples of the stride; any ids, 0 is background.
    stride
        Of the maps.
    """
    compact = _consecutive(labels)
    number = int(compact.max())
    distance = _normalised_distance(compact, number)
    slices = ndimage.find_objects(compact)
    boxes = [(s[0].start, s[1].start, s[0].stop, s[1].stop) for s in slices]
    places = enumerate(slices, 1)
    deepest = [_deepest(distance[s], compact[s] == value, s) for value, s in places]
    return Scene(
        labels=compact,
        distance=_pool(distance, stride),
        boxes=np.array(boxes, np.float32).reshape(-1, 4),
        deepest=np.array(deepest, np.float32).reshape(-1, 2) + 0.5,
        areas=np.bincount(compact.ravel(), minlength=number + 1)[1:],
        stride=stride,
    )


def choose(large: NDArray[np.int64], count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """``count`` labels of those given: all of them in some order, again and again.

    Raises
    ------
    ValueError
        If none is given.
    """
    if not len(large):
        raise ValueError("the crop holds no object that is large enough")
    repeats = -(-count // len(large))
    return np.concatenate([rng.permutation(large) for _ in range(repeats)])[:count]


def dense_targets(scene: Scene) -> DenseTargets:
    """What all objects of a crop teach."""
    labels, areas = scene.labels, np.concatenate([[0], scene.areas])
    areas[0] = labels.size - areas.sum()
    offsets = [_pool(offset, scene.stride) for offset in _offsets(labels, areas)]
    return DenseTargets(_pool(labels > 0, scene.stride), scene.distance, np.stack(offsets))


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


def _pool(values: NDArray[np.generic], stride: int) -> NDArray[np.float32]:
    """Means of ``stride`` x ``stride`` pixels."""
    fine: NDArray[np.float32] = values.astype(np.float32)
    rows = reduce(np.add, (fine[first::stride] for first in range(stride)))
    both = reduce(np.add, (rows[:, first::stride] for first in range(stride)))
    return np.asarray(both * stride**-2, np.float32)
