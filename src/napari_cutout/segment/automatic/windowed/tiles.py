"""How a large frame is cut into windows: a value among the options. Used in tiling.py."""

from __future__ import annotations

from dataclasses import dataclass

from napari_cutout.segment.automatic.option_checks import check_whole
from napari_cutout.segment.errors import OptionError

SIDE, OVERLAP = 2048, 256
"""Of windows, in pixels of the frame, where nothing else is asked for."""


@dataclass(frozen=True)
class Tiles:
    """The windows in which a large frame is gone through.

    Parameters
    ----------
    side
        Of a window, in pixels. A frame that isn't larger is taken as one. Memory follows from it.
    overlap
        What neighbouring windows share, in pixels: larger than most objects, so that one of two
        windows holds them whole. Less than half of ``side``.

    Raises
    ------
    OptionError
        If there are no such windows.
    """

    side: int = SIDE
    overlap: int = OVERLAP

    def __post_init__(self) -> None:
        check_whole("side", self.side, 16)
        check_whole("overlap", self.overlap, 1)
        if 2 * self.overlap >= self.side:
            raise OptionError(
                f"the overlap is less than half of the side {self.side}, not {self.overlap}; "
                "make it smaller, or the side larger"
            )
