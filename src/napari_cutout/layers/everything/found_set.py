"""Objects that were found in a frame, and which of them are kept. Arrays only, no layer.

What is kept follows from filters, and from what a person decided about single objects.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_cutout.layers.everything.drawing import Drawing
from napari_cutout.layers.everything.tracing import outer_rings, rim
from napari_cutout.segment.automatic.filters import Filters, Measured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.layers.answers import Crop
    from napari_cutout.layers.everything.drawing import Kind
    from napari_cutout.layers.gathering import FoundBy
    from napari_cutout.segment.automatic.objects import FoundObject, Objects

Quantity = Literal["score", "stability", "area", "roundness"]
"""What is measured of each object, besides whether it touches the border, and overlaps."""

_DECODED = 1 << 28
"""Pixels of boxes whose masks are kept decoded; of the others they are made when needed."""


class FoundSet:
    """Objects of one frame.

    Making one measures all objects, which may be done in any thread.

    Parameters
    ----------
    objects
        What was found, the best first.
    by
        By what.
    frame
        Where in the image.

    Attributes
    ----------
    measured
        What filters compare.
    numbers
        ``(N,)`` int, the labels of the objects where they are shown: the largest has 1, so that of
        those that share a pixel the one with the highest number is on top.
    kept
        ``(N,)`` bool.
    boxes
        ``(N, 4)`` int, (row0, col0, row1, col1), both corners inside.
    """

    def __init__(self, objects: Objects, by: FoundBy, frame: FrameIndex) -> None:
        self.objects, self.by, self.frame = objects, by, frame
        self.measured = Measured(objects)
        areas = self.measured.area
        # Of equal ones the earlier, which is the better, is on top.
        drawn = np.lexsort((-np.arange(len(areas)), -areas))
        self.numbers: NDArray[np.int64] = np.empty(len(areas), np.int64)
        self.numbers[drawn] = np.arange(1, len(areas) + 1)
        self._drawn = drawn
        self.boxes = np.array([one.box for one in objects], np.int64).reshape(-1, 4)
        self._decided: dict[int, bool] = {}
        self._filters = Filters()
        self.kept: NDArray[np.bool_] = np.ones(len(areas), bool)
        room = np.cumsum([one.mask.size[0] * one.mask.size[1] for one in objects]) <= _DECODED
        self._masks = [objects[k].decode() if fits else None for k, fits in enumerate(room)]
        self._rims: dict[int, NDArray[np.bool_]] = {}
        self._rings: dict[int, list[NDArray[np.float64]]] = {}
        self._drawings: dict[Kind, Drawing] = {}

    def __len__(self) -> int:
        return len(self.objects)

    @property
    def passing(self) -> tuple[FoundObject, ...]:
        """The objects that are kept, the best first."""
        return tuple(self.objects[k] for k in np.flatnonzero(self.kept).tolist())

    @property
    def decided(self) -> dict[int, bool]:
        """What a person decided: objects, and whether each is kept."""
        return dict(self._decided)

    @property
    def drawn(self) -> NDArray[np.intp]:
        """The objects in the order in which they are drawn, the large first."""
        return self._drawn

    def crop(self, k: int) -> Crop:
        """The mask of an object in its box, and the box's (row, col)."""
        mask = self._masks[k]
        return self.objects[k].decode() if mask is None else mask, self.objects[k].origin

    def rim(self, k: int) -> NDArray[np.bool_]:
        """The outermost pixels of an object, in its box."""
        found = self._rims.get(k)
        if found is None:
            found = rim(self.crop(k)[0])
            if self._masks[k] is not None:
                self._rims[k] = found
        return found

    def rings(self, k: int) -> list[NDArray[np.float64]]:
        """The outlines of the pieces of an object, see :func:`.outer_rings`; traced once."""
        found = self._rings.get(k)
        if found is None:
            found = self._rings[k] = outer_rings(self.crop(k))
        return found

    def features(self, chosen: Sequence[int] | None = None) -> dict[str, Any]:
        """A row for each object, in the order of their numbers, or for some in the order given.

        ``index`` is the number that the object has among the labels; ``box`` is (row0, col0, row1,
        col1), both corners inside.
        """
        return self._features if chosen is None else self._table(chosen)

    @cached_property
    def _features(self) -> dict[str, Any]:
        return self._table(self._drawn.tolist())

    def _table(self, order: Sequence[int]) -> dict[str, Any]:
        measured, boxes = self.measured, self.boxes.tolist()
        return {
            "index": self.numbers[order],
            "area": measured.area[order],
            "box": [", ".join(map(str, boxes[k])) for k in order],
            "score": np.round(measured.score[order], 3),
            "stability": np.round(measured.stability[order], 3),
        }

    @cached_property
    def near(self) -> list[list[int]]:
        """For each object those that share a pixel with it."""
        near: list[list[int]] = [[] for _ in range(len(self))]
        pairs = self.measured.overlaps
        for first, second in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
            near[first].append(second)
            near[second].append(first)
        return near

    def prepare(self, kind: Kind) -> None:
        """Draw what is kept now, in any thread, for :meth:`drawing`."""
        if len(self):
            self._drawings[kind] = Drawing(self, kind)

    def drawing(self, kind: Kind) -> Drawing:
        """A drawing of what is kept now: the one that was prepared, which is given once, or a new.

        The set is not empty.
        """
        made = self._drawings.pop(kind, None)
        if made is None:
            return Drawing(self, kind)
        made.follow()
        return made

    def filter(self, filters: Filters) -> NDArray[np.intp]:
        """Keep what passes, and what a person decided to keep. Returns the objects that changed."""
        self._filters = filters
        return self._keep()

    def decide(self, k: int, keep: bool) -> NDArray[np.intp]:
        """Keep or drop an object, whatever the filters say. Returns the objects that changed."""
        self._decided[k] = keep
        return self._keep()

    def forget_decisions(self) -> NDArray[np.intp]:
        """Let the filters decide about all again. Returns the objects that changed."""
        self._decided.clear()
        return self._keep()

    def at(self, point: tuple[float, float]) -> int | None:
        """The object at (row, col): the smallest of those kept there, else of the others."""
        row, col = (round(at) for at in point)
        boxes = self.boxes
        inside = (boxes[:, 0] <= row) & (row <= boxes[:, 2])
        inside &= (boxes[:, 1] <= col) & (col <= boxes[:, 3])
        there = [k for k in np.flatnonzero(inside).tolist() if self._has(k, row, col)]
        return max(there, key=lambda k: (self.kept[k], self.numbers[k]), default=None)

    def values(self, quantity: Quantity) -> NDArray[np.float64]:
        """``(N,)``: a quantity of each object."""
        return np.asarray(getattr(self.measured, quantity), np.float64)

    @property
    def covered(self) -> NDArray[np.float64]:
        """``(N,)``: the share of each object that better ones cover, 0 to 1."""
        pairs, count = self.measured.overlaps, len(self)
        shared = np.bincount(pairs.second, pairs.pixels, count) if count else np.zeros(0)
        return np.asarray(np.minimum(shared / np.maximum(self.measured.area, 1), 1.0))

    def _keep(self) -> NDArray[np.intp]:
        kept = self.measured.passing(self._filters) & (self.measured.area > 0)
        for k, keep in self._decided.items():
            kept[k] = keep
        changed = np.flatnonzero(kept != self.kept)
        self.kept = kept
        return changed

    def _has(self, k: int, row: int, col: int) -> bool:
        mask, origin = self.crop(k)
        return bool(mask[row - origin[0], col - origin[1]])
