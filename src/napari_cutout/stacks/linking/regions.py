"""The objects of one frame as linking needs them: where they lie and how large they are.

A frame is a plane, or a whole volume. Their pixels are kept as a list, so that objects may overlap
and a frame costs what its objects cover. Who follows whom is decided next door.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from napari_cutout.stacks.linking.errors import LinkError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# A table of all ids up to the largest is faster than sorting pixels, if it doesn't outgrow them.
_TABLE_PER_PIXEL = 4

_INT32 = 2**31


class Cut(Protocol):
    """An object in its box, as :class:`.FoundObject`."""

    @property
    def origin(self) -> tuple[int, int]:
        """``(row, col)`` of its box in the frame."""
        ...

    def decode(self) -> NDArray[np.bool_]:
        """The mask in its box."""
        ...


@dataclass(frozen=True, eq=False)
class Regions:
    """The objects of a frame, in the order of their first pixels.

    The order doesn't depend on ids, so neither does anything that follows from it.

    Parameters
    ----------
    shape
        ``(rows, cols)`` of the frame, or ``(planes, rows, cols)``.
    ids
        ``(N,)``: what the frame calls them.
    areas
        ``(N,)`` pixels; voxels in a volume.
    centres
        ``(N, 2)`` mean (row, col), or ``(N, 3)`` with the plane first; pixel centres at integers.
    places
        All their pixels: for each axis of the shape ``(P,)``.
    owners
        ``(P,)``: the number of the object that a pixel belongs to, an index into the others.
    """

    shape: tuple[int, ...]
    ids: NDArray[np.int64]
    areas: NDArray[np.float64]
    centres: NDArray[np.float64]
    places: tuple[NDArray[np.int32], ...]
    owners: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of_labels(cls, labels: NDArray[np.integer[Any]]) -> Regions:
        """The objects of a label image. O(pixels).

        Parameters
        ----------
        labels
            ``(rows, cols)`` or ``(planes, rows, cols)`` integers, 0 is background.

        Raises
        ------
        LinkError
            If it isn't one.
        """
        labels = np.asarray(labels)
        if labels.ndim not in (2, 3) or labels.dtype.kind not in "iu":
            raise LinkError(
                "a frame of labels is (rows, cols) integers, or (planes, rows, cols), not "
                f"{labels.shape} {labels.dtype}"
            )
        # Of bool, as numpy finds those several times faster.
        places = np.flatnonzero(labels != 0)
        values = labels.ravel().take(places)
        if values.size and values.min() < 0:
            raise LinkError(f"labels are 0 for background and above, not {values.min()}")
        if values.size and int(values.max()) > _TABLE_PER_PIXEL * labels.size:
            ids, numbers = np.unique(values, return_inverse=True)
        else:
            values = values.astype(np.intp)
            ids = np.flatnonzero(np.bincount(values))
            table = np.zeros(int(ids.max(initial=0)) + 1, np.intp)
            table[ids] = np.arange(len(ids))
            numbers = table.take(values)
        where = _by_axis(places, labels.shape)
        return cls._ordered(labels.shape, ids.astype(np.int64), where, numbers)

    @classmethod
    def of_objects(cls, objects: Sequence[Cut], shape: tuple[int, int]) -> Regions:
        """Objects that may overlap; the first one is called 1.

        Parameters
        ----------
        objects
            Masks in their boxes.
        shape
            ``(rows, cols)`` of the frame.

        Raises
        ------
        LinkError
            If one has no pixel, or reaches out of the frame.
        """
        rows, cols, numbers = [], [], []
        for number, one in enumerate(objects):
            inside = np.argwhere(one.decode()) + one.origin
            if not len(inside) or inside.min() < 0 or (inside >= shape).any():
                raise LinkError(
                    f"object {number + 1} at {tuple(one.origin)} has to have pixels, all of them "
                    f"in the frame of shape {shape}"
                )
            rows.append(inside[:, 0])
            cols.append(inside[:, 1])
            numbers.append(np.full(len(inside), number))
        joined = [np.concatenate(some or [[]]).astype(np.int32) for some in (rows, cols, numbers)]
        return cls._ordered(shape, np.arange(1, len(objects) + 1), tuple(joined[:2]), joined[2])

    @classmethod
    def _ordered(
        cls,
        shape: tuple[int, ...],
        ids: NDArray[np.int64],
        where: tuple[NDArray[np.int32], ...],
        numbers: NDArray[np.integer[Any]],
    ) -> Regions:
        """Number the objects by their first pixels."""
        count = len(ids)
        # Once, as each count would do it again.
        numbers = numbers.astype(np.intp, copy=False)
        areas, *sums = (np.bincount(numbers, some, minlength=count) for some in (None, *where))
        first = np.zeros(count, np.int64)
        # Of several values for one object the last stays, which is its first pixel.
        first[numbers[::-1]] = in_order(where, shape)[::-1]
        order = np.lexsort((*sums[::-1], areas, first))
        places = np.empty(count, np.int32)
        places[order] = np.arange(count)
        centres = np.stack(sums, axis=1)[order] / areas[order, None]
        return cls(
            tuple(int(size) for size in shape),
            ids[order],
            areas[order].astype(np.float64),
            centres,
            where,
            places.take(numbers),
        )

    def only(self, keep: NDArray[np.bool_]) -> Regions:
        """Some of the objects, by ``(N,)`` bool."""
        places = (np.cumsum(keep) - 1).astype(np.int32)
        pixels = keep[self.owners]
        return Regions(
            self.shape,
            self.ids[keep],
            self.areas[keep],
            self.centres[keep],
            tuple(some[pixels] for some in self.places),
            places[self.owners[pixels]],
        )

    def only_figures(self) -> Regions:
        """The objects without their pixels."""
        none = np.zeros(0, np.int32)
        nowhere = (none,) * len(self.shape)
        return Regions(self.shape, self.ids, self.areas, self.centres, nowhere, none)

    def joined(self, other: Regions) -> Regions:
        """These objects, then those of another frame, whose shape counts."""
        return Regions(
            other.shape,
            np.concatenate([self.ids, other.ids]),
            np.concatenate([self.areas, other.areas]),
            np.concatenate([self.centres, other.centres]),
            tuple(map(np.concatenate, zip(self.places, other.places, strict=True))),
            np.concatenate([self.owners, other.owners + np.int32(len(self))]),
        )

    def diameters(self, spacing: Sequence[float] | None = None) -> NDArray[np.float64]:
        """``(N,)``: of discs, or balls, of the same size, in the units of the spacing."""
        return diameters_of(self.areas, spacing or (1.0,) * len(self.shape))


def diameters_of(areas: NDArray[np.float64], spacing: Sequence[float]) -> NDArray[np.float64]:
    """The diameters of discs, or with three axes balls.

    Parameters
    ----------
    areas
        ``(N,)`` pixels, or voxels.
    spacing
        The size of a pixel along each axis.
    """
    sizes = areas * np.prod(spacing)
    if len(spacing) == 3:
        return np.asarray(np.cbrt(6 * sizes / np.pi))
    return np.asarray(2 * np.sqrt(sizes / np.pi))


def in_order(where: Sequence[NDArray[np.integer[Any]]], shape: Sequence[int]) -> NDArray[np.int64]:
    """``(P,)``: the places of pixels in a frame that is gone through in its order."""
    found = where[0].astype(np.int64)
    for some, size in zip(where[1:], shape[1:], strict=True):
        found = found * size + some
    return found


def _by_axis(places: NDArray[np.intp], shape: tuple[int, ...]) -> tuple[NDArray[np.int32], ...]:
    """The other way round; several times faster than numpy's own, which goes by int64."""
    rest: NDArray[np.integer[Any]]
    rest = places.astype(np.int32 if math.prod(shape) < _INT32 else np.int64)
    found = []
    for size in shape[:0:-1]:
        # A number of Python's doesn't widen the dtype.
        whole = rest // max(size, 1)
        found.append((rest - whole * size).astype(np.int32, copy=False))
        rest = whole
    return (rest.astype(np.int32, copy=False), *found[::-1])
