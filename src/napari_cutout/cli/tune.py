"""What ``napari-cutout train --model`` does: the plan first, then progress, then the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from napari_cutout.cli.errors import INTERRUPTED, InputError, one_line
from napari_cutout.cli.loading import tell
from napari_cutout.cli.output import aside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import Console

    from napari_cutout.train.tuning import TuningOptions, TuningProgress


@dataclass(frozen=True)
class Asked:
    """What is to be fine-tuned, on what.

    Parameters
    ----------
    model
        A name or a path.
    images, labels, validation_images, validation_labels
        As they were given.
    out
        Where the weights go.
    device
        Where it computes.
    validate_every
        Steps between two validations, or None.
    """

    model: str
    images: list[Path]
    labels: Path | None
    validation_images: Path | None
    validation_labels: Path | None
    out: Path
    device: str
    validate_every: int | None


def tune(asked: Asked, options: TuningOptions) -> None:
    """Fine-tune a model, and say what it came to."""
    from napari_cutout.train.data import open_data
    from napari_cutout.train.tuning import fine_tune, plan_tuning

    if asked.labels is not None and len(asked.images) != 1:
        raise InputError("--labels belong to one --images; several folders hold their own labels")
    if asked.validation_labels is not None and asked.validation_images is None:
        raise InputError("--validation-labels go with --validation-images")
    # A folder of pairs is a list of one, which holds its labels.
    only = asked.images[0] if len(asked.images) == 1 else asked.images
    data = open_data(only, asked.labels)
    validation = None
    if asked.validation_images is not None:
        validation = open_data(asked.validation_images, asked.validation_labels)
    # What can't be written is refused before anything is measured.
    steps = fine_tune(
        asked.model,
        data,
        asked.out,
        options,
        validation=validation,
        device=asked.device,
        validate_every=asked.validate_every,
    )
    plan = plan_tuning(asked.model, data, options, validation=validation, device=asked.device)
    tell(plan.sentence())
    _follow(steps, asked.out)


def _follow(steps: Iterator[TuningProgress], out: Path) -> None:
    """Show progress; Ctrl+C stops at once, and says how to go on."""
    console, last = aside(), None
    try:
        for last in steps:
            _show(console, last)
    except KeyboardInterrupt:
        # The state is saved when the iterator is closed.
        steps.close()  # type: ignore[attr-defined]
        typer.echo(_how_to_go_on(last, out), err=True)
        raise typer.Exit(INTERRUPTED) from None
    typer.echo(f"weights: {out}")
    if last is not None:
        typer.echo(one_line(last.message))


def _show(console: Console, progress: TuningProgress) -> None:
    """The progress line: rewritten in a terminal; in a log, what was judged and what was told."""
    if progress.message and progress.stage != "done":
        console.print(progress.message, soft_wrap=True)
    if not console.is_terminal and progress.validation_iou is None:
        return
    line = f"{progress.stage} {progress.step}/{progress.steps}"
    if progress.loss is not None:
        line += f"  loss {progress.loss:.3f}"
    if progress.validation_iou is not None:
        line += f"  IoU after one click {progress.validation_iou:.3f}"
    if progress.best_iou is not None:
        line += f"  best {progress.best_iou:.3f}"
    if progress.seconds_left is not None:
        line += f"  {timedelta(seconds=round(progress.seconds_left))} left"
    is_kept = progress.validation_iou is not None or not console.is_terminal
    padded = f"{line:<78}" if console.is_terminal else line
    console.print(padded, end="\n" if is_kept else "\r", soft_wrap=True)


def _how_to_go_on(last: TuningProgress | None, out: Path) -> str:
    from napari_cutout.train.tuning.files import state_path

    if last is None or not state_path(out).exists():
        return "stopped before the first step; nothing was saved yet"
    kept = f"; the best so far is {out}" if out.exists() else ""
    return (
        f"stopped at step {last.step} of {last.steps}{kept}; give the same command again to go on "
        f"from the state that was saved, {state_path(out)}"
    )
