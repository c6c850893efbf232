"""``napari-cutout evaluate``: how good a model is on labelled images."""

# typer evaluates the annotations of a command when the program starts.
# ruff: noqa: TC001, TC003

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_cutout.cli.errors import InputError
from napari_cutout.cli.evaluate_sequence import evaluate_sequence
from napari_cutout.cli.loading import load_segmenter
from napari_cutout.cli.options import Device, Json, Model
from napari_cutout.cli.output import counting, print_json, results

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.table import Table

    from napari_cutout.evaluate import AutomaticEvaluation, Evaluation
    from napari_cutout.formats.labelled import LabelledFile, LabelledFrame
    from napari_cutout.segment import Segmenter


class Split(StrEnum):
    """Which part of a folder."""

    all = "all"
    train = "train"
    validation = "validation"


class Mode(StrEnum):
    """How a model looks for everything."""

    grid = "grid"
    instances = "instances"
    seeds = "seeds"


def evaluate(
    data: Annotated[
        Path | None,
        typer.Option(help="A folder with images/ and labels/, or a folder of such folders."),
    ] = None,
    sequence: Annotated[
        Path | None,
        typer.Option(help="Instead of --data: such a folder whose ids go on from frame to frame."),
    ] = None,
    model: Model = "compact",
    split: Annotated[
        Split,
        typer.Option(help="validation: the eighth that training leaves out; train: the rest."),
    ] = Split.all,
    objects: Annotated[int, typer.Option(min=1, help="At most so many of a frame.")] = 10,
    automatic: Annotated[
        Mode | None,
        typer.Option(help="Judge what the model finds by itself, in this way, without prompts."),
    ] = None,
    images: Annotated[
        int | None, typer.Option(min=1, help="At most so many images of a folder.")
    ] = None,
    points_per_side: Annotated[
        int, typer.Option(min=1, help="With --automatic grid: points along each side.")
    ] = 32,
    pred_iou_thresh: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="With grid and seeds: the lowest predicted IoU."),
    ] = None,
    stability_score_thresh: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="With grid and seeds: the lowest stability."),
    ] = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Judge a model with simulated clicks and boxes, or by what it finds itself, against labels.

    Mean IoU after 1, 2, 3, 5 and 8 clicks, each next one at the deepest point of the largest
    error; after a box, and a box and clicks. Beside the box: what an oval drawn into it would
    have, with no model at all.

    With --automatic no prompts are given, and every object of a frame counts: TP / (TP + FP + FN)
    at an IoU above 0.5, above 0.75 and on average over 0.5, 0.55, ... 0.95, panoptic quality,
    and outlines within two pixels; means over images.

    With --sequence the frames of a folder, or the slices of its volumes, are judged together:
    how well labelled objects are linked, and how well the model carries them on, beside the
    known mask copied unchanged.

    Example: napari-cutout evaluate --model compact --data labelled-images/
    """
    from napari_cutout.evaluate.automatic_table import render_automatic
    from napari_cutout.evaluate.table import render
    from napari_cutout.formats.labelled import find_files

    if sequence is not None:
        _only_sequence(data, automatic)
        evaluate_sequence(sequence, model, device, as_json)
        return
    if data is None:
        raise InputError("nothing to judge on: give --data FOLDER or --sequence FOLDER")
    files = _at_most(images, find_files(data, split.value))
    segmenter = load_segmenter(model, device)
    if automatic is None:
        evaluation = evaluate_files(segmenter, files, objects)
        _show(evaluation, render, as_json)
        return
    thresholds = {
        name: value
        for name, value in {
            "pred_iou_thresh": pred_iou_thresh,
            "stability_score_thresh": stability_score_thresh,
        }.items()
        if value is not None
    }
    options = automatic_options(automatic.value, points_per_side, **thresholds)
    found = evaluate_automatic(segmenter, files, options, automatic.value)
    _show(found, render_automatic, as_json)


def _only_sequence(data: Path | None, automatic: Mode | None) -> None:
    if data is not None or automatic is not None:
        other = "--data" if data is not None else "--automatic"
        raise InputError(f"--sequence and {other} don't go together; run once for each")


def automatic_options(mode: str, points_per_side: int = 32, **thresholds: float) -> object:
    """The options of a mode; thresholds are the names and values of those that were given.

    Raises
    ------
    InputError
        If the mode has no such threshold.
    """
    from napari_cutout.segment.automatic.grid.options import GridOptions
    from napari_cutout.segment.automatic.instances.options import InstanceOptions
    from napari_cutout.segment.automatic.seeds.options import SeedOptions

    if mode == "grid":
        return GridOptions(points_per_side=points_per_side, **thresholds)  # type: ignore[arg-type]
    if mode == "seeds":
        return SeedOptions(**thresholds)  # type: ignore[arg-type]
    if thresholds:
        given = " and ".join(f"--{name.replace('_', '-')}" for name in thresholds)
        raise InputError(f"{given} goes with --automatic grid or seeds, not with {mode}")
    return InstanceOptions()


def evaluate_files(
    segmenter: Segmenter, files: list[LabelledFile], objects: int = 10
) -> Evaluation:
    """Evaluate on labelled files, with a progress bar."""
    from napari_cutout.evaluate import evaluate as judge

    return judge(segmenter, _frames(files), objects=objects)


def evaluate_automatic(
    segmenter: Segmenter, files: list[LabelledFile], options: object, mode: str
) -> AutomaticEvaluation:
    """Judge what is found without prompts on labelled files, with a progress bar."""
    from napari_cutout.evaluate import automatic

    return automatic(segmenter, _frames(files), options, mode=mode)


def _frames(files: list[LabelledFile]) -> Iterator[LabelledFrame]:
    from napari_cutout.formats.labelled import read

    with counting() as bar:
        task = bar.add_task("evaluating", total=len(files))
        for file in files:
            yield from read(file)
            bar.advance(task)


def _at_most(count: int | None, files: list[LabelledFile]) -> list[LabelledFile]:
    """The first files of each folder."""
    by_folder: dict[str, list[LabelledFile]] = {}
    for file in files:
        by_folder.setdefault(file.folder, []).append(file)
    return [file for some in by_folder.values() for file in some[:count]]


def _show(
    evaluation: Evaluation | AutomaticEvaluation, render: Callable[[Any], Table], as_json: bool
) -> None:
    if as_json:
        print_json(evaluation.to_json())
    else:
        results().print(render(evaluation))
