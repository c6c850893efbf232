"""A stack of one file, whatever its kind. What each kind is like is in the rooms next door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames import video
from napari_cutout.stacks.frames.pictures import PictureStack, open_npy
from napari_cutout.stacks.frames.tiff import TiffStack
from napari_cutout.stacks.frames.zarrs import open_zarr

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_cutout.stacks.frames.stack import Stack


def open_file(
    path: Path, axes: str | Sequence[str] | None = None, channel: int | None = None
) -> Stack:
    """A stack of a file: TIFF, npy, png, jpg, bmp, zarr or a video.

    Parameters
    ----------
    path
        The file, or the folder of a zarr.
    axes
        A letter for every axis. None: as the file says.
    channel
        Which channel to take. None: there are none, or they are colours.

    Raises
    ------
    StackError
        If it isn't there, can't be read, or its axes can be read in two ways.
    """
    if not path.exists():
        raise StackError(f"{path}: there is no such file")
    if path.is_dir():
        return open_zarr(path, axes, channel)
    if not path.stat().st_size:
        raise StackError(f"{path}: the file is empty")
    suffix = path.suffix.lower()
    if suffix in (".tif", ".tiff"):
        return TiffStack(path, axes, channel)
    if suffix == ".npy":
        return open_npy(path, axes, channel)
    if suffix in video.SUFFIXES:
        return video.VideoStack(path, axes, channel)
    return PictureStack(path, axes, channel)
