"""Frames that something goes through along one axis, or volume by volume, as a value.

How they are chosen is in choosing.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.stacks.frames.units import depth_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cutout.layers.stacks.layer_stack import LayerStack

    Index = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Way:
    """Frames along one axis, as they were chosen: the view may be another one later.

    Parameters
    ----------
    stack, frames
        The frames, in order.
    axis
        The name of the axis; empty where there is one frame only.
    depth
        That of the planes, where whole volumes are meant; else empty. Then the frames are all
        planes of a volume, and those of the next.
    """

    stack: LayerStack
    frames: Sequence[Index]
    axis: str
    depth: str = ""

    @property
    def planes(self) -> int | None:
        """Frames of each volume; None where planes are meant."""
        if not self.depth:
            return None
        place = self.stack.axes.index(self.axis)
        first = self.frames[0][place]
        return sum(index[place] == first for index in self.frames)

    @property
    def spacing(self) -> tuple[float, ...]:
        """How far apart the pixels of neighbouring frames lie, in the units of the image's scale.

        (rows, cols), of volumes (planes, rows, cols): where every second plane was chosen, those
        lie twice as far apart.
        """
        rows, cols = self.stack.scale[-2:]
        if not self.depth:
            return rows, cols
        place = self.stack.axes.index(self.depth)
        first, *others = self.frames[: self.planes]
        step = others[0][place] - first[place] if others else 1
        return depth_of(self.stack, place) * step, rows, cols
