"""``napari-cutout rank``: in which order frames are worth a person's look."""

# typer evaluates the annotations of a command when the program starts.
# ruff: noqa: TC001, TC003

from __future__ import annotations

from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_cutout.cli.errors import BAD_INPUT, one_line
from napari_cutout.cli.everything_options import options_asked
from napari_cutout.cli.finding_options import FinderModel, WayAsked
from napari_cutout.cli.image_list import ListedImage, list_images
from napari_cutout.cli.loading import load_segmenter, tell
from napari_cutout.cli.options import Device, Json, Model
from napari_cutout.cli.output import counting, print_json, results

if TYPE_CHECKING:
    from napari_cutout.segment import Segmenter
    from napari_cutout.segment.ranking import FrameDoubt
    from napari_cutout.stacks.frames.stack import Stack

_SKIPPED: tuple[type[Exception], ...] = (*BAD_INPUT, MemoryError)

_INPUTS = "Images, stacks, videos, or folders of images."
_AXES = "A letter for every axis of the data, such as tzyx; left out, as the data say."
_TOP = "Tell no more than so many, the least sure ones."


def rank(
    inputs: Annotated[list[Path], typer.Argument(metavar="INPUT...", help=_INPUTS)],
    mode: WayAsked = None,
    model: Model = "compact",
    axes: Annotated[str | None, typer.Option(help=_AXES)] = None,
    channel: Annotated[int | None, typer.Option(help="Which channel, from 0.")] = None,
    every: Annotated[int, typer.Option(min=1, help="Look at each N-th frame only.")] = 1,
    top: Annotated[int | None, typer.Option(min=1, help=_TOP)] = None,
    finder: FinderModel = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Rank frames by how unsure the model is of them: annotate the first ones first.

    Everything is found in each frame, and the model is asked for a second opinion on each object:
    its predicted IoU, how stable its mask is, and how far it agrees with the answers to its box
    and to a click in its middle. A frame's doubt is the mean over its objects, 0 to 1; frames in
    which nothing was found come last. A file that can't be read is reported and left out; the exit
    code is then 2.

    Example: napari-cutout rank fields/ --top 10
    """
    images = list_images(inputs)
    segmenter = load_segmenter(model, device)
    options = options_asked(segmenter, mode, {}, False, finder, device)
    found: list[FrameDoubt] = []
    failed: list[dict[str, str]] = []
    with counting() as bar:
        task = bar.add_task("images", total=len(images))
        for image in images:
            try:
                found += _doubts(segmenter, image, options, axes, channel, every)
            except _SKIPPED as error:
                reason = one_line(str(error)) or "it does not fit into memory"
                tell(f"{image.path}: {reason}; left out")
                failed.append({"image": str(image.path), "error": reason})
            bar.advance(task)
    _report(found, failed, segmenter.name, top, as_json)


def _doubts(
    segmenter: Segmenter,
    image: ListedImage,
    options: object,
    axes: str | None,
    channel: int | None,
    every: int,
) -> list[FrameDoubt]:
    """How unsure a model is of the frames of a file."""
    from napari_cutout.segment.ranking import frame_doubts
    from napari_cutout.stacks import open_stack

    stack = open_stack(image.path, axes=axes, channel=channel)
    indices = islice(product(*map(range, stack.shape)), 0, None, every)
    frames = ((_name(image, stack, index), stack.read(index)) for index in indices)
    return list(frame_doubts(segmenter, frames, options))


def _name(image: ListedImage, stack: Stack, index: tuple[int, ...]) -> str:
    """Where a frame is."""
    where = ", ".join(f"{axis} {at}" for axis, at in zip(stack.axes, index, strict=True))
    return f"{image.file_name} [{where}]" if where else image.file_name


def _report(
    found: list[FrameDoubt],
    failed: list[dict[str, str]],
    model: str,
    top: int | None,
    as_json: bool,
) -> None:
    from napari_cutout.segment.ranking import ranked

    least_sure = ranked(found)[:top]
    if as_json:
        frames = [_value(one) for one in least_sure]
        print_json({"model": model, "frames": frames, "failed": failed})
    else:
        _show(least_sure, model)
    if failed:
        raise typer.Exit(2)


def _value(one: FrameDoubt) -> dict[str, Any]:
    return {"frame": one.name, "doubt": one.value, "objects": len(one.objects)}


def _show(least_sure: list[FrameDoubt], model: str) -> None:
    from rich.table import Table

    table = Table(title=f"least sure first, {model}", title_justify="left")
    table.add_column("frame", overflow="fold")
    for name in ("doubt", "objects"):
        table.add_column(name, justify="right")
    for one in least_sure:
        table.add_row(one.name, f"{one.value:.3f}", str(len(one.objects)))
    results().print(table)
