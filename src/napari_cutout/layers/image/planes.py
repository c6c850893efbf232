"""One plane of an array with any number of axes, read a box at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, frame_axes, frame_slices
from napari_cutout.segment.chunks import chunk_shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.layers.image.channels import Channels


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane ``(rows, cols)`` or ``(rows, cols, channels)`` of which only slices are read.

    Parameters
    ----------
    data
        numpy, dask, zarr, xarray, h5py, tensorstore or alike.
    index
        The plane.
    rgb
        Whether the last axis of the data holds colours.
    channels
        Three of an axis, taken as colours; or one, or None.
    """

    data: Any
    index: FrameIndex
    rgb: bool = False
    channels: Channels | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """``(rows, cols)`` or ``(rows, cols, channels)``."""
        sizes = self.data.shape
        plane = tuple(int(sizes[axis]) for axis in frame_axes(self.index))
        if self.rgb:
            return *plane, int(sizes[-1])
        return plane if self.channels is None else (*plane, *_depth(self.channels))

    @property
    def chunks(self) -> tuple[int, int] | None:
        """Sides of the data's chunks, or None where they aren't known."""
        chunks = chunk_shape(self.data)
        if chunks is None:
            return None
        row, col = frame_axes(self.index)
        return chunks[row], chunks[col]

    def __getitem__(self, box: tuple[slice, slice]) -> NDArray[Any]:
        if self.channels is None:
            return self._read(self.index, box)
        axis = self.channels.axis
        read = [
            self._read((*self.index[:axis], at, *self.index[axis + 1 :]), box)
            for at in self.channels.positions
        ]
        return read[0] if len(read) == 1 else np.stack(read, axis=-1)

    def _read(self, index: FrameIndex, box: tuple[slice, slice]) -> NDArray[Any]:
        slices: tuple[int | slice, ...] = frame_slices(index, box)
        if self.rgb:
            slices = (*slices, slice(None))
        read = self.data[slices]
        # A view of a mapped file stays one.
        return read if isinstance(read, np.ndarray) else np.asarray(read)


def plane_of(plane: Plane) -> Any:
    """A plane as an array in memory where that takes no copy, else as it is."""
    if not isinstance(plane.data, np.ndarray):
        return plane
    if plane.channels is None or len(plane.channels.positions) == 1:
        return plane[:, :]
    first, second, third = plane.channels.positions
    step = second - first
    if step == 0 or third - second != step:
        return plane
    last = third + (1 if step > 0 else -1)
    picked = slice(first, None if last < 0 else last, step)
    where = tuple(
        picked if axis == plane.channels.axis else slice(None) if at is None else at
        for axis, at in enumerate(plane.index)
    )
    place = sum(at is None for at in plane.index[: plane.channels.axis])
    return np.moveaxis(plane.data[where], place, -1)


def _depth(channels: Channels) -> tuple[int, ...]:
    return () if len(channels.positions) == 1 else (len(channels.positions),)
