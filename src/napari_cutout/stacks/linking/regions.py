"""The objects of one frame as linking needs them: where they lie and how large they are.

Their pixels are kept as a list, so that objects may overlap and a frame costs what its objects
cover. Who follows whom is decided next door.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from napari_cutout.stacks.linking.errors import LinkError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# A table of all ids up to the largest is faster than sorting pixels, if it doesn't outgrow them.
_TABLE_PER_PIXEL = 4


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
        ``(rows, cols)`` of the frame.
    ids
        ``(N,)``: what the frame calls them.
    areas
        ``(N,)`` pixels.
    centres
        ``(N, 2)``: mean (row, col), pixel centres at integers.
    rows, cols
        ``(P,)``: all their pixels.
    owners
        ``(P,)``: the number of the object that a pixel belongs to, an index into the others.
    """

    shape: tuple[int, int]
    ids: NDArray[np.int64]
    areas: NDArray[np.float64]
    centres: NDArray[np.float64]
    rows: NDArray[np.int32]
    cols: NDArray[np.int32]
    owners: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of_labels(cls, labels: NDArray[np.integer[Any]]) -> Regions:
        """The objects of a label image. O(pixels).

        Parameters
        ----------
        labels
            ``(rows, cols)`` integers, 0 is background.

        Raises
        ------
        LinkError
            If it isn't one.
        """
        labels = np.asarray(labels)
        if labels.ndim != 2 or labels.dtype.kind not in "iu":
            raise LinkError(
                f"a frame of labels is (rows, cols) integers, not {labels.shape} {labels.dtype}"
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
        width = np.int32(max(labels.shape[1], 1))
        rows = places.astype(np.int32) // width
        cols = places.astype(np.int32) - rows * width
        return cls._ordered(labels.shape, ids.astype(np.int64), rows, cols, numbers)

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
        return cls._ordered(shape, np.arange(1, len(objects) + 1), *joined)

    @classmethod
    def _ordered(
        cls,
        shape: tuple[int, ...],
        ids: NDArray[np.int64],
        rows: NDArray[np.int32],
        cols: NDArray[np.int32],
        numbers: NDArray[np.integer[Any]],
    ) -> Regions:
        """Number the objects by their first pixels."""
        count = len(ids)
        # Once, as each count would do it again.
        numbers = numbers.astype(np.intp, copy=False)
        areas, row_sums, col_sums = (
            np.bincount(numbers, weights, minlength=count) for weights in (None, rows, cols)
        )
        first = np.zeros(count, np.int64)
        # Of several values for one object the last stays, which is its first pixel.
        first[numbers[::-1]] = (rows.astype(np.int64) * shape[1] + cols)[::-1]
        order = np.lexsort((col_sums, row_sums, areas, first))
        places = np.empty(count, np.int32)
        places[order] = np.arange(count)
        centres = np.stack([row_sums, col_sums], axis=1)[order] / areas[order, None]
        return cls(
            (int(shape[0]), int(shape[1])),
            ids[order],
            areas[order].astype(np.float64),
            centres,
            rows,
            cols,
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
            self.rows[pixels],
            self.cols[pixels],
            places[self.owners[pixels]],
        )

    def only_figures(self) -> Regions:
        """The objects without their pixels."""
        none = np.zeros(0, np.int32)
        return Regions(self.shape, self.ids, self.areas, self.centres, none, none, none)

    def joined(self, other: Regions) -> Regions:
        """These objects, then those of another frame, whose shape counts."""
        return Regions(
            other.shape,
            np.concatenate([self.ids, other.ids]),
            np.concatenate([self.areas, other.areas]),
            np.concatenate([self.centres, other.centres]),
            np.concatenate([self.rows, other.rows]),
            np.concatenate([self.cols, other.cols]),
            np.concatenate([self.owners, other.owners + np.int32(len(self))]),
        )

    def diameters(self, spacing: tuple[float, float] = (1.0, 1.0)) -> NDArray[np.float64]:
        """``(N,)``: of discs of the same areas, in the units of the spacing."""
        return np.asarray(2 * np.sqrt(self.areas * spacing[0] * spacing[1] / np.pi))
