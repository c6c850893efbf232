"""The ids that a labels array has: read once, then kept in step with what is written.

Which layer is meant, and what it says of its objects, is decided in target.py.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate import FrameIndex, frame_axes, frame_slices, next_id
from napari_cutout.layers.jobs import Job
from napari_cutout.layers.target.reading import largest_id
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari_cutout.layers.jobs import Runner

LOOKED_AT = 1 << 20
"""Pixels of a frame that are looked at before each commit, in less than a millisecond; of a larger
one it is the boxes that are about to be written."""

LOOKED_THROUGH = 1 << 25
"""Pixels of a numpy array that are looked through once when it may have been changed in place."""


class Ids:
    """The largest id of a labels array.

    Parameters
    ----------
    data
        The array, of any kind.
    largest
        The largest id in it, where that is known.
    """

    def __init__(self, data: Any, largest: int | None = None) -> None:
        self._data = data
        self._largest = largest or 0
        self._reading = False
        self._doubted = False
        self.are_read = largest is not None

    def read(self, run: Runner, done: Callable[[], object] = lambda: None) -> None:
        """Have all of the array read by a runner, unless it was or is about to be.

        ``done`` is called when it was.
        """
        if self.are_read or self._reading:
            return
        self._reading, self._done = True, weak_call(done)
        data = self._data

        def compute() -> int:
            return largest_id(data)

        run(
            Job(
                "ids",
                "Reading the ids of the labels …",
                compute,
                weak_call(self._on_read),
                weak_call(self._on_failed),
                weak_call(self._on_dropped),
            )
        )

    def next(self, index: FrameIndex, boxes: Iterable[tuple[int | slice, ...]] = ()) -> int:
        """An id that is free. What was written without telling is seen up to a limit.

        Parameters
        ----------
        index
            The frame that is about to be written.
        boxes
            Where in the array.

        Raises
        ------
        IdsExhaustedError
            If the dtype holds no larger one.
        """
        data = self._data
        small = math.prod(data.shape[axis] for axis in frame_axes(index)) <= LOOKED_AT
        if self._doubted and isinstance(data, np.ndarray) and data.size <= LOOKED_THROUGH:
            self.take(largest_id(data))
        else:
            for slices in [frame_slices(index)] if small else boxes:
                self.take(largest_id(np.asarray(data[slices])))
        self._doubted = False
        return next_id(self._largest, data.dtype)

    @property
    def largest(self) -> int:
        """The largest one, as far as is known."""
        return self._largest

    def doubt(self) -> None:
        """Somebody may have written without telling."""
        self._doubted = True

    def take(self, number: int) -> None:
        """An id was written."""
        self._largest = max(self._largest, number)

    def give_back(self, number: int) -> None:
        """An id was taken out; it is free again when it was the largest."""
        if number == self._largest:
            self._largest = number - 1

    def _on_read(self, largest: int) -> None:
        self._reading, self.are_read = False, True
        self.take(largest)
        self._done()

    def _on_failed(self, _error: Exception) -> None:
        self._reading = False

    def _on_dropped(self) -> None:
        self._reading = False
