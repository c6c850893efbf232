"""The ids that a labels array has: read once, then kept in step with what is written.

Which layer is meant, and what it says of its objects, is decided in target.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate import FrameIndex, frame_slices, next_id
from napari_cutout.layers.jobs import Job
from napari_cutout.layers.targets import largest_label
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_cutout.layers.jobs import Runner

LOOKED_THROUGH = 1 << 25
"""Pixels of a numpy array that are looked through before each commit, some 20 ms; of larger and
of lazy ones it is the frame."""


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
        self.are_read = largest is not None

    def read(self, run: Runner) -> None:
        """Have all of the array read by a runner, unless it was or is about to be."""
        if self.are_read or self._reading:
            return
        self._reading = True
        data = self._data

        def compute() -> int:
            return largest_label(data)

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

    def next(self, index: FrameIndex) -> int:
        """An id that is free. What was written without telling is seen up to a limit.

        Parameters
        ----------
        index
            The frame that is about to be written.

        Raises
        ------
        IdsExhaustedError
            If the dtype holds no larger one.
        """
        data = self._data
        is_small = isinstance(data, np.ndarray) and data.size <= LOOKED_THROUGH
        self.take(largest_label(data if is_small else np.asarray(data[frame_slices(index)])))
        return next_id(self._largest, data.dtype)

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

    def _on_failed(self, _error: Exception) -> None:
        self._reading = False

    def _on_dropped(self) -> None:
        self._reading = False


def largest_painted(item: Iterable[tuple[Any, ...]]) -> int:
    """The largest id that a step of napari's history of a Labels layer wrote.

    Parameters
    ----------
    item
        The ``value`` of the event ``paint``: changes, tuples that end with the new values.
    """
    return max((int(np.max(atom[-1])) for atom in item), default=0)
