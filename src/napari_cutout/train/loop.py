"""The training of the compact model: seeded, and resumable after being killed at any moment.

What a step does, and what is saved of it, is in training_run.py.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from napari_cutout.formats.labelled import find_files, read
from napari_cutout.sam.compact.config import CompactConfig
from napari_cutout.sam.compact.loading import save_compact
from napari_cutout.train.batches import batches
from napari_cutout.train.crops import CropSampler, prepare
from napari_cutout.train.training_run import TrainingRun

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from napari_cutout.train.recipe import Recipe


@dataclass(frozen=True)
class Progress:
    """Where a run is.

    Parameters
    ----------
    step, steps
        Done, and in all.
    loss
        Mean since the last progress.
    first_iou, click_iou, box_iou, corrected_iou
        Mean IoU in training after the first prompt, the same for clicks and for boxes alone, and
        after one correction.
    seconds
        A step took on average since the last progress.
    """

    step: int
    steps: int
    loss: float
    first_iou: float
    click_iou: float
    box_iou: float
    corrected_iou: float
    seconds: float


def train(
    data: Sequence[Path],
    out: Path,
    recipe: Recipe,
    *,
    start: Path | None = None,
    device: str = "cpu",
    report_every: int = 20,
    save_seconds: float = 120.0,
) -> Iterator[Progress]:
    """Train the compact model and write its weights.

    A run that was interrupted goes on from ``out`` + ``.state`` when it is started again with
    the same recipe and data; when the run is done the state is kept beside the weights.

    Parameters
    ----------
    data
        Folders with ``images/`` and ``labels/``, or folders of such folders; only their training
        split is used.
    out
        Where the weights go, a ``.safetensors`` file.
    recipe
        What to do.
    start
        Weights of the compact model to begin with; random ones by default.
    device
        ``"cpu"`` or ``"cuda"``.
    report_every
        Steps between two progress values.
    save_seconds
        Time between two saved states.

    Yields
    ------
    Progress

    Raises
    ------
    RecipeError
        If a saved state belongs to another recipe or start.
    WeightsError
        If ``start`` isn't a compact model of the recipe's sizes.
    FormatError
        If a folder holds no labelled image.
    """
    run = TrainingRun(recipe, out, device, start)
    sampler = CropSampler(_sources(data, recipe), recipe)
    saved = time.monotonic()
    sums: list[list[float]] = []
    started = time.monotonic()
    for step, batch in batches(sampler, recipe, run.step):
        sums.append(run.advance(batch))
        if time.monotonic() - saved > save_seconds:
            run.save()
            saved = time.monotonic()
        if (step + 1) % report_every == 0 or step + 1 == recipe.steps:
            means = torch.tensor(sums).nanmean(dim=0).tolist()
            seconds = (time.monotonic() - started) / len(sums)
            loss, first, click, box, corrected = means
            yield Progress(step + 1, recipe.steps, loss, first, click, box, corrected, seconds)
            sums, started = [], time.monotonic()
    run.save()
    save_compact(run.averaged, run.config, out)


def export(state: Path, out: Path) -> None:
    """Write the averaged weights of a saved state as they are now."""
    saved = torch.load(state, map_location="cpu", weights_only=True)
    save_compact(saved["averaged"], CompactConfig.from_json(saved["config"]), out)


def _sources(data: Sequence[Path], recipe: Recipe) -> list[Any]:
    frames = (
        frame
        for folder in data
        for file in find_files(folder, "train", recipe.exclude)
        for frame in read(file)
    )
    return [source for frame in frames if (source := prepare(frame)) is not None]
