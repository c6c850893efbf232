"""``napari-cutout evaluate``: how good a model is on labelled images."""

# typer evaluates the annotations of a command when the program starts.
# ruff: noqa: TC001, TC003

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_cutout.cli.loading import load_segmenter
from napari_cutout.cli.options import Device, Json, Model
from napari_cutout.cli.output import counting, print_json, results

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cutout.evaluate import Evaluation
    from napari_cutout.formats.labelled import LabelledFile, LabelledFrame
    from napari_cutout.segment import Segmenter


class Split(StrEnum):
    """Which part of a folder."""

    all = "all"
    train = "train"
    validation = "validation"


def evaluate(
    data: Annotated[
        Path, typer.Option(help="A folder with images/ and labels/, or a folder of such folders.")
    ],
    model: Model = "compact",
    split: Annotated[
        Split,
        typer.Option(help="validation: the eighth that training leaves out; train: the rest."),
    ] = Split.all,
    objects: Annotated[int, typer.Option(min=1, help="At most so many of a frame.")] = 10,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Judge a model with simulated clicks and boxes, against labels.

    Mean IoU after 1, 2, 3, 5 and 8 clicks, each next one at the deepest point of the largest
    error; after a box, and a box and clicks. Beside the box: what an oval drawn into it would
    have, with no model at all.

    Example: napari-cutout evaluate --model compact --data labelled-images/
    """
    from napari_cutout.evaluate.table import render
    from napari_cutout.formats.labelled import find_files

    files = find_files(data, split.value)
    evaluation = evaluate_files(load_segmenter(model, device), files, objects)
    if as_json:
        print_json(evaluation.to_json())
    else:
        results().print(render(evaluation))


def evaluate_files(
    segmenter: Segmenter, files: list[LabelledFile], objects: int = 10
) -> Evaluation:
    """Evaluate on labelled files, with a progress bar."""
    from napari_cutout.evaluate import evaluate as judge
    from napari_cutout.formats.labelled import read

    with counting() as bar:
        task = bar.add_task("evaluating", total=len(files))

        def frames() -> Iterator[LabelledFrame]:
            for file in files:
                yield from read(file)
                bar.advance(task)

        return judge(segmenter, frames(), objects=objects)
