"""A stack of whatever was given: an array, a file, a folder, a glob, a list of files, a video."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames import paths
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.frames.files import FilesStack
from napari_cutout.stacks.frames.one_file import open_file
from napari_cutout.stacks.frames.stack import Stack
from napari_cutout.stacks.frames.zarrs import is_zarr, open_zarr

if TYPE_CHECKING:
    from collections.abc import Sequence


def open_stack(
    source: object,
    *,
    axes: str | Sequence[str] | None = None,
    channel: int | None = None,
) -> Stack:
    """Frames of anything that has them, read one at a time.

    Parameters
    ----------
    source
        An array (numpy, dask, zarr, xarray, or what is indexed like them); a file (TIFF, npy,
        png, jpg, bmp, a video); a zarr or OME-Zarr; a folder or a glob, whose images are taken in
        natural order; or a list of files. Files that are stacks themselves have the axis
        ``"file"`` before their own. A stack stays as it is.
    axes
        A letter for every axis of the data, such as ``"tzyx"``, ``"tcyx"`` or ``"zyxc"``: ``y``
        and ``x`` are rows and columns of a frame, ``c`` channels, or colours where it is last and
        has 3 or 4; all others are looped over. Of many files, those of each, with or without that
        along the files in front. None: as the data say.
    channel
        Which channel to take. None: there are none, or they are colours.

    Raises
    ------
    StackError
        If it can't be read, or if its axes can be read in two ways and nobody said which.

    Examples
    --------
    >>> import numpy as np
    >>> stack = open_stack(np.zeros((5, 3, 40, 60), np.uint8), axes="tzyx")
    >>> stack.axes, stack.shape, stack.read((4, 2)).shape
    (('t', 'z'), (5, 3), (40, 60))
    """
    if isinstance(source, Stack):
        if axes is not None or channel is not None:
            raise StackError(f"{source.name} is a stack already; give axes and channel to its data")
        return source
    if isinstance(source, str | os.PathLike):
        return _of_place(os.fspath(source), axes, channel)
    if isinstance(source, list | tuple) and all(isinstance(p, str | os.PathLike) for p in source):
        found = paths.of_list(source)
        return (
            open_file(found[0], axes, channel)
            if len(found) == 1
            else FilesStack(found, axes, channel)
        )
    return _of_data(source, axes, channel)


def _of_place(place: Any, axes: str | Sequence[str] | None, channel: int | None) -> Stack:
    if "://" in place:
        return open_zarr(place, axes, channel)
    path = paths.absolute(place)
    if path.is_dir() and not is_zarr(path):
        return FilesStack(paths.in_folder(path), axes, channel, str(path))
    if not path.exists() and paths.is_glob(path):
        return FilesStack(paths.of_glob(path), axes, channel, str(path))
    return open_file(path, axes, channel)


def _of_data(data: Any, axes: str | Sequence[str] | None, channel: int | None) -> Stack:
    if hasattr(data, "array_keys") and hasattr(data, "attrs"):
        return open_zarr(data, axes, channel)
    if hasattr(data, "metadata") and hasattr(data, "store") and hasattr(data, "shape"):
        return open_zarr(data, axes, channel)
    if not hasattr(data, "shape") or not hasattr(data, "dtype"):
        raise StackError(
            f"{type(data).__name__} isn't read as a stack; give an array, a path, a list of paths "
            "or a glob (join a list of arrays with numpy.stack)"
        )
    return ArrayStack(data, axes, channel=channel)
