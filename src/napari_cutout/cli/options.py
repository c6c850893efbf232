"""What several commands take, and numbers in the shell's notation: 3,4 or 3,4,- or 1,2,30,40."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from napari_cutout.cli.errors import InputError

if TYPE_CHECKING:
    from napari_cutout.segment import Prompts
    from napari_cutout.segment.intensity import IntensityMapping

Model = Annotated[
    str, typer.Option(help="A name (see 'napari-cutout models'), owner/repo on the hub, or a path.")
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout, and no more.")]

_POLARITY = {"+": True, "-": False}


def asked_for(context: typer.Context) -> dict[str, str]:
    """The options that were given on the command line, by their names in Python.

    ``--json`` gives ``{"as_json": "--json"}``.
    """
    found = {}
    for parameter in context.command.params:
        name = str(parameter.name)
        source = context.get_parameter_source(name)
        if source is not None and not source.name.startswith("DEFAULT"):
            found[name] = parameter.opts[0]
    return found


def objects_asked(points: list[str], boxes: list[str]) -> list[Prompts]:
    """The prompts of each object.

    Points, and one box at most, are one object's; boxes alone are one object's each.

    Raises
    ------
    InputError, PromptError
        If a number isn't one, there is no prompt, or there are points and several boxes.
    """
    from napari_cutout.segment import Prompts

    if not points and not boxes:
        raise InputError("nothing was asked for: give --point ROW,COL or --box R0,C0,R1,C1")
    corners = [_numbers(text, "--box", "R0,C0,R1,C1", 4) for text in boxes]
    if not points:
        return [Prompts(box=box) for box in corners]  # type: ignore[arg-type]
    if len(boxes) > 1:
        raise InputError(
            "points and several boxes: which box do the points belong to? Give one box, "
            "and run once for each object"
        )
    places, positive = zip(*(_point(text) for text in points), strict=True)
    box = corners[0] if corners else None
    return [Prompts(points=places, positive=positive, box=box)]  # type: ignore[arg-type]


def frame_index(text: str | None) -> tuple[int, ...]:
    """The numbers of ``--frame``; none when it wasn't given.

    Raises
    ------
    InputError
        If they aren't whole numbers.
    """
    if text is None:
        return ()
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise InputError(
            f"--frame {text}: expected a whole number for each leading axis, such as 12 or 3,12"
        ) from None


def intensity_mapping(text: str) -> IntensityMapping:
    """What ``--intensity`` means.

    Raises
    ------
    InputError
        If it is neither a name nor two limits.
    """
    from napari_cutout.segment.intensity import IntensityMapping

    if "," not in text:
        if text not in ("percentile", "dtype", "none"):
            raise InputError(f"--intensity {text}: expected percentile, dtype, none or LOW,HIGH")
        return IntensityMapping(text)  # type: ignore[arg-type]
    low, high = _numbers(text, "--intensity", "LOW,HIGH", 2)
    try:
        return IntensityMapping("limits", (low, high))
    except ValueError as error:
        raise InputError(f"--intensity {text}: {error}") from None


def _point(text: str) -> tuple[list[float], bool]:
    parts = [part.strip() for part in text.split(",")]
    positive = True
    if len(parts) == 3 and parts[2] in _POLARITY:
        positive = _POLARITY[parts.pop()]
    form = "ROW,COL, with ,- behind it where the object is not"
    return _numbers(",".join(parts), "--point", form, 2, shown=text), positive


def _numbers(
    text: str, option: str, form: str, count: int, *, shown: str | None = None
) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != count:
        raise InputError(f"{option} {shown or text}: expected {form}")
    return numbers
