"""The pixels of a set of objects in one array, which follows what is kept. No layer.

Of objects that share a pixel the smallest shows. Only the boxes of objects that changed are
written, which is told, so that no more of a picture has to be drawn anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.annotate.replay import empty_labels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from napari_cutout.layers.everything.found_set import FoundSet

Kind = Literal["kept", "left out", "rims"]
"""``"kept"``: what is kept, filled; ``"rims"``: its outermost pixels; ``"left out"``: those of the
others."""

KINDS: tuple[Kind, ...] = get_args(Kind)

Box = tuple[slice, slice]
"""Rows and columns of a plane."""

_MANY = 10
"""Where more than one of so many objects goes, all is drawn anew: that is quicker."""

_QUICKER = 5
"""How many objects come in the time in which one goes, below which others are looked for."""


class Drawing:
    """A set of objects, drawn. Making one may be done in any thread.

    Parameters
    ----------
    found
        The set; not empty.
    kind
        What is drawn of it.

    Attributes
    ----------
    low
        ``(row, col)`` of the frame where the array begins: the box around all objects.
    values
        Integers with the axes of the image, of size 1 along those that are sliced: 0, or the
        number of an object. Of numpy, or of zarr where that is too large.
    """

    def __init__(self, found: FoundSet, kind: Kind) -> None:
        self._found, self._kind = found, kind
        boxes = found.boxes
        low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0) + 1
        self.low = int(low[0]), int(low[1])
        sizes = iter((high - low).tolist())
        full = [next(sizes) if at is None else 1 for at in found.frame]
        self.values: Any = empty_labels(full, np.min_scalar_type(len(found)).name)
        self._here = tuple(None if at is None else 0 for at in found.frame)
        # Of numpy this is a view, which is written in place.
        self._plane: NDArray[Any] | None = (
            self.values[frame_slices(self._here)] if isinstance(self.values, np.ndarray) else None
        )
        starts, ends = (boxes[:, :2] - low).tolist(), (boxes[:, 2:] + 1 - low).tolist()
        self._boxes = [
            (slice(row, bottom), slice(col, right))
            for (row, col), (bottom, right) in zip(starts, ends, strict=True)
        ]
        self._numbers: list[int] = found.numbers.tolist()
        self._shown = np.zeros(len(found), bool)
        self.follow()

    def follow(self) -> list[Box]:
        """Draw what is kept now.

        Returns
        -------
        list
            The boxes that were written. O(those of the objects that changed), or O(all).
        """
        shown = self._found.kept if self._kind != "left out" else ~self._found.kept
        changed = np.flatnonzero(shown != self._shown)
        were_any, self._shown = bool(self._shown.any()), shown.copy()
        if not len(changed):
            return []
        going, coming = changed[~shown[changed]], changed[shown[changed]]
        are_few = len(going) + len(coming) / _QUICKER <= len(shown) / _MANY
        if self._plane is None or are_few:
            for k in going.tolist():
                self._take_out(k, shown)
            for k in coming.tolist():
                self._put_in(k)
            return [self._boxes[k] for k in changed.tolist()]
        if were_any:
            self._plane[...] = 0
        self._draw_all(self._plane, self._found.drawn[shown[self._found.drawn]].tolist())
        return [(slice(0, self._plane.shape[0]), slice(0, self._plane.shape[1]))]

    def _draw_all(self, plane: NDArray[Any], objects: Iterable[int]) -> None:
        for k in objects:
            # In this order, what is there already has lower numbers.
            plane[self._boxes[k]][self._piece(k)] = self._numbers[k]

    def _put_in(self, k: int) -> None:
        piece = self._read(k)
        piece[self._piece(k) & (piece < self._numbers[k])] = self._numbers[k]
        self._write(k, piece)

    def _take_out(self, k: int, shown: NDArray[np.bool_]) -> None:
        """Write the object below, where there is one, or nothing."""
        piece = self._read(k)
        bare = self._piece(k) & (piece == self._numbers[k])
        piece[bare] = 0
        rows, cols = self._boxes[k]
        for j in self._found.near[k]:
            if not shown[j]:
                continue
            others = self._boxes[j]
            top, left = max(rows.start, others[0].start), max(cols.start, others[1].start)
            bottom, right = min(rows.stop, others[0].stop), min(cols.stop, others[1].stop)
            here = (
                slice(top - rows.start, bottom - rows.start),
                slice(left - cols.start, right - cols.start),
            )
            there = (
                slice(top - others[0].start, bottom - others[0].start),
                slice(left - others[1].start, right - others[1].start),
            )
            part = piece[here]
            below = bare[here] & self._piece(j)[there]
            part[below & (part < self._numbers[j])] = self._numbers[j]
        self._write(k, piece)

    def _piece(self, k: int) -> NDArray[np.bool_]:
        """What is drawn of an object, in its box."""
        return self._found.crop(k)[0] if self._kind == "kept" else self._found.rim(k)

    def _read(self, k: int) -> NDArray[Any]:
        if self._plane is not None:
            return self._plane[self._boxes[k]]
        return np.asarray(self.values[frame_slices(self._here, self._boxes[k])])

    def _write(self, k: int, piece: NDArray[Any]) -> None:
        if self._plane is None:
            self.values[frame_slices(self._here, self._boxes[k])] = piece
