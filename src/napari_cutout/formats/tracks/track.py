"""One object over time, in the words of the Cell Tracking Challenge."""

from __future__ import annotations

from dataclasses import dataclass

from napari_cutout.formats.errors import FormatError


@dataclass(frozen=True, slots=True)
class Track:
    """An object from the frame in which it appears to the one in which it ends or divides.

    In some frames between it may be missing.

    Parameters
    ----------
    id
        Its label in all frames, 1 or more.
    first, last
        Positions in the order of frames, from 0 on.
    parent
        The id of the object that it came of; 0 for none.

    Raises
    ------
    FormatError
        If it can't be a track.
    """

    id: int
    first: int
    last: int
    parent: int = 0

    def __post_init__(self) -> None:
        if self.id < 1 or self.parent < 0 or self.parent == self.id:
            raise FormatError(
                f"a track has an id of 1 or more and another track or 0 as parent, not {self}"
            )
        if not 0 <= self.first <= self.last:
            raise FormatError(f"a track ends in its first frame or later, not {self}")
