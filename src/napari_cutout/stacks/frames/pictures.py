"""A stack of one image file that is read whole: png, jpg, bmp. And of a file of numpy's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.images import open_image
from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames import identity as identities
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.frames.layout import layout_of
from napari_cutout.stacks.frames.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray


class PictureStack(Stack):
    """One frame in a picture's file, held in memory until it is pickled.

    Parameters
    ----------
    path
        The file.
    axes
        A letter for every axis. None: ``yx``, or ``yxc`` of a picture with channels.
    channel
        Which channel to take. None: there are none, or they are colours.

    Raises
    ------
    StackError
        If it can't be read, or a channel must be chosen first.
    """

    def __init__(
        self, path: Path, axes: str | Sequence[str] | None = None, channel: int | None = None
    ) -> None:
        self._path = path
        self._array: NDArray[Any] | None = _read(path)
        said = ("y", "x", "c")[: self._array.ndim]
        layout = layout_of(self._array.shape, axes, channel, str(path), said=said)
        self._layout = layout
        super().__init__(
            name=str(path),
            axes=layout.looped,
            shape=layout.shape,
            frame_shape=layout.frame_shape,
            dtype=self._array.dtype,
            identity=identities.of_files([path], layout.axes, channel),
            is_rgb=layout.is_rgb,
        )

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_array": None}

    def _read(self, index: tuple[int, ...]) -> NDArray[Any]:
        array = self._array
        if array is None:
            self._array = array = _read(self._path)
        return self._layout.arranged(array[self._layout.where(index)])


def open_npy(
    path: Path, axes: str | Sequence[str] | None = None, channel: int | None = None
) -> ArrayStack:
    """A stack of an array in a file of numpy's, which is mapped.

    Parameters
    ----------
    path
        The file.
    axes, channel
        See :class:`.ArrayStack`.

    Raises
    ------
    StackError
        If it can't be read, or its axes can be read in two ways.
    """
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise StackError(f"{path}: not a readable array of numpy ({error})") from error
    identity = identities.of_files([path], axes, channel)
    return ArrayStack(array, axes, channel=channel, name=str(path), identity=identity)


def _read(path: Path) -> NDArray[Any]:
    try:
        return np.asarray(open_image(path).data)
    except FormatError as error:
        raise StackError(str(error)) from error
