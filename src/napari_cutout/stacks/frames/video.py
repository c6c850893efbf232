"""A stack of a video, with PyAV: every frame by its number, of one cut short those that are there.

Which frames there are is in video_index.py, decoding in video_decoder.py.
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.stacks.errors import FrameReadError, StackError
from napari_cutout.stacks.frames import identity as identities
from napari_cutout.stacks.frames.layout import layout_of
from napari_cutout.stacks.frames.stack import Stack
from napari_cutout.stacks.frames.video_decoder import VideoDecoder, format_of
from napari_cutout.stacks.frames.video_index import index_of, open_container

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

SUFFIXES = frozenset(
    {
        ".avi",
        ".gif",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".ogv",
        ".ts",
        ".webm",
        ".wmv",
    }
)
"""What is taken for a video."""


class VideoStack(Stack):
    """Frames of a video.

    Parameters
    ----------
    path
        The file.
    axes
        A letter for every axis. None: ``tyx``, or ``tyxc`` of a video in colours.
    channel
        Which colour to take. None: all.

    Raises
    ------
    StackError
        If PyAV isn't installed, it can't be read, or the axes aren't those of a video.
    """

    def __init__(
        self, path: Path, axes: str | Sequence[str] | None = None, channel: int | None = None
    ) -> None:
        self._path = path
        self._index = index_of(path)
        self._set_up()
        with open_container(path) as container:
            stream = container.streams.video[0]
            is_grey = format_of(stream.format).startswith("gray")
            is_deep = format_of(stream.format).endswith("16le") or "48" in format_of(stream.format)
            shape = (self._index.declared, stream.height, stream.width, *(() if is_grey else (3,)))
            rate = stream.average_rate
        said = ("t", "y", "x", "c")[: len(shape)]
        self._layout = layout = layout_of(shape, axes, channel, str(path), said=said)
        if layout.axes[1:] != said[1:]:
            raise StackError(
                f"{path} is a video of frames, but the axes {''.join(layout.axes)!r} were asked "
                f"for; give {''.join(said)}, or another first letter"
            )
        is_timed = layout.axes[0] == "t" and bool(rate)
        super().__init__(
            name=str(path),
            axes=layout.looped,
            shape=layout.shape,
            frame_shape=layout.frame_shape,
            dtype=np.uint16 if is_deep else np.uint8,
            identity=identities.of_files([path], layout.axes, channel),
            is_rgb=layout.is_rgb,
            scale=(float(1 / rate) if is_timed else 1.0, 1.0, 1.0),
            units=("second" if is_timed else None, None, None),
        )

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_lock": None, "_decoder": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._set_up()

    def _set_up(self) -> None:
        self._lock = threading.Lock()
        self._decoder = VideoDecoder(self._path, self._index)
        weakref.finalize(self, self._decoder.close)

    def _read(self, index: tuple[int, ...]) -> NDArray[Any]:
        (number,) = index
        if number >= self._index.count:
            raise FrameReadError(
                index,
                f"{self._path} is cut short: it has {self._index.count} frames, not "
                f"{self._index.declared}",
            )
        if problem := self._index.problem(number):
            raise FrameReadError(index, f"{self._path} is damaged: {problem}")
        with self._lock:
            frame = self._decoder.read(number)
        return frame if self._layout.channel is None else frame[..., self._layout.channel]
