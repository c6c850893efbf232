"""The 8-bit pixels of a frame, a window at a time: of one in memory, or of one read lazily."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from napari_cutout.segment.errors import TooLargeError
from napari_cutout.segment.grid import Grid
from napari_cutout.segment.intensity import IntensityMapping, to_levels
from napari_cutout.segment.lazy import LARGE, READ_LIMIT, LazyFrame
from napari_cutout.segment.windows import whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.segment.windows import Window


class Pixels(Protocol):
    """Where the pixels of an embedding come from."""

    @property
    def shape(self) -> tuple[int, int]:
        """``(rows, cols)`` of the frame."""
        ...

    @property
    def nbytes(self) -> int:
        """Bytes of memory that are held."""
        ...

    def grid(self, window: Window, size: int) -> Grid:
        """How a window is read for a model's input of ``size``."""
        ...

    def read(self, grid: Grid) -> NDArray[np.uint8]:
        """``(h, w, 3)`` uint8 of a grid."""
        ...

    def whole(self) -> NDArray[np.uint8]:
        """``(rows, cols, 3)`` uint8 of the frame."""
        ...

    def is_cheap(self, window: Window, size: int) -> bool:
        """Whether a window may be read that nobody asked for."""
        ...


@dataclass(frozen=True, eq=False)
class PixelsInMemory:
    """A frame that was mapped whole; every window is read pixel by pixel.

    Parameters
    ----------
    array
        ``(rows, cols, 3)`` uint8, not writeable.
    """

    array: NDArray[np.uint8]

    @property
    def shape(self) -> tuple[int, int]:
        """``(rows, cols)`` of the frame."""
        return int(self.array.shape[0]), int(self.array.shape[1])

    @property
    def nbytes(self) -> int:
        """Bytes of the array."""
        return int(self.array.nbytes)

    def grid(self, window: Window, size: int) -> Grid:
        """The window as it is."""
        corner, shape = (window.row, window.col), (window.rows, window.cols)
        start = float(window.row), float(window.col)
        return Grid(window, shape, start, (1.0, 1.0), 0, corner, shape)

    def read(self, grid: Grid) -> NDArray[np.uint8]:
        """A copy of the window."""
        return self.array[grid.window.slices].copy()

    def whole(self) -> NDArray[np.uint8]:
        """All of it."""
        return self.array

    def is_cheap(self, window: Window, size: int) -> bool:
        """All is there."""
        return True


@dataclass(frozen=True, eq=False)
class PixelsOnDemand:
    """A frame that is read and mapped when a window is asked for.

    Parameters
    ----------
    frame
        Where it is read.
    mapping
        With limits that hold for all of the frame, see :meth:`.IntensityMapping.settled`.
    """

    frame: LazyFrame
    mapping: IntensityMapping

    @property
    def shape(self) -> tuple[int, int]:
        """``(rows, cols)`` of the frame."""
        return self.frame.shape

    @property
    def nbytes(self) -> int:
        """Nothing is held."""
        return 0

    def grid(self, window: Window, size: int) -> Grid:
        """See :meth:`.LazyFrame.grid`."""
        return self.frame.grid(window, size)

    def read(self, grid: Grid) -> NDArray[np.uint8]:
        """Read from the grid's level, tile by tile."""
        levels = self.frame.read(grid, self._convert)
        if levels.ndim == 2:
            levels = np.repeat(levels[..., None], 3, axis=2)
        return levels

    def whole(self) -> NDArray[np.uint8]:
        """All of it, where that is no more than would be read whole.

        Raises
        ------
        TooLargeError
            If it is more.
        """
        rows, cols = self.shape
        if rows * cols > LARGE:
            raise TooLargeError(
                f"the frame of {rows} x {cols} pixels is too large to be read whole; "
                "read a window of it with embedding.read(window)"
            )
        return self.read(self.frame.grid(whole(self.shape), max(self.shape)))

    def is_cheap(self, window: Window, size: int) -> bool:
        """Whether no more than :data:`.READ_LIMIT` pixels of a level are read for it."""
        rows, cols = self.frame.grid(window, size).size
        return rows * cols <= READ_LIMIT

    def _convert(self, tile: NDArray[Any]) -> NDArray[np.uint8]:
        return to_levels(tile, self.mapping)
