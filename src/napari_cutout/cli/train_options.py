"""What ``napari-cutout train`` takes: of fine-tuning, and of the recipe of the compact model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

_TUNE, _RECIPE = "Fine-tuning (with --model)", "The compact model's recipe (with --data)"


def _tuning(name: str, *, help: str, metavar: str | None = None) -> Any:
    return typer.Option(name, help=help, metavar=metavar, rich_help_panel=_TUNE)


Out = Annotated[Path, typer.Option(metavar="FILE", help="Where the weights go: .safetensors.")]
Model = Annotated[
    str | None,
    _tuning("--model", help="Fine-tune this: a name (see 'napari-cutout models') or a path."),
]
Images = Annotated[
    list[Path] | None,
    _tuning(
        "--images",
        metavar="DIR",
        help="Labelled images to learn from: folders or files, OME-Zarr, COCO, SA-1B, prompt logs.",
    ),
]
Labels = Annotated[
    Path | None, _tuning("--labels", metavar="DIR", help="Their labels, if not in --images.")
]
ValidationImages = Annotated[
    Path | None,
    _tuning(
        "--validation-images", metavar="DIR", help="To judge on; else an eighth of --images is."
    ),
]
ValidationLabels = Annotated[
    Path | None, _tuning("--validation-labels", metavar="DIR", help="Their labels.")
]
What = Annotated[
    str, _tuning("--what", help="decoder, lora, all, or auto: by hardware and amount of data.")
]
Steps = Annotated[int | None, _tuning("--steps", help="Optimiser steps at most.")]
Minutes = Annotated[
    float | None, _tuning("--minutes", help="Stop after so long, at the best so far.")
]
LearningRate = Annotated[float | None, _tuning("--learning-rate", help="The highest.")]
ObjectsPerStep = Annotated[int, _tuning("--objects-per-step", help="Learned from in a step.")]
Accumulate = Annotated[
    int, _tuning("--accumulate", help="Passes of a step; more need less memory.")
]
Rank = Annotated[int, _tuning("--rank", help="Of the low-rank changes of --what lora.")]
Patience = Annotated[
    int, _tuning("--patience", help="Validations without a better one before it stops; 0: never.")
]
ValidateEvery = Annotated[
    int | None, _tuning("--validate-every", help="Steps; a tenth of the run by default.")
]
Remember = Annotated[
    float, _tuning("--remember", help="Weight of answering as before on other images; 0: none.")
]
Blend = Annotated[
    float, _tuning("--blend", help="Share of what was learned that is kept; less forgets less.")
]
Augment = Annotated[
    bool, _tuning("--augment/--no-augment", help="See frames turned, scaled and relit as well.")
]
Precision = Annotated[str, _tuning("--precision", help="auto, float32 or bfloat16.")]
Seed = Annotated[int, _tuning("--seed", help="The same one gives the same weights.")]
Data = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="DIR...",
        help="Folders with images/ and labels/, or of such folders.",
        rich_help_panel=_RECIPE,
    ),
]
More = Annotated[
    list[Path] | None, typer.Argument(metavar="[DIR]...", help="Further folders of --data.")
]
Recipe = Annotated[
    str, typer.Option(help="A recipe's name, or a TOML file.", rich_help_panel=_RECIPE)
]
Start = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Weights of compact to begin with.", rich_help_panel=_RECIPE),
]
