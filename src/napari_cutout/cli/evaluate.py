"""``napari-cutout evaluate``: how good models are on labelled images.

Its options are in evaluate_options.py, the work in evaluate_models.py, what is told of it in
evaluate_report.py.
"""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

import typer  # noqa: TC002 - typer evaluates annotations

from napari_cutout.cli.errors import InputError
from napari_cutout.cli.evaluate_models import Asked, compare, frames_of
from napari_cutout.cli.evaluate_options import (
    Automatic,
    Data,
    Images,
    Models,
    ObjectsOfAFrame,
    Out,
    Peers,
    PointsPerSide,
    PredIouThresh,
    Prompted,
    Robust,
    Seed,
    Sequence,
    Split,
    StabilityScoreThresh,
    WhichSplit,
    WorstCases,
    automatic_options,
)
from napari_cutout.cli.evaluate_report import check_out, show, write
from napari_cutout.cli.evaluate_sequence import evaluate_sequence, only_sequence
from napari_cutout.cli.loading import tell
from napari_cutout.cli.options import Device, Json  # noqa: TC001 - typer evaluates annotations

if TYPE_CHECKING:
    from napari_cutout.evaluate import Evaluation
    from napari_cutout.formats.labelled import LabelledFile
    from napari_cutout.segment import Segmenter


def evaluate(
    context: typer.Context,
    data: Data = None,
    sequence: Sequence = None,
    model: Models = None,
    peer: Peers = None,
    out: Out = None,
    split: WhichSplit = Split.all,
    objects: ObjectsOfAFrame = 10,
    automatic: Automatic = None,
    prompts: Prompted = True,
    robustness: Robust = False,
    images: Images = None,
    points_per_side: PointsPerSide = 32,
    pred_iou_thresh: PredIouThresh = None,
    stability_score_thresh: StabilityScoreThresh = None,
    worst: WorstCases = 6,
    seed: Seed = 0,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Compare models on labelled images, with simulated clicks and boxes.

    Mean IoU after 1, 2, 3, 5 and 8 clicks, each next one at the deepest point of the largest
    error; after a box, and a box and clicks. Beside the box: what an oval drawn into it would
    have, with no model at all. Then how many clicks an object takes to an IoU of 0.85, how far
    predicted IoUs are off, and what the best-scored candidate lacks to the best one.

    With --automatic also what models find without prompts, where every object of a frame counts:
    TP / (TP + FP + FN) at an IoU above 0.5, above 0.75 and on average over 0.5, 0.55, ... 0.95,
    panoptic quality, and outlines within two pixels; means over images.

    With --sequence the frames of a folder, or the slices of its volumes, are judged together:
    how well labelled objects are linked, and how well the model carries them on, beside the
    known mask copied unchanged.

    Example: napari-cutout evaluate --model compact --model my.safetensors --data labelled-images/
    """
    from napari_cutout.formats.labelled import find_files

    models = model or ([] if peer else ["compact"])
    if sequence is not None:
        only_sequence(context)
        evaluate_sequence(sequence, models[0], device, as_json)
        return
    if data is None:
        raise InputError("nothing to judge on: give --data FOLDER or --sequence FOLDER")
    if not (prompts or automatic or robustness):
        raise InputError("--no-prompts leaves nothing to judge; add --automatic or --robustness")
    thresholds = {
        "pred_iou_thresh": pred_iou_thresh,
        "stability_score_thresh": stability_score_thresh,
    }
    mode = "" if automatic is None else automatic.value
    asked = Asked(
        _at_most(images, find_files(data, split.value)),
        objects,
        prompts,
        mode,
        automatic_options(mode, points_per_side, **thresholds) if mode else None,
        robustness,
        seed,
        worst if out is not None else 0,
    )
    if out is not None:
        check_out(out)
    found = compare(models, peer or [], device, asked)
    show(found, as_json)
    if out is not None:
        for path in write(found, out, shlex.join(["napari-cutout", *sys.argv[1:]])):
            tell(f"written: {path}")


def evaluate_files(
    segmenter: Segmenter, files: list[LabelledFile], objects: int = 10
) -> Evaluation:
    """Evaluate one model on labelled files, with a progress bar."""
    from napari_cutout.evaluate import evaluate as judge

    return judge(segmenter, frames_of(files, "evaluating"), objects=objects)


def _at_most(count: int | None, files: list[LabelledFile]) -> list[LabelledFile]:
    """The first files of each folder."""
    by_folder: dict[str, list[LabelledFile]] = {}
    for file in files:
        by_folder.setdefault(file.folder, []).append(file)
    return [file for some in by_folder.values() for file in some[:count]]
