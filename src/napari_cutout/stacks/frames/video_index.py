"""Which frames a video has, and when each is shown: from its packets, without decoding.

That makes every frame be found by its number, whatever the container says of how many there are.
Those that are missing are in video_gaps.py, decoding in video_decoder.py.
"""

from __future__ import annotations

import bisect
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames.video_gaps import gaps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_MORE_PACKETS = {"vp8"}
"""Codecs some of whose packets are no frames."""

_OTHER_TIMES = {"mpeg"}
"""Containers that say other times after a jump than when they are read from the start."""


@dataclass(frozen=True)
class VideoIndex:
    """The frames of a video in the order in which they are shown.

    Parameters
    ----------
    times
        When each is shown, in the stream's time base, ascending. Empty where the packets don't
        tell: then frames are counted, and found by decoding from the start.
    keys
        Numbers of the frames from which decoding can begin, ascending; without any, it begins at
        the start.
    count
        How many frames there are.
    declared
        How many there should be, by what the file says; more than ``count`` where it was cut short.
    missing
        Numbers of those whose packets aren't there, between others that are.
    harmed
        By number, frames that may be made of a missing one, and which that is.
    """

    times: tuple[int, ...]
    keys: tuple[int, ...]
    count: int
    declared: int
    missing: tuple[int, ...] = ()
    harmed: Mapping[int, int] = field(default_factory=dict)

    def problem(self, number: int) -> str:
        """Why a frame can't be had, whatever a decoder makes of it; empty where it can."""
        if number in self.missing:
            return f"frame {number} is missing in it"
        if number in self.harmed:
            return (
                f"frame {number} may be wrong, as frame {self.harmed[number]}, which it may be "
                "made of, is missing"
            )
        return ""

    def number(self, time: int | None) -> int | None:
        """Which frame is shown at a time; None where none is."""
        if time is None:
            return None
        at = bisect.bisect_left(self.times, time)
        return at if at < len(self.times) and self.times[at] == time else None

    def key_before(self, number: int) -> int:
        """The frame at or before one from which decoding can begin."""
        at = bisect.bisect_right(self.keys, number)
        return self.keys[at - 1] if at else 0


def open_container(path: Path) -> Any:
    """A video, opened with PyAV.

    Raises
    ------
    StackError
        If PyAV isn't installed, or the file isn't a video that it reads.
    """
    try:
        import av
    except ImportError as error:
        raise StackError(
            f"{path} is a video, and videos are read with PyAV, which isn't installed: "
            "pip install 'napari-cutout[video]'"
        ) from error
    try:
        container = av.open(str(path))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StackError(
            f"{path}: not a readable video ({reason}); it may have been cut short while it was "
            "written"
        ) from error
    if not container.streams.video:
        container.close()
        raise StackError(f"{path} has no video, only sound")
    return container


def index_of(path: Path) -> VideoIndex:
    """Go through the packets of a video.

    Raises
    ------
    StackError
        If it can't be opened, or has no frame.
    """
    with open_container(path) as container:
        stream = container.streams.video[0]
        packets = [
            (packet.pts, packet.is_keyframe, packet.is_discard)
            for packet in _packets(container, stream)
        ]
        shown = sorted(
            (time, is_key) for time, is_key, is_off in packets if not is_off and time is not None
        )
        times = tuple(time for time, _ in shown)
        is_told = len(times) == sum(not is_off for *_, is_off in packets)
        if not is_told or len(set(times)) < len(times) or stream.codec.name in _MORE_PACKETS:
            times, shown = (), []
        count = len(times) or _counted(path)
        if not count:
            raise StackError(f"{path}: no frame of this video can be read")
        hidden = len(packets) - len(times) if times else 0
        found = gaps(
            times, [time for time, is_key in shown if is_key], _step(stream), _depth(packets)
        )
        times, count = found.times, count + len(found.missing)
        declared = max(count, stream.frames - hidden, _by_duration(container, stream, times))
        is_seekable = container.format.name not in _OTHER_TIMES
    keys = [bisect.bisect_left(times, time) for time, is_key in shown if is_key]
    return VideoIndex(
        times, tuple(keys) if is_seekable else (), count, declared, found.missing, found.harmed
    )


def _step(stream: Any) -> float | None:
    """From one frame to the next, in the stream's time base; None where nothing is said."""
    rate = stream.base_rate or stream.guessed_rate
    return float(1 / (rate * stream.time_base)) if rate and stream.time_base else None


def _depth(packets: Sequence[tuple[int | None, bool, bool]]) -> int:
    """How many frames that are shown before another are stored after it, at most."""
    shown = [time for time, *_ in packets if time is not None]
    places = {time: place for place, time in enumerate(sorted(shown))}
    return max((places[time] - at for at, time in enumerate(shown)), default=0)


def _packets(container: Any, stream: Any) -> Any:
    """The packets with something in them, as far as the file can be read."""
    import av

    try:
        yield from (packet for packet in container.demux(stream) if packet.size)
    except av.FFmpegError:
        return


def _counted(path: Path) -> int:
    """How many frames can be decoded one after another."""
    import av

    count = 0
    with open_container(path) as container:
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            try:
                count += len(packet.decode())
            except av.FFmpegError:
                continue
    return count


def _by_duration(container: Any, stream: Any, times: tuple[int, ...]) -> int:
    """How many frames fill the time that the container says; 0 where that can't be known."""
    if stream.frames or len(times) < 2 or len(container.streams) > 1 or not container.duration:
        return 0
    steps = {after - before for before, after in itertools.pairwise(times)}
    if max(steps) - min(steps) > 1:
        return 0
    step = (times[-1] - times[0]) / (len(times) - 1) * float(stream.time_base)
    # PyAV's durations of containers are in microseconds.
    count: int = round(container.duration / 1e6 / step)
    return count
