"""``napari-cutout estimate``: how long a run over much more data takes, and what it costs.

The model is in stacks/cluster/cost.py; what it starts from is measured here and now.
"""

# typer evaluates the annotations of a command when the program starts.
# ruff: noqa: TC001

from __future__ import annotations

import math
import tempfile
import time
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_cutout.cli.errors import InputError
from napari_cutout.cli.everything_options import options_asked
from napari_cutout.cli.finding_options import Intensity, WayAsked
from napari_cutout.cli.loading import load_segmenter
from napari_cutout.cli.options import Device, Json, Model, intensity_mapping
from napari_cutout.cli.output import print_json, results

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cutout.segment import Segmenter
    from napari_cutout.stacks.cluster.cost import Estimate, FrameCost, Machines
    from napari_cutout.stacks.frames.stack import Stack
    from napari_cutout.stacks.running.how import How

_INPUTS = "A stack of frames like those that are meant, as for the command stack."
_DATA = "How much there is of such frames, uncompressed: 1PB, 200TB, 3.5GB."
_WORKERS = "How many workers like this process. May be repeated. Left out: 1, 100, 1000."
_CORES = "Of each worker, without a GPU. Left out: a worker is as this process was here."
_DISK = "What the disk takes and gives in a second, for all workers together, such as 5GB."
_PRICE = "Of an hour of a worker, in any currency."
_COUNT = "Frames to measure, besides a first one that isn't counted."

_PREFIXES = " kMGTPE"
_SPANS = ((86400.0, "days"), (3600.0, "h"), (60.0, "min"))


