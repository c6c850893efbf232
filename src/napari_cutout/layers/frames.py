"""Reading a frame of an image, lazily, at the pyramid level that we choose.

A frame is in data order, never transposed as on screen. What is done with its pixels isn't here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, frame_axes, frame_slices
from napari_cutout.layers.coordinates import layer_shape

if TYPE_CHECKING:
    from napari.layers import Image
    from numpy.typing import NDArray

LARGEST_FRAME = 1 << 26
"""Pixels of a frame that are read whole: 8,192 by 8,192."""


@dataclass(frozen=True, eq=False)
class FrameSource:
    """One frame of an image at one pyramid level, not read yet.

    Parameters
    ----------
    data
        The level's array; numpy, dask, zarr, xarray or alike.
    index
        The frame at full resolution.
    shape
        ``(rows, cols)`` of the frame at full resolution.
    level
        The pyramid level, 0 for full resolution.
    rgb
        Whether the last axis of the data holds colours.
    """

    data: Any
    index: FrameIndex
    shape: tuple[int, int]
    level: int = 0
    rgb: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        """What tells frames of one image apart."""
        return self.index, self.level

    @property
    def factors(self) -> NDArray[np.float64]:
        """Pixels at full resolution that one of the level spans, along (row, col)."""
        sizes = [self.data.shape[axis] for axis in frame_axes(self.index)]
        factors: NDArray[np.float64] = np.array(self.shape) / sizes
        return factors

    def read(self) -> NDArray[np.generic]:
        """The pixels: ``(rows, cols)`` or ``(rows, cols, channels)`` of the level."""
        slices = frame_slices(self._level_index())
        if self.rgb:
            slices = (*slices, slice(None))
        return np.asarray(self.data[slices])

    def fingerprint(self, pixels: NDArray[np.generic] | None = None) -> bytes | None:
        """What tells whether pixels in memory were changed in place; None for lazy ones.

        Lazy data would have to be read for it: of those, setting ``layer.data`` tells.
        """
        if not isinstance(self.data, np.ndarray):
            return None
        pixels = np.ascontiguousarray(self.read() if pixels is None else pixels)
        return hashlib.blake2b(pixels.data, digest_size=16).digest()

    def to_level(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(row, col) of the frame as (row, col) of the level."""
        return (points + 0.5) / self.factors - 0.5

    def to_frame(
        self, mask: NDArray[np.bool_], origin: tuple[int, int]
    ) -> tuple[NDArray[np.bool_], tuple[int, int]]:
        """A mask of the level, in its box, as one of the frame: nearest, no larger array made."""
        if np.all(self.factors == 1) or not mask.size:
            return mask, origin
        picks, starts = [], []
        for start, length, factor, size in zip(
            origin, mask.shape, self.factors, self.shape, strict=True
        ):
            first = max(int(np.floor(start * factor)) - 1, 0)
            last = min(int(np.ceil((start + length) * factor)) + 1, size)
            pixels = np.floor((np.arange(first, last) + 0.5) / factor).astype(int)
            inside = (pixels >= start) & (pixels < start + length)
            picks.append(pixels[inside] - start)
            starts.append(first + int(np.flatnonzero(inside)[0]))
        return mask[np.ix_(*picks)], (starts[0], starts[1])

    def _level_index(self) -> FrameIndex:
        """The frame's index in the level, whose sliced axes may be shorter."""
        if self.level == 0:
            return self.index
        full, sizes = self._full_sizes, self.data.shape
        return tuple(
            None if at is None else min(int((at + 0.5) * size / length), size - 1)
            for at, size, length in zip(self.index, sizes, full, strict=False)
        )

    _full_sizes: tuple[int, ...] = ()


def frame_source(image: Image, index: FrameIndex, largest: int = LARGEST_FRAME) -> FrameSource:
    """The frame of an image at the finest level that isn't larger than is read whole.

    Parameters
    ----------
    image
        Multiscale or not; napari's own choice of a level follows the zoom and isn't used.
    index
        Which frame.
    largest
        In pixels. Where the coarsest level is larger, it is taken.
    """
    rows, cols = frame_axes(index)
    full = layer_shape(image)
    levels = list(image.data) if image.multiscale else [image.data]
    fitting = [
        level for level, data in enumerate(levels) if data.shape[rows] * data.shape[cols] <= largest
    ]
    level = fitting[0] if fitting else len(levels) - 1
    return FrameSource(
        levels[level],
        index,
        (full[rows], full[cols]),
        level,
        bool(image.rgb),
        _full_sizes=full,
    )
