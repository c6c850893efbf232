"""What ``napari-cutout evaluate`` takes, and the ways of finding everything as the library's."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from napari_cutout.cli.errors import InputError


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


Data = Annotated[
    Path | None,
    typer.Option(help="A folder with images/ and labels/, or a folder of such folders."),
]
Sequence = Annotated[
    Path | None,
    typer.Option(
        help="Instead of --data, with --model, --device and --json alone: such a folder whose ids "
        "go on from frame to frame."
    ),
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        help="A name (see 'napari-cutout models'), owner/repo on the hub, or a path; may be "
        "repeated. Default: compact.",
    ),
]
Peers = Annotated[
    list[str] | None,
    typer.Option(
        "--peer",
        metavar="NAME[:MODEL]",
        help="A model of another package that is installed: micro-sam, cellpose or stardist; may "
        "be repeated.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Write results.json, report.md and picture.svg there; made if need be."
    ),
]
WhichSplit = Annotated[
    Split,
    typer.Option(help="validation: the eighth that training leaves out; train: the rest."),
]
ObjectsOfAFrame = Annotated[int, typer.Option(min=1, help="At most so many of a frame.")]
Automatic = Annotated[
    Mode | None,
    typer.Option(help="Judge also what models find by themselves, in this way, without prompts."),
]
Prompted = Annotated[
    bool, typer.Option("--prompts/--no-prompts", help="Judge clicks and boxes, or leave them out.")
]
Robust = Annotated[
    bool,
    typer.Option(
        "--robustness",
        help="Judge also on changed frames: scale, inversion, gamma, noise, blur, bits, colours.",
    ),
]
Images = Annotated[int | None, typer.Option(min=1, help="At most so many images of a folder.")]
PointsPerSide = Annotated[
    int, typer.Option(min=1, help="With --automatic grid: points along each side.")
]
PredIouThresh = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="With grid and seeds: the lowest predicted IoU."),
]
StabilityScoreThresh = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="With grid and seeds: the lowest stability."),
]
Seed = Annotated[
    int, typer.Option(min=0, help="For the choice of objects, changes of frames, and intervals.")
]
WorstCases = Annotated[
    int, typer.Option(min=0, help="How many of each model's worst cases the picture shows.")
]


def automatic_options(mode: str, points_per_side: int = 32, **thresholds: float | None) -> object:
    """The options of a mode.

    Parameters
    ----------
    mode
        Its name.
    points_per_side
        Of the grid.
    thresholds
        By the names of the library's options; None for those that weren't given.

    Raises
    ------
    InputError
        If the mode has no such threshold.
    """
    from napari_cutout.segment.automatic.grid.options import GridOptions
    from napari_cutout.segment.automatic.instances.options import InstanceOptions
    from napari_cutout.segment.automatic.seeds.options import SeedOptions

    given = {name: value for name, value in thresholds.items() if value is not None}
    if mode == "grid":
        return GridOptions(points_per_side=points_per_side, **given)  # type: ignore[arg-type]
    if mode == "seeds":
        return SeedOptions(**given)  # type: ignore[arg-type]
    if given:
        names = " and ".join(f"--{name.replace('_', '-')}" for name in given)
        raise InputError(f"{names} goes with --automatic grid or seeds, not with {mode}")
    return InstanceOptions()
