"""The options of finding everything in one pass, from the dense maps. Used in find.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from napari_cutout.segment.automatic.option_checks import (
    check_choice,
    check_number,
    check_whole,
)
from napari_cutout.segment.automatic.windowed.tiles import Tiles

KnownObjects = Literal["leave alone", "ignore"]

_RANGES: dict[str, tuple[float, float]] = {
    "foreground": (0.05, 0.95),
    "split_depth": (0.0, 1.0),
    "smoothing": (0.0, 20.0),
    "min_score": (0.0, 1.0),
    "min_depth": (0.0, 1.0),
}

_ZOOMS = (1 / 64, 16.0)


@dataclass(frozen=True)
class InstanceOptions:
    """How objects are cut out of the dense maps, and which of them are kept.

    The defaults suit the model ``compact``; they were set on labelled nuclei, cells and axons.

    Parameters
    ----------
    foreground
        Pixels whose probability of belonging to an object is above it do, 0.05 to 0.95.
    split_depth
        Two parts are two objects where the map of distances falls between them by at least this
        much, 0 to 1. Higher: fewer cuts through one object; lower: more touching ones come apart.
    smoothing
        Standard deviation in pixels of a Gaussian that the map of distances goes through first.
    min_score
        Objects that the model is less sure of are dropped; the score is the mean foreground.
    min_depth
        Objects whose map of distances stays below it are dropped: smears and debris.
    min_area
        Objects of fewer pixels are dropped.
    fill_holes
        Whether background that an object surrounds belongs to it.
    zoom
        Pixels of the model's input for one of the frame. None: chosen by the size of the objects,
        so that small ones are looked at enlarged, and large ones from further away.
    known_objects
        What to do with pixels that carry a label already. ``"leave alone"``: they stay with it,
        and what lies mostly on them is dropped. ``"ignore"``: as if there were none.
    tiles
        How a large frame is cut.

    Raises
    ------
    OptionError
        If a value is out of its range.
    """

    foreground: float = 0.5
    split_depth: float = 0.2
    smoothing: float = 1.0
    min_score: float = 0.8
    min_depth: float = 0.3
    min_area: int = 12
    fill_holes: bool = True
    zoom: float | None = None
    known_objects: KnownObjects = "leave alone"
    tiles: Tiles = field(default_factory=Tiles)

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            check_number(name, getattr(self, name), low, high)
        if self.zoom is not None:
            check_number("zoom", self.zoom, *_ZOOMS)
        check_whole("min_area", self.min_area, 1)
        check_choice("known_objects", self.known_objects, get_args(KnownObjects))
