"""How a large frame is cut into windows: a value among the options. Used in tiling.py."""

from __future__ import annotations

from dataclasses import dataclass, replace

from napari_cutout.segment.automatic.option_checks import check_whole
from napari_cutout.segment.errors import OptionError

SIDE, OVERLAP = 2048, 256
"""Of windows, in pixels of the frame, where nothing else is asked for."""

_LEAST = 16


@dataclass(frozen=True)
class Tiles:
    """The windows in which a large frame is gone through.

    Parameters
    ----------
    side
        Of a window, in pixels. A frame that isn't larger is taken as one. Memory follows from it.
        Ways that don't depend on it otherwise take smaller ones where those do as well, and one
        for a frame that is larger by no more than the overlap: see :meth:`fitted`.
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
        check_whole("side", self.side, _LEAST)
        check_whole("overlap", self.overlap, 1)
        if 2 * self.overlap >= self.side:
            raise OptionError(
                f"the overlap is less than half of the side {self.side}, not {self.overlap}; "
                "make it smaller, or the side larger"
            )

    def fitted(self, rows: int, cols: int) -> Tiles:
        """Windows that cover a frame with less in common, so that fewer pixels are seen twice.

        A frame that is larger than a window by no more than the overlap becomes one; any other has
        as many as before, of even sizes.

        Parameters
        ----------
        rows, cols
            Of the frame, or of what of it is looked at.
        """
        longest = max(rows, cols)
        if longest <= self.side + self.overlap:
            return replace(self, side=max(self.side, longest))
        even = max(_even(length, self.side, self.overlap) for length in (rows, cols))
        return replace(self, side=max(even, 2 * self.overlap + 1, _LEAST))


def _even(length: int, side: int, overlap: int) -> int:
    """The size of as many windows as it takes, each as large as the next."""
    count = max(-(-(length - overlap) // (side - overlap)), 1)
    return -(-(length + (count - 1) * overlap) // count)