def estimate(
    inputs: Annotated[list[str], typer.Argument(metavar="INPUT...", help=_INPUTS)],
    data: Annotated[str, typer.Option(metavar="SIZE", help=_DATA)] = "1PB",
    workers: Annotated[list[int] | None, typer.Option(min=1, help=_WORKERS)] = None,
    cores: Annotated[int | None, typer.Option(min=1, help=_CORES)] = None,
    disk: Annotated[str | None, typer.Option(metavar="SIZE", help=_DISK)] = None,
    price: Annotated[float | None, typer.Option(min=0, help=_PRICE)] = None,
    count: Annotated[int, typer.Option(min=1, help=_COUNT)] = 8,
    axes: Annotated[str | None, typer.Option(help="As for the command stack.")] = None,
    channel: Annotated[int | None, typer.Option(help="As for the command stack.")] = None,
    mode: WayAsked = None,
    model: Model = "compact",
    intensity: Intensity = "percentile",
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Say how long the command stack takes on many machines, and what it costs.

    A few frames are found and written, into a folder that is removed again.

    Example: napari-cutout estimate plate.ome.zarr --data 1PB --workers 100 --workers 1000
    """
    data_bytes = byte_count(data, "--data")
    disk_bytes = None if disk is None else byte_count(disk, "--disk")
    if find_spec("distributed") is None:
        raise InputError("estimate needs Dask: pip install 'napari-cutout[cluster]'")
    from napari_cutout.stacks.cluster.cost import Machines
    from napari_cutout.stacks.cluster.cost import estimate as estimated
    from napari_cutout.stacks.cluster.finding import MOST_TOGETHER
    from napari_cutout.stacks.frames.opening import open_stack
    from napari_cutout.stacks.running.how import How

    stack = open_stack(inputs[0] if len(inputs) == 1 else inputs, axes=axes, channel=channel)
    if len(stack) < 2:
        raise InputError(
            f"{stack.name} is one frame, and estimate takes two or more: the first is slower than "
            "all others, and isn't counted. Give a stack of frames like it, or several files"
        )
    mapping = intensity_mapping(intensity)
    begun = time.perf_counter()
    segmenter = load_segmenter(model, device)
    loading = time.perf_counter() - begun
    how = How(options_asked(segmenter, mode, {}, False, None, device), intensity=mapping)
    frame = _frame(segmenter, stack, how, count)
    starting, unit = _unit()
    known = [
        Machines(number, MOST_TOGETHER, unit, starting + loading, cores, disk_bytes, price)
        for number in workers or [1, 100, 1000]
    ]
    rows = [(machines, estimated(frame, data_bytes, machines)) for machines in known]
    if as_json:
        found = [asdict(machines) | asdict(one) for machines, one in rows]
        print_json({"model": segmenter.name, "frame": asdict(frame), "estimates": found})
    else:
        _print(data, frame, rows)


def byte_count(text: str, option: str) -> float:
    """How many bytes ``1PB``, ``200 TB`` or ``3e9`` are.

    Raises
    ------
    InputError
        If it is something else, or none.
    """
    number = text.strip().removesuffix("B").removesuffix("b").strip()
    power = _PREFIXES.lower().find(number[-1:].lower()) if number[-1:].isalpha() else 0
    try:
        value = float(number[:-1] if power else number) * 1000.0**power
    except ValueError:
        value = 0.0
    if power < 0 or not 0 < value < float("inf"):
        raise InputError(f"{option} {text}: expected a size such as 1PB, 200TB or 3.5GB")
    return value


def _frame(segmenter: Segmenter, stack: Stack, how: How, count: int) -> FrameCost:
    from napari_cutout.stacks.cluster.measuring import measure_frame
    from napari_cutout.stacks.frames.selection import chosen

    with tempfile.TemporaryDirectory(prefix="napari-cutout-estimate-") as folder:
        return measure_frame(segmenter, stack, how, chosen(stack)[: count + 1], Path(folder))


def _unit() -> tuple[float, float]:
    """Seconds until a worker has started, and for each unit."""
    from napari_cutout.stacks.cluster.clusters import local_workers
    from napari_cutout.stacks.cluster.measuring import measure_unit

    begun = time.perf_counter()
    with local_workers(1, "cpu") as client:
        starting = time.perf_counter() - begun
        return starting, measure_unit(client)


def _print(data: str, frame: FrameCost, rows: Sequence[tuple[Machines, Estimate]]) -> None:
    from rich.table import Table

    parts = ", ".join(f"{name} {_span(seconds)}" for name, seconds in frame.parts.items())
    machines, first = rows[0]
    table = Table("workers", "time", "limited by", "worker hours", "price")
    for one, found in rows:
        price = "" if found.price is None else f"{found.price:,.0f}"
        hours = f"{found.worker_hours:,.0f}"
        table.add_row(f"{one.workers:,}", _span(found.seconds), found.limit, hours, price)
    console = results()
    console.print(
        f"A frame: {_span(frame.seconds)} here ({parts}; they overlap), "
        f"{_span(frame.core_seconds)} of a core; {_size(frame.bytes_read)} read, "
        f"{_size(frame.bytes_written)} written in {frame.files:.1f} files.\n"
        f"A worker: {_span(machines.start_seconds)} to start and load the model. A unit of "
        f"{machines.frames_per_unit} frames: {_span(machines.unit_seconds)} to hand it out.\n"
        f"{data}: {first.frames:,} frames in {first.units:,} units; {_size(first.bytes_written)} "
        f"written in {first.files:,.0f} files."
    )
    console.print(table)


def _span(seconds: float) -> str:
    """Seconds in a unit that suits them."""
    short = (1.0, "s") if seconds >= 1 else (0.001, "ms")
    length, name = next((span for span in _SPANS if seconds >= 2 * span[0]), short)
    count = seconds / length
    return f"{count:,.0f} {name}" if count >= 100 else f"{count:.2g} {name}"


def _size(count: float) -> str:
    """Bytes in a unit that suits them."""
    power = min(len(_PREFIXES) - 1, int(math.log10(max(1.0, count)) // 3))
    return f"{count / 1000.0**power:.3g} {_PREFIXES[power]}B".replace("  ", " ")
