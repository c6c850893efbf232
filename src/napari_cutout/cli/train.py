"""``napari-cutout train``: the training of the compact model, resumable."""

# typer evaluates the annotations of a command when the program starts.
# ruff: noqa: TC001, TC003

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_cutout.cli.errors import INTERRUPTED, InputError
from napari_cutout.cli.evaluate import evaluate_files
from napari_cutout.cli.options import Device
from napari_cutout.cli.output import aside, results
from napari_cutout.formats.writing import check_folder

if TYPE_CHECKING:
    from rich.console import Console

    from napari_cutout.formats.labelled import LabelledFile
    from napari_cutout.train.loop import Progress
    from napari_cutout.train.recipe import Recipe


def train(
    data: Annotated[
        list[Path],
        typer.Option(
            metavar="DIR...", help="Folders with images/ and labels/, or of such folders."
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the weights go: .safetensors.")],
    more: Annotated[
        list[Path] | None, typer.Argument(metavar="[DIR]...", help="Further folders of data.")
    ] = None,
    recipe: Annotated[str, typer.Option(help="A recipe's name, or a TOML file.")] = "compact",
    start: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Weights of compact to begin with.")
    ] = None,
    device: Device = "auto",
) -> None:
    """Train the compact model, from scratch or from weights that it has.

    It can be stopped at any moment, and goes on where it was when the same command is given
    again. Of every folder an eighth is left out, and judged on in the end.

    Example: napari-cutout train --recipe compact --data DIR --out my.safetensors
    """
    from napari_cutout.train.recipe import load_recipe

    if out.suffix != ".safetensors":
        raise InputError(f"--out {out}: weights are written as .safetensors")
    check_folder(out)
    folders = [*data, *(more or [])]
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
