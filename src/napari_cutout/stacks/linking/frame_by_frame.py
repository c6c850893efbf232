"""Frames, or slices, given one after the other, and what is kept of those that are over.

What is made of two that follow each other is decided in linker.py and volumes.py.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.stacks.linking.regions import Regions
from napari_cutout.stacks.linking.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.stacks.linking.ends import Ends
    from napari_cutout.stacks.linking.regions import Cut


class FrameByFrame(ABC):
    """What takes frames in their order. Pixels are kept only of objects that may still go on.

    Of each object four numbers stay and to what it was linked, about 50 bytes: which it is in the
    end may be settled by any later frame.
    """

    def __init__(self) -> None:
        self._ends: Ends | None = None
        self._first = 0
        self._counts: list[int] = []
        self._ids, self._areas = Rows(np.int64), Rows(np.float64)
        # With as many columns as frames have axes, once there is one.
        self._centres: Rows | None = None
        self._links = Rows(np.int64, 2)

    def __len__(self) -> int:
        """How many frames were added."""
        return len(self._counts)

    def add(self, labels: NDArray[Any]) -> None:
        """Add the next frame.

        Parameters
        ----------
        labels
            ``(rows, cols)`` integers, 0 is background; ids need to be unique in it only. A
            :class:`.Linker` takes ``(planes, rows, cols)``, too.

        Raises
        ------
        LinkError
            If it is none.
        """
        self._add(Regions.of_labels(labels))

    def add_objects(self, objects: Sequence[Cut], shape: tuple[int, int]) -> None:
        """Add the next frame as objects, which may overlap; the first one is called 1.

        Parameters
        ----------
        objects
            Masks in their boxes, as :class:`.FoundObject`.
        shape
            ``(rows, cols)`` of the frame.

        Raises
        ------
        LinkError
            If one has no pixel, or reaches out of the frame.
        """
        self._add(Regions.of_objects(objects, shape))

    def add_missing(self) -> None:
        """Add a frame of which nothing is known, as one that can't be read.

        Objects go on across it, however large gaps may be.
        """
        self._counts.append(0)

    @abstractmethod
    def _add(self, regions: Regions) -> None:
        """Add the objects of the next frame; the last thing is :meth:`_go_on`."""

    def _go_on(self, regions: Regions, open_ends: Ends | None, newer: Ends) -> None:
        """From here the next frame is looked at: from ends that are open still, and newer ones."""
        self._ends = newer if open_ends is None else open_ends.joined(newer)
        self._first += len(regions)
        self._counts.append(len(regions))
        self._ids.add(regions.ids)
        self._areas.add(regions.areas)
        if self._centres is None:
            self._centres = Rows(np.float64, len(regions.shape))
        self._centres.add(regions.centres)

    def _figures(
        self, axes: int = 2
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """The ids, centres and areas of all objects so far, in the order of frames.

        The axes are those of frames of which none is known yet.
        """
        centres = np.zeros((0, axes)) if self._centres is None else self._centres.all()
        return self._ids.all(), centres, self._areas.all()
