"""Decoding a video: any frame exactly, and the one after the last without starting over.

Which frames there are is in video_index.py.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from napari_cutout.stacks.frames.video_index import open_container

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_cutout.stacks.frames.video_index import VideoIndex

_KEPT = 4
"""Frames that are kept, for readers that are a little out of step."""


class VideoDecoder:
    """An open video. For one thread at a time.

    Parameters
    ----------
    path
        The file.
    index
        Of its frames.

    Attributes
    ----------
    decoded
        How many frames were decoded so far.
    """

    def __init__(self, path: Path, index: VideoIndex) -> None:
        self.decoded = 0
        self._path = path
        self._index = index
        self._kept: OrderedDict[int, Any] = OrderedDict()
        self._container: Any = None
        self._frames: Iterator[tuple[int, Any]] = iter(())
        self._at = -1

    def close(self) -> None:
        """Close the file."""
        if self._container is not None:
            self._container.close()
            self._container = None

    def read(self, number: int) -> NDArray[np.generic]:
        """A frame: ``(rows, cols)``, or ``(rows, cols, 3)``; uint8, or uint16 of more than 8 bits.

        Raises
        ------
        EOFError
            If the video doesn't have it.
        ValueError
            If it is damaged.
        """
        frame = self._kept.get(number)
        for key in self._starts(number) if frame is None else ():
            if key is not None:
                self._start_at(key)
            frame = self._forward_to(number)
            if frame is not None:
                break
        if frame is None:
            raise EOFError(f"{self._path} is damaged: frame {number} can't be decoded")
        if frame.is_corrupt:
            raise ValueError(f"{self._path}: frame {number} is damaged")
        array: NDArray[np.generic] = frame.to_ndarray(format=format_of(frame.format))
        return array

    def _starts(self, number: int) -> Iterator[int | None]:
        """Frames to begin at, the cheapest first; None for where decoding is."""
        key = self._index.key_before(number)
        if self._container is not None and key - 1 <= self._at < number:
            yield None
        # Where a container's own index leads too far, the key frame before is tried.
        if key > 0:
            yield key
            key = self._index.key_before(key - 1)
        if key > 0:
            yield key
        yield 0

    def _start_at(self, key: int) -> None:
        if self._container is None or not key:
            self.close()
            self._container = open_container(self._path)
        if key:
            stream = self._container.streams.video[0]
            self._container.seek(self._index.times[key], stream=stream)
        self._at = -1
        self._frames = self._decoding(key)

    def _forward_to(self, number: int) -> Any:
        for found, frame in self._frames:
            self._at = found
            self._kept[found] = frame
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            if found >= number:
                return frame if found == number else None
        self._at = self._index.count
        return None

    def _decoding(self, first: int) -> Iterator[tuple[int, Any]]:
        """The frames from where the container is, from a key frame on, with their numbers."""
        import av

        count, begun = 0, not first
        stream = self._container.streams.video[0]
        for packet in self._container.demux(stream):
            if not begun:
                if packet.size and not packet.is_keyframe:
                    continue
                # The container may have gone to another key frame than it was asked to.
                found = self._index.number(packet.pts)
                if packet.size and found not in self._index.keys:
                    return
                first, begun = found or first, True
            try:
                frames = packet.decode()
            except (av.FFmpegError, ValueError):
                continue
            for frame in frames:
                self.decoded += 1
                number = self._index.number(frame.pts) if self._index.times else count
                count += 1
                # Frames shown before the key frame may need others that weren't decoded.
                if number is not None and number >= first:
                    yield number, frame


def format_of(stored: Any) -> str:
    """The pixels that are made of those of a stream: grey stays grey, deep stays deep."""
    is_grey = stored.name.startswith(("gray", "mono", "ya"))
    is_deep = stored.components[0].bits > 8
    if is_grey:
        return "gray16le" if is_deep else "gray"
    return "rgb48le" if is_deep else "rgb24"
