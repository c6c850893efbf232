"""How long a run takes, and what it costs, from what one frame takes: a model, no measurement.

How a frame is measured is in measuring.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Limit = Literal["workers", "scheduler", "disk"]


@dataclass(frozen=True)
class FrameCost:
    """What one frame takes of one worker.

    Parameters
    ----------
    seconds
        From one frame to the next, reading, encoding, finding and writing overlapping.
    core_seconds
        Of all cores together.
    bytes_read
        Of the frame, as it is in memory.
    bytes_written
        Of its labels at all levels, and its record, as they are on the disk.
    files
        That they are.
    parts
        Seconds of each part by itself; they overlap, and aren't used here.
    """

    seconds: float
    core_seconds: float
    bytes_read: float
    bytes_written: float
    files: float
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Machines:
    """A cluster, and what it costs.

    Parameters
    ----------
    workers
        Of the kind that the frame was measured on.
    frames_per_unit
        That a worker gets at once.
    unit_seconds
        Of the process that hands out the units, for each.
    start_seconds
        Until a worker has loaded its model.
    cores
        Of each worker, where all that is done is done on cores: a frame takes its core seconds,
        shared out. None: a worker is what the frame was measured on, and a frame takes as long.
    bytes_per_second
        That the disk gives and takes, for all workers together. None: it is no limit.
    price_per_hour
        Of one worker. None: unknown.
    """

    workers: int
    frames_per_unit: int
    unit_seconds: float
    start_seconds: float
    cores: int | None = None
    bytes_per_second: float | None = None
    price_per_hour: float | None = None


@dataclass(frozen=True)
class Estimate:
    """What a run takes.

    Parameters
    ----------
    frames, units
        In all, the last of which may not be full.
    seconds
        From begin to end.
    limit
        What more of would make it shorter.
    worker_hours
        Of all workers, whether they have something to do or not.
    price
        None where that of an hour is unknown.
    bytes_written, files
        On the disk in the end.
    """

    frames: int
    units: int
    seconds: float
    limit: Limit
    worker_hours: float
    price: float | None
    bytes_written: float
    files: float


def estimate(frame: FrameCost, data_bytes: float, machines: Machines) -> Estimate:
    """How long a run takes over so many bytes of frames like one that was measured.

    Workers compute, one process hands out units, and one disk reads and writes, all at once; what
    takes longest is how long it takes, after the start:

    ``start + max(frames * frame / workers, units * unit, frames * (read + written) / disk)``

    Linking comes after that, a frame at a time, and isn't counted here.

    Parameters
    ----------
    frame
        What it takes.
    data_bytes
        Of all frames, as they are in memory.
    machines
        The cluster.

    Raises
    ------
    ValueError
        If there is nothing to do, or nobody to do it.

    Examples
    --------
    >>> frame = FrameCost(seconds=2.0, core_seconds=3.0, bytes_read=1e6, bytes_written=1e4, files=4)
    >>> machines = Machines(10, frames_per_unit=8, unit_seconds=0.002, start_seconds=10)
    >>> known = estimate(frame, 1e9, machines)
    >>> known.frames, known.seconds, known.limit
    (1000, 210.0, 'workers')
    """
    if data_bytes <= 0 or frame.bytes_read <= 0:
        raise ValueError(f"there are {data_bytes} bytes in frames of {frame.bytes_read}")
    if machines.workers < 1 or machines.frames_per_unit < 1:
        raise ValueError(
            f"{machines.workers} workers that get {machines.frames_per_unit} frames at once do "
            "nothing; give at least 1 of each"
        )
    frames = math.ceil(data_bytes / frame.bytes_read)
    units = math.ceil(frames / machines.frames_per_unit)
    seconds_each = frame.core_seconds / machines.cores if machines.cores else frame.seconds
    disk = machines.bytes_per_second or math.inf
    lengths: dict[Limit, float] = {
        "workers": frames * seconds_each / machines.workers,
        "scheduler": units * machines.unit_seconds,
        "disk": frames * (frame.bytes_read + frame.bytes_written) / disk,
    }
    limit = max(lengths, key=lambda name: lengths[name])
    seconds = machines.start_seconds + lengths[limit]
    worker_hours = machines.workers * seconds / 3600
    hour = machines.price_per_hour
    return Estimate(
        frames,
        units,
        seconds,
        limit,
        worker_hours,
        None if hour is None else hour * worker_hours,
        frames * frame.bytes_written,
        frames * frame.files,
    )
