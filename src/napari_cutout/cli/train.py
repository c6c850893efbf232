"""``napari-cutout train``: any model fine-tuned, or the recipe of the compact one; resumable.

Its options are in train_options.py, fine-tuning is in tune.py.
"""

# typer evaluates the annotations of a command when the program starts.
# ruff: noqa: TC001, TC003

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from napari_cutout.cli import train_options as given
from napari_cutout.cli.errors import INTERRUPTED, InputError
from napari_cutout.cli.evaluate import evaluate_files
from napari_cutout.cli.options import Device, asked_for
from napari_cutout.cli.output import aside, results
from napari_cutout.formats.writing import check_folder

if TYPE_CHECKING:
    from rich.console import Console

    from napari_cutout.formats.labelled import LabelledFile
    from napari_cutout.train.loop import Progress
    from napari_cutout.train.recipe import Recipe


_BOTH = {"out", "device"}
_RECIPES = {"data", "more", "recipe", "start"}


def train(
    context: typer.Context,
    out: given.Out,
    model: given.Model = None,
    images: given.Images = None,
    labels: given.Labels = None,
    validation_images: given.ValidationImages = None,
    validation_labels: given.ValidationLabels = None,
    what: given.What = "auto",
    steps: given.Steps = None,
    minutes: given.Minutes = None,
    learning_rate: given.LearningRate = None,
    objects_per_step: given.ObjectsPerStep = 16,
    accumulate: given.Accumulate = 4,
    rank: given.Rank = 8,
    patience: given.Patience = 6,
    validate_every: given.ValidateEvery = None,
    remember: given.Remember = 1.0,
    blend: given.Blend = 0.65,
    augment: given.Augment = True,
    precision: given.Precision = "auto",
    seed: given.Seed = 0,
    data: given.Data = None,
    more: given.More = None,
    recipe: given.Recipe = "compact",
    start: given.Start = None,
    device: Device = "auto",
) -> None:
    """Fine-tune a model on labelled images, or train the compact model by its recipe.

    With --model any model is fine-tuned on --images. With --data the compact model is trained by
    its recipe; then the only other options are --out, --recipe, --start and --device.

    It can be stopped at any moment, and goes on where it was when the same command is given
    again. An eighth of the images is left out, and judged on.

    Example: napari-cutout train --model compact --images DIR --labels DIR --out my.safetensors
    """
    _check(context, model)
    if model is not None:
        from napari_cutout.cli.tune import Asked, tune
        from napari_cutout.train.tuning import TuningOptions

        if not images:
            raise InputError("give the labelled images to learn from: --images DIR --labels DIR")
        options = TuningOptions(
            what=what,  # type: ignore[arg-type]
            steps=steps,
            minutes=minutes,
            learning_rate=learning_rate,
            objects_per_step=objects_per_step,
            accumulate=accumulate,
            rank=rank,
            patience=patience,
            remember=remember,
            blend=blend,
            augment=augment,
            precision=precision,  # type: ignore[arg-type]
            seed=seed,
        )
        where = validation_images, validation_labels
        tune(Asked(model, images, labels, *where, out, device, validate_every), options)
        return
    if images:
        raise InputError("--images are for fine-tuning; say what: --model compact, for example")
    if not data:
        raise InputError(
            "give what to fine-tune, --model NAME --images DIR, or the recipe's --data DIR"
        )
    _follow_recipe([*data, *(more or [])], out, recipe, start, device)


def _check(context: typer.Context, model: str | None) -> None:
    """Refuse options that would be left out."""
    for name, option in asked_for(context).items():
        if name in _BOTH or name == "model":
            continue
        if model is not None and name in _RECIPES:
            raise InputError(
                f"--model fine-tunes on --images; {option} is for training compact by its recipe"
            )
        if model is None and name not in _RECIPES and name != "images":
            raise InputError(
                f"{option} is for fine-tuning; say what: --model compact --images DIR, for example"
            )


def _follow_recipe(
    folders: list[Path], out: Path, recipe: str, start: Path | None, device: str
) -> None:
    from napari_cutout.train.recipe import load_recipe

    if out.suffix != ".safetensors":
        raise InputError(f"--out {out}: weights are written as .safetensors")
    check_folder(out)
    chosen = load_recipe(recipe)
    if start is not None and not start.exists():
        raise InputError(f"--start {start}: there is no such file")
    _run(folders, out, chosen, start, device)
    typer.echo(f"weights: {out}")
    _validate(folders, out, chosen, device)


def _run(data: list[Path], out: Path, recipe: Recipe, start: Path | None, device: str) -> None:
    from napari_cutout.sam.device import resolve_device
    from napari_cutout.train.loop import train as steps

    console, latest = aside(), 0
    try:
        where = str(resolve_device(device))
        for progress in steps(data, out, recipe, start=start, device=where):
            latest = progress.step
            _show(console, progress)
    except KeyboardInterrupt:
        typer.echo(_how_to_go_on(latest, recipe.steps, out.with_suffix(".state")), err=True)
        raise typer.Exit(INTERRUPTED) from None


def _show(console: Console, progress: Progress) -> None:
    """The progress line: rewritten in a terminal, a line each in a log."""
    left = timedelta(seconds=round((progress.steps - progress.step) * progress.seconds))
    line = (
        f"step {progress.step}/{progress.steps}  loss {progress.loss:.3f}  IoU click "
        f"{progress.click_iou:.3f} box {progress.box_iou:.3f} corrected "
        f"{progress.corrected_iou:.3f}  {progress.seconds:.2f} s a step, {left} left"
    )
    is_last = progress.step == progress.steps
    end = "\n" if is_last or not console.is_terminal else "\r"
    console.print(line, end=end, soft_wrap=True)


def _how_to_go_on(step: int, steps: int, state: Path) -> str:
    if not state.exists():
        return f"stopped at step {step} of {steps}; nothing was saved yet"
    return (
        f"stopped at step {step} of {steps}; give the same command again to go on from the last "
        f"state that was saved, {state}"
    )


def _validate(data: list[Path], out: Path, recipe: Recipe, device: str) -> None:
    from napari_cutout.evaluate.table import render
    from napari_cutout.segment import Segmenter

    files = [file for folder in data for file in _held_out(folder, recipe)]
    if not files:
        typer.echo("too few images to leave any out for validation")
        return
    results().print(render(evaluate_files(Segmenter(out, device=device), files)))


def _held_out(folder: Path, recipe: Recipe) -> list[LabelledFile]:
    from napari_cutout.formats.errors import FormatError
    from napari_cutout.formats.labelled import find_files

    try:
        return find_files(folder, "validation", recipe.exclude)
    except FormatError:
        return []
