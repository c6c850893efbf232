"""A frame that stays where it is: read a window at a time, from the pyramid level that will do.

Which window is looked at is decided in choice.py; how large arrays are read, in chunks.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.segment.chunks import chunk_shape, read_means
from napari_cutout.segment.errors import FrameError
from napari_cutout.segment.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_cutout.segment.windows import Window

LARGE = 1 << 26
"""Pixels from which on an array that isn't in memory is taken as a lazy frame: 8,192 by 8,192."""

READ_LIMIT = 1 << 28
"""Pixels that are read at most for a window that nobody asked for."""

_EXACT = 4.0
"""Windows up to this many times the model's input are read pixel by pixel."""

_SLACK = 1.05
"""Levels of odd sizes aren't exactly half of those before them."""

_SAMPLE_ALL = 1 << 22
_SAMPLE_TILES, _SAMPLE_SIDE = 5, 256

_names = itertools.count()


@dataclass(frozen=True, eq=False)
class LazyFrame:
    """A frame of any size whose pixels are read when a prompt needs them.

    Parameters
    ----------
    levels
        One array, or those of a pyramid, finest first; each ``(rows, cols)`` or ``(rows, cols, 3
        or 4)``. numpy, dask, zarr, xarray, h5py, tensorstore: whatever has a shape and takes
        slices.
    key
        What tells this frame from others. Left out, no other frame is the same.

    Raises
    ------
    FrameError
        If the levels aren't those of one frame.

    Notes
    -----
    The pixels must not change while an embedding of the frame is in use; what was read and
    dropped may be read again. See :meth:`.Embedding.changed`.

    Examples
    --------
    >>> import numpy as np
    >>> full = np.zeros((4000, 6000), np.uint16)
    >>> LazyFrame([full, full[::2, ::2], full[::4, ::4]]).shape
    (4000, 6000)
    """

    levels: Sequence[Any]
    key: str = ""

    def __post_init__(self) -> None:
        # napari's pyramids are sequences that have a shape.
        is_array = hasattr(self.levels, "shape") and not isinstance(self.levels, Sequence)
        levels = (self.levels,) if is_array else tuple(self.levels)
        _check(levels)
        object.__setattr__(self, "levels", levels)
        object.__setattr__(self, "key", self.key or f"lazy frame {next(_names)}")

    @property
    def shape(self) -> tuple[int, int]:
        """``(rows, cols)`` at full resolution."""
        rows, cols = self.levels[0].shape[:2]
        return int(rows), int(cols)

    def grid(self, window: Window, size: int) -> Grid:
        """How a window is read so that its long side has about ``size`` pixels, or more.

        The coarsest level that has as many is read. Where even that has more than four times as
        many, means of blocks are taken; they are left with two to three times as many.
        """
        wanted = max(window.rows, window.cols) / size
        factors = [np.array(self.shape) / level.shape[:2] for level in self.levels]
        fitting = [k for k, factor in enumerate(factors) if factor.max() <= wanted * _SLACK]
        level = fitting[-1] if fitting else 0
        factor = factors[level]
        rest = wanted / factor.max()
        step = factor.max() * (rest // 2 if rest > _EXACT else 1)
        block = np.maximum(np.rint(step / factor), 1).astype(int)
        first = np.array([window.row, window.col]) / factor
        last = np.array([window.row + window.rows, window.col + window.cols]) / factor
        corner = np.floor(first + 1e-6).astype(int)
        stop = np.minimum(np.ceil(last - 1e-6).astype(int), self.levels[level].shape[:2])
        size_read = stop - corner
        return Grid(
            window,
            shape=_pair(-(-size_read // block)),
            start=(float(corner[0] * factor[0]), float(corner[1] * factor[1])),
            step=(float(block[0] * factor[0]), float(block[1] * factor[1])),
            level=level,
            corner=_pair(corner),
            size=_pair(size_read),
            block=_pair(block),
        )

    def read(
        self, grid: Grid, convert: Callable[[NDArray[Any]], NDArray[np.uint8]]
    ) -> NDArray[np.uint8]:
        """The pixels of a grid ``(h, w)`` or ``(h, w, 3)``, through ``convert``, from its level."""
        return read_means(self.levels[grid.level], grid.corner, grid.size, grid.block, convert)

    def sample(self) -> NDArray[Any]:
        """Values that stand for all of the frame, always the same: ``(..., 1 or 3 channels)``.

        Of an array in memory all of its finest level. Otherwise the coarsest level; where that is
        large too, 25 tiles of it at even distances.
        """
        values = self._sample()
        return values[..., :3] if len(self.levels[0].shape) == 3 else values[..., None]

    def _sample(self) -> NDArray[Any]:
        finest, coarsest = self.levels[0], self.levels[-1]
        if isinstance(finest, np.ndarray) and not isinstance(finest, np.memmap):
            return finest
        rows, cols = coarsest.shape[:2]
        if rows * cols <= _SAMPLE_ALL:
            return np.asarray(coarsest[:, :])
        chunks = chunk_shape(coarsest) or (1, 1)
        tiles = [
            _flat(np.asarray(coarsest[down, across]))
            for down in _places(rows, chunks[0])
            for across in _places(cols, chunks[1])
        ]
        return np.concatenate(tiles)


def _flat(tile: NDArray[Any]) -> NDArray[Any]:
    return tile.reshape(-1, *tile.shape[2:])


def _places(length: int, chunk: int) -> list[slice]:
    """Slices at even distances that begin where a chunk begins."""
    side = min(_SAMPLE_SIDE, length)
    starts = np.linspace(0, length - side, _SAMPLE_TILES).astype(int) // chunk * chunk
    return [slice(int(start), int(start) + side) for start in dict.fromkeys(starts)]


def _pair(values: NDArray[np.int64]) -> tuple[int, int]:
    return int(values[0]), int(values[1])


def _check(levels: tuple[Any, ...]) -> None:
    if not levels:
        raise FrameError("a lazy frame has one array or more; give [array], or a pyramid's levels")
    shapes = [tuple(int(size) for size in level.shape) for level in levels]
    for shape in shapes:
        if len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] not in (3, 4)):
            raise FrameError(
                f"a level of a lazy frame is (rows, cols) or (rows, cols, 3 or 4), not {shape}; "
                "index the other axes first, or choose channels"
            )
        if 0 in shape:
            raise FrameError(f"a level of the lazy frame is empty: its shape is {shape}")
        if shape[2:] != shapes[0][2:]:
            raise FrameError(f"the levels of a lazy frame have other channels: {shapes}")
    for finer, coarser in itertools.pairwise(shapes):
        if coarser[0] > finer[0] or coarser[1] > finer[1]:
            raise FrameError(f"the levels of a lazy frame come finest first, not as {shapes}")
