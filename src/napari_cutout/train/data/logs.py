"""Prompt logs of sessions as sources of frames: what was committed, and the image that it is of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.images import open_image
from napari_cutout.formats.labelled import LabelledFrame
from napari_cutout.formats.logs.prompt_log import read_log
from napari_cutout.formats.objects.image_beside import find_image
from napari_cutout.stacks.frames.zarrs import is_zarr
from napari_cutout.train.data.log_labels import labels_of_log
from napari_cutout.train.data.matching import matched
from napari_cutout.train.data.planes import numbers, plane_name, without_objects

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from napari_cutout.formats.logs.log_entries import Header
    from napari_cutout.train.data.log_labels import LogFrame
    from napari_cutout.train.data.matching import Pixels

PATTERN = "*.cutout*.jsonl"


@dataclass(frozen=True)
class SessionLog:
    """A prompt log.

    Parameters
    ----------
    name
        See :class:`.LabelledSource`.
    path
        Of the log.
    images
        The folder of the image, or the image itself; None where the log says where it is, or it
        lies beside it.
    channel
        Of the image, where the log doesn't say; see :func:`.matched`.
    """

    name: str
    path: Path
    images: Path | None = None
    channel: int | None = None

    def frames(self) -> Iterator[LabelledFrame]:
        """See :class:`.LabelledSource`. Frames of a stack in which nothing was made are left out.

        Of a log of several labels, each has its frames.
        """
        entries = read_log(self.path).entries
        several = len({one.header.layer for one in entries if one.header is not None}) > 1
        for found in labels_of_log(entries, self.path.parent):
            layer = f":{found.header.layer}" if several else ""
            place = tuple(at for at in found.index if at is not None)
            yield self._frame(found, plane_name(self.name + layer, place))

    def _frame(self, found: LogFrame, name: str) -> LabelledFrame:
        numbered = numbers(found.labels, name)
        if not numbered.any():
            return without_objects(name)
        path = image_of(found.header, self.path, self.images)
        if path is None:
            raise _missing([found.header], self.path, self.images)
        image = open_image(path)
        shape = found.header.image.shape
        pixels = matched(image.data, shape, str(path), self.channel, image.channels_last)
        return LabelledFrame(name, _in_channels(pixels, found), numbered)


def open_log(path: Path, images: Path | None = None, channel: int | None = None) -> SessionLog:
    """A prompt log.

    Parameters
    ----------
    path, images, channel
        See :class:`SessionLog`.

    Raises
    ------
    FormatError
        If it can't be read, or its image isn't found.
    """
    headers = [one.header for one in read_log(path).entries if one.header is not None]
    found = [image_of(header, path, images) for header in headers]
    missing = [header for header, image in zip(headers, found, strict=True) if image is None]
    if missing:
        raise _missing(missing, path, images)
    # By the image's name: all logs of an image are on one side of a split.
    image = next(one for one in found if one is not None).resolve()
    return SessionLog(f"{image.parent.name}/{image.name}", path, images, channel)


def image_of(header: Header, log: Path, images: Path | None = None) -> Path | None:
    """Where the image of a log is; None where it isn't found.

    It is where the log says, or has the same name in the folder that is given; without one, where
    images lie of annotations in the log's place.
    """
    if images is not None and not (images.is_dir() and not is_zarr(images)):
        return images
    said = header.image.path
    name = _name(said)
    if not name:
        return None
    if images is not None:
        return images / name if (images / name).exists() else None
    return Path(said) if Path(said).exists() else find_image(log, name)


def _name(said: str) -> str:
    """Of the image's file, whatever system wrote it; in a zarr, with the way to the array."""
    parts = PurePosixPath(said.replace("\\", "/")).parts
    zarrs = [place for place, part in enumerate(parts) if part.lower().endswith(".zarr")]
    return "/".join(parts[zarrs[0] :] if zarrs else parts[-1:])


def _in_channels(pixels: Pixels, found: LogFrame) -> NDArray[Any]:
    """A frame as it was cut: in one channel, or in three as colours."""
    if found.channels is None:
        return pixels.frame(found.index)
    axis, positions = found.channels
    frames = [pixels.frame((*found.index[:axis], at, *found.index[axis + 1 :])) for at in positions]
    return frames[0] if len(frames) == 1 else np.stack(frames, axis=-1)


def _missing(headers: Sequence[Header], log: Path, images: Path | None) -> FormatError:
    image = headers[0].image
    if not image.path:
        return FormatError(
            f"{log}: its image {image.name!r} was only in memory; save it, and give the file: "
            "open_data(IMAGE, LOG)"
        )
    looked = f"beside {log}" if images is None else f"in {images}"
    return FormatError(
        f"{log}: its image isn't at {image.path}, nor has one its name {looked}; put it there, or "
        "give its folder: open_data(FOLDER, LOGS)"
    )
