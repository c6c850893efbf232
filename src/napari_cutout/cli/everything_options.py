"""The options of ``napari-cutout everything`` as those of the library."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from napari_cutout.cli.errors import InputError
from napari_cutout.cli.loading import load_segmenter

if TYPE_CHECKING:
    from napari_cutout.segment import Segmenter
    from napari_cutout.segment.automatic.filters import Filters


class Mode(StrEnum):
    """How everything is found."""

    grid = "grid"
    instances = "instances"
    seeds = "seeds"


def options_asked(
    segmenter: Segmenter,
    mode: Mode | None,
    grid: dict[str, Any],
    windows: bool,
    finder: str | None,
    device: str,
) -> object:
    """The options of the way that was asked for.

    Parameters
    ----------
    segmenter
        The model.
    mode
        Left out: instances where the model can, else grid; grid, too, where its options are given.
    grid
        Options of the grid; None for those that weren't given.
    windows
        Whether the grid is laid over windows of the frame rather than over the whole.
    finder
        The model that finds seeds; left out, ``segmenter`` where it can, else ``compact``.
    device
        Where that is loaded.

    Raises
    ------
    InputError
        If options of one way are given with another, or the model can't.
    """
    from napari_cutout.segment.automatic import (
        GridOptions,
        InstanceOptions,
        InWindows,
        SeedOptions,
    )

    given = {name: value for name, value in grid.items() if value is not None}
    if mode is None:
        if finder is not None:
            mode = Mode.seeds
        else:
            is_grid = given or windows or not segmenter.can_find_instances
            mode = Mode.grid if is_grid else Mode.instances
    if windows and mode is not Mode.grid:
        raise InputError(f"--windows is for --mode grid; --mode {mode} takes windows by itself")
    if given and mode is not Mode.grid:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise InputError(f"{names}: for --mode grid, and this is --mode {mode}")
    if finder is not None and mode is not Mode.seeds:
        raise InputError(f"--finder is for --mode seeds, and this is --mode {mode}")
    match mode:
        case Mode.grid:
            return InWindows(GridOptions(**given)) if windows else GridOptions(**given)
        case Mode.instances:
            if not segmenter.can_find_instances:
                raise InputError(
                    f"{segmenter.name} can't find all objects in one pass; use --mode seeds or grid"
                )
            return InstanceOptions()
    if finder is None:
        finder = "" if segmenter.can_find_instances else "compact"
    return SeedOptions(finder=load_segmenter(finder, device) if finder else None)


def filters_asked(
    min_score: float | None, min_area: float | None, max_area: float | None
) -> Filters:
    """What is dropped of what was found.

    Raises
    ------
    OptionError
        If a value is out of its range.
    """
    from napari_cutout.segment.automatic.filters import Filters

    given: dict[str, Any] = {"min_score": min_score, "min_area": min_area, "max_area": max_area}
    return Filters(**{name: value for name, value in given.items() if value is not None})
