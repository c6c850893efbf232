"""The ways to find everything, their options, and which of them a model can go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

from napari_cutout.segment.automatic.grid import options as grid_options
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.segment.automatic.instances import options as instance_options
from napari_cutout.segment.automatic.instances.options import InstanceOptions
from napari_cutout.segment.automatic.seeds import options as seed_options
from napari_cutout.segment.automatic.seeds.options import SeedOptions

if TYPE_CHECKING:
    from napari_cutout.layers.session import Session

Mode = Literal["instances", "seeds", "grid"]
"""``"instances"``: one pass of a model that has a decoder for it; ``"seeds"``: that of the model
``"compact"`` finds where objects are, and the session's model cuts them out; ``"grid"``: SAM's
automatic masks, from a grid of points."""

MODES: tuple[Mode, ...] = get_args(Mode)

_OPTIONS: dict[Mode, type[Any]] = {
    "instances": InstanceOptions,
    "seeds": SeedOptions,
    "grid": GridOptions,
}

_KNOWN: dict[Mode, tuple[str, ...]] = {
    "instances": get_args(instance_options.KnownObjects),
    "seeds": get_args(seed_options.KnownSeeds),
    "grid": get_args(grid_options.KnownObjects),
}


def check_mode(mode: str) -> Mode:
    """The mode, if it is one.

    Raises
    ------
    ValueError
        If it isn't.
    """
    for known in MODES:
        if mode == known:
            return known
    raise ValueError(f"everything is found by one of {MODES}, not by {mode!r}")


def default_options(mode: Mode) -> Any:
    """The options of a mode before anybody chose others.

    The thresholds of the grid are lower than SAM's, as the filters come after them.
    """
    if mode == "grid":
        return GridOptions(pred_iou_thresh=0.5, stability_score_thresh=0.5)
    return _OPTIONS[mode]()


def known_words(mode: Mode) -> tuple[str, ...]:
    """What a mode can do about objects that are labelled already."""
    return _KNOWN[mode]


def why_not(mode: Mode, session: Session) -> str:
    """Why the model of a session can't go a way; empty where it can, or isn't loaded yet."""
    segmenter = session.segmenter
    if mode != "instances" or segmenter is None or segmenter.can_find_instances:
        return ""
    return (
        f"The model {segmenter.name} has no decoder that finds all instances in one pass; use "
        "'compact', or another mode."
    )


def usual_mode(session: Session) -> Mode:
    """The way that suits the model of a session."""
    segmenter = session.segmenter
    if segmenter is None:
        return "instances" if session.model == "compact" else "grid"
    return "instances" if segmenter.can_find_instances else "grid"
