"""A frame of an image: where its pixels are at every level of a pyramid, and its neighbours.

A frame is in data order, never transposed as on screen. A small one is read whole, of a large one
what a prompt needs. What is done with its pixels isn't here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, sliced_axes
from napari_cutout.layers.image.channels import Channels, check_sliced
from napari_cutout.layers.image.planes import Plane, plane_of
from napari_cutout.segment import LazyFrame

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari.layers import Image
    from numpy.typing import NDArray

    from napari_cutout.segment import Window

READ_WHOLE = 1 << 22
"""Pixels of a frame that are read whole: 2,048 by 2,048."""


@dataclass(frozen=True, eq=False)
class FrameSource:
    """One frame of an image, not read yet.

    Parameters
    ----------
    levels
        Its planes, finest first, see :class:`.Plane`.
    index
        Which frame.
    name
        What tells its image from others.
    channels
        Those that were chosen, or None.
    window
        What is looked at: None, chosen for each prompt; ``"whole"``; or one window.
    """

    levels: tuple[Any, ...]
    index: FrameIndex
    name: str
    channels: Channels | None = None
    window: Literal["whole"] | Window | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """``(rows, cols)`` at full resolution."""
        rows, cols = self.levels[0].shape[:2]
        return int(rows), int(cols)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells frames of one image apart, and what is looked at of them."""
        index = self.index if self.channels is None else self.channels.of(self.index)
        return index, self.channels, self.window

    @property
    def is_small(self) -> bool:
        """Whether the frame is read whole."""
        return self.shape[0] * self.shape[1] <= READ_WHOLE

    @property
    def is_in_memory(self) -> bool:
        """Whether its pixels can be looked at again for next to nothing."""
        return isinstance(self.levels[0], np.ndarray)

    def pixels(self) -> NDArray[Any] | LazyFrame:
        """What a segmenter takes: the pixels of a small frame, read now, or a lazy frame."""
        return self.read() if self.is_small else self.lazy()

    def read(self) -> NDArray[Any]:
        """All pixels at full resolution: ``(rows, cols)`` or ``(rows, cols, channels)``."""
        return np.asarray(self.levels[0][:, :])

    def lazy(self) -> LazyFrame:
        """The frame as one that is read a window at a time."""
        return LazyFrame(self.levels, f"{self.name} {self.key[:2]}")

    def sample(self) -> NDArray[Any]:
        """Values that stand for all of the frame, ``(..., channels)``."""
        return self.lazy().sample()

    def fingerprint(self, pixels: NDArray[Any] | None = None) -> bytes | None:
        """What tells whether a small frame was changed in place; None for large ones.

        Without pixels the frame is read for it. Of large frames see :meth:`.Embedding.changed`.
        """
        if not self.is_small:
            return None
        pixels = np.ascontiguousarray(self.read() if pixels is None else pixels)
        return hashlib.blake2b(pixels.data, digest_size=16).digest()


def frame_source(
    image: Image,
    index: FrameIndex,
    channels: Channels | None = None,
    window: Literal["whole"] | Window | None = None,
) -> FrameSource:
    """A frame of an image, with all levels of its pyramid; nothing is read.

    Parameters
    ----------
    image
        Multiscale or not; napari's own choice of a level follows the zoom and isn't used.
    index
        Which frame.
    channels
        Of :func:`.choose_channels`: one, or three that are taken as colours, each mapped by
        itself. None: the frame as it is.
    window
        What is looked at, see :class:`FrameSource`.

    Raises
    ------
    FrameError
        If the channels lie along an axis of the frame.
    """
    levels = list(image.data) if image.multiscale else [image.data]
    return source_of(levels, bool(image.rgb), index, channels, window)


def source_of(
    levels: Sequence[Any],
    rgb: bool,
    index: FrameIndex,
    channels: Channels | None = None,
    window: Literal["whole"] | Window | None = None,
) -> FrameSource:
    """The same without a layer: of its data at all levels, and whether that holds colours."""
    if channels is not None:
        check_sliced(channels, index)
    full = tuple(int(size) for size in levels[0].shape[: len(index)])
    planes: list[Any] = []
    for data in levels:
        plane = Plane(data, _index_at(index, full, data.shape), rgb, channels)
        if channels is not None and data.shape[channels.axis] != full[channels.axis]:
            continue
        # A level that shrinks other axes only says nothing new of this frame.
        if not planes or plane.shape != planes[-1].shape:
            planes.append(plane)
    return FrameSource(
        tuple(plane_of(plane) for plane in planes), index, str(id(levels[0])), channels, window
    )


def neighbours(
    index: FrameIndex, sizes: Sequence[int], reach: int = 1, leave_out: Sequence[int] = ()
) -> Iterator[FrameIndex]:
    """The frames next to one, nearest first, on each slider the next before the previous.

    Parameters
    ----------
    index
        Of the shown frame.
    sizes
        Of the image's axes.
    reach
        How many each way.
    leave_out
        Axes along which nobody moves from frame to frame, for example that of channels.
    """
    for away in range(1, reach + 1):
        for axis in sliced_axes(index):
            at = index[axis]
            if at is None or axis in leave_out:
                continue
            for position in (at + away, at - away):
                if 0 <= position < sizes[axis]:
                    yield (*index[:axis], position, *index[axis + 1 :])


def _index_at(index: FrameIndex, full: Sequence[int], sizes: Sequence[int]) -> FrameIndex:
    """The index of a frame in a level, whose sliced axes may be shorter."""
    return tuple(
        None if at is None else min(int((at + 0.5) * size / length), size - 1)
        for at, size, length in zip(index, sizes, full, strict=False)
    )
