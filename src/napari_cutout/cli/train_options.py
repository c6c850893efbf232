"""What ``napari-cutout train`` takes: of fine-tuning, and of the recipe of the compact model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Out = Annotated[Path, typer.Option(metavar="FILE", help="Where the weights go: .safetensors.")]
Model = Annotated[
    str | None,
    typer.Option("--model", help="Fine-tune this: a name (see 'napari-cutout models') or a path."),
]
Images = Annotated[
    list[Path] | None,
    typer.Option(
        "--images",
        metavar="DIR",
        help="Labelled images to learn from: folders or files, OME-Zarr, COCO, SA-1B, prompt logs.",
    ),
]
Labels = Annotated[
    Path | None, typer.Option("--labels", metavar="DIR", help="Their labels, if not in --images.")
]
ValidationImages = Annotated[
    Path | None,
    typer.Option(
        "--validation-images", metavar="DIR", help="To judge on; else an eighth of --images is."
    ),
]
ValidationLabels = Annotated[
    Path | None, typer.Option("--validation-labels", metavar="DIR", help="Their labels.")
]
What = Annotated[
    str, typer.Option("--what", help="decoder, lora, all, or auto: by hardware and amount of data.")
]
Steps = Annotated[int | None, typer.Option("--steps", help="Optimiser steps at most.")]
Minutes = Annotated[
    float | None, typer.Option("--minutes", help="Stop after so long, at the best so far.")
]
LearningRate = Annotated[float | None, typer.Option("--learning-rate", help="The highest.")]
ObjectsPerStep = Annotated[int, typer.Option("--objects-per-step", help="Learned from in a step.")]
Accumulate = Annotated[
    int, typer.Option("--accumulate", help="Passes of a step; more need less memory.")
]
Rank = Annotated[int, typer.Option("--rank", help="Of the low-rank changes of --what lora.")]
Patience = Annotated[
    int,
    typer.Option("--patience", help="Validations with none better until it stops; 0: never."),
]
ValidateEvery = Annotated[
    int | None, typer.Option("--validate-every", help="Steps; a tenth of the run by default.")
]
Remember = Annotated[
    float,
    typer.Option("--remember", help="Weight of answering as before elsewhere; 0: none."),
]
Blend = Annotated[
    float,
    typer.Option("--blend", help="Share of what was learned to keep; less forgets less."),
]
Augment = Annotated[
    bool,
    typer.Option("--augment/--no-augment", help="See frames turned, scaled and relit, too."),
]
Precision = Annotated[str, typer.Option("--precision", help="auto, float32 or bfloat16.")]
Seed = Annotated[int, typer.Option("--seed", help="The same one gives the same weights.")]
Data = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="DIR...",
        help="Folders with images/ and labels/, or of such folders.",
    ),
]
More = Annotated[
    list[Path] | None, typer.Argument(metavar="[DIR]...", help="Further folders of --data.")
]
Recipe = Annotated[str, typer.Option(help="A recipe's name, or a TOML file.")]
Start = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Weights of compact to begin with."),
]
