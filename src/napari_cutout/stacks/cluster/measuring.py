"""What a frame takes of a worker, and a unit of the process that hands it out, measured here."""

from __future__ import annotations

import math
import time
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

from napari_cutout.stacks.cluster.cost import FrameCost
from napari_cutout.stacks.cluster.errors import ClusterError
from napari_cutout.stacks.cluster.flight import Flight
from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.output.output import StackOutput
from napari_cutout.stacks.running.units import do_units

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from distributed import Client

    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.stacks.frames.stack import Stack
    from napari_cutout.stacks.output.place import OutputPlace
    from napari_cutout.stacks.running.how import How
    from napari_cutout.stacks.running.results import UnitReport

UNITS = 300
"""Units by which it is measured how fast they are handed out."""


def measure_frame(
    segmenter: Segmenter,
    stack: Stack,
    how: How,
    frames: Sequence[tuple[int, ...]],
    folder: Path,
) -> FrameCost:
    """What a frame takes of a process like this one.

    Parameters
    ----------
    segmenter, stack, how
        As in :func:`.run_stack`.
    frames
        Which are found; the first is not counted, as it is slower than all others.
    folder
        Where they are written; an empty one.

    Raises
    ------
    StackError
        If none of the others can be read.
    """
    path = folder / "measured.zarr"
    with StackOutput.open(path, stack, how.settings(segmenter)) as output:
        empty = _on_disk(output.place)

        def found(some: Sequence[tuple[int, ...]]) -> list[UnitReport]:
            with closing(do_units(segmenter, stack, output.place, some, how)) as reports:
                return [report for report in reports if report.state == "found"]

        first = found(frames[:1])
        wall, core = time.perf_counter(), time.process_time()
        others = found(frames[1:])
        wall, core = time.perf_counter() - wall, time.process_time() - core
        if not others:
            raise StackError(
                f"none of {len(frames[1:])} frames of {stack.name} besides the first could be "
                "read; one is needed to measure what it takes"
            )
        both = zip(_on_disk(output.place), empty, strict=True)
        written, files = [(now - before) / len(first + others) for now, before in both]
    parts: Counter[str] = Counter()
    for report in others:
        parts.update(report.seconds)
    return FrameCost(
        seconds=wall / len(others),
        core_seconds=core / len(others),
        bytes_read=math.prod(stack.frame_shape) * (3 if stack.is_rgb else 1) * stack.dtype.itemsize,
        bytes_written=written,
        files=files,
        parts={part: seconds / len(others) for part, seconds in parts.items()},
    )


def measure_unit(client: Client, count: int = UNITS) -> float:
    """Seconds of this process for each unit that it hands out, and gets back.

    Where the scheduler is in this process, its share is among them.

    Parameters
    ----------
    client
        Of a cluster with at least one worker.
    count
        Of the units, which ask for nothing.

    Raises
    ------
    ClusterError
        If the scheduler goes away.
    """
    flight: Flight[int, None] = Flight(client, _nothing)
    start = time.process_time()
    for unit in range(count):
        flight.send(unit)
    while len(flight):
        for ended in flight.ended():
            if ended.error is not None:
                raise ClusterError(f"a unit came back with: {ended.error}") from ended.error
    return (time.process_time() - start) / count


def _nothing(_: int) -> None:
    """What is done with a unit of which only its way is measured."""


def _on_disk(place: OutputPlace) -> tuple[int, int]:
    """Bytes and files of labels and records; frames that failed have others."""
    failed = place.hidden / "failed"
    files = (path for path in place.path.rglob("*") if failed not in path.parents)
    sizes = [path.stat().st_size for path in files if path.is_file()]
    return sum(sizes), len(sizes)
