"""Which frames the strip shows, in which order: those along some axes, the last one fastest.

On the other axes it stays where the shown frame is. Numbers only, no Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.widgets.stacks.pooling import CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from napari_cutout.layers.stacks.frame_states import FrameState


@dataclass(frozen=True)
class Course:
    """A way through the frames of a stack.

    Parameters
    ----------
    axes
        Names of all axes that frames lie on.
    shape
        Their lengths.
    along
        The places of those that are gone along, in order.
    """

    axes: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    along: tuple[int, ...] = ()

    @property
    def lengths(self) -> tuple[int, ...]:
        """Of the axes that are gone along."""
        return tuple(self.shape[axis] for axis in self.along)

    def __len__(self) -> int:
        return prod(self.lengths) if self.along else 0

    def position(self, index: tuple[int, ...]) -> int:
        """Where on the way a frame is, wherever it is on the other axes."""
        places = tuple(index[axis] for axis in self.along)
        return int(np.ravel_multi_index(places, self.lengths))

    def index(self, position: int, elsewhere: tuple[int, ...]) -> tuple[int, ...]:
        """The frame at a place of the way; on the other axes it is where another frame is."""
        index = list(elsewhere)
        places = np.unravel_index(position, self.lengths)
        for axis, place in zip(self.along, places, strict=True):
            index[axis] = int(place)
        return tuple(index)

    def name(self, position: int) -> str:
        """A frame in words, ``"t=3, z=12"``."""
        places = np.unravel_index(position, self.lengths)
        named = zip(self.along, places, strict=True)
        return ", ".join(f"{self.axes[axis]}={int(place)}" for axis, place in named)

    def codes(self, states: Iterable[FrameState]) -> NDArray[np.uint8]:
        """What became of each frame of the way. Of those at one place the worst counts.

        Returns
        -------
        ndarray
            ``(N,)`` uint8, see pooling.py.
        """
        codes = np.zeros(len(self), np.uint8)
        if not len(self):
            return codes
        known = [(state.index, CODES[state.state]) for state in states]
        if known:
            places = np.array([index for index, _ in known], np.int64).T[list(self.along)]
            positions = np.ravel_multi_index(tuple(places), self.lengths)
            np.maximum.at(codes, positions, np.array([code for _, code in known], np.uint8))
        return codes
