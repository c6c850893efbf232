"""An output that several workers write into, of which one may come late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from napari_cutout.stacks.output.place import OutputPlace

if TYPE_CHECKING:
    from pathlib import Path

    from napari_cutout.stacks.running.results import FrameResult


@dataclass(frozen=True)
class SharedPlace(OutputPlace):
    """An :class:`.OutputPlace` in which the first who has found a frame has written it for all."""

    @classmethod
    def of(cls, place: OutputPlace, path: Path) -> Self:
        """The same place, under a path that leads there from everywhere."""
        return cls(path, place.shape, place.frame_shape, place.key)

    def write(self, result: FrameResult) -> None:
        """Write a frame as :meth:`.OutputPlace.write` does, unless it was written meanwhile.

        Raises
        ------
        OutputError
            If it can't be written.
        """
        # A worker that was thought dead may end its frame when that has final ids already.
        if not self.has(result.index):
            super().write(result)
