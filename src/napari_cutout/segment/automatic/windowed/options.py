"""The options of asking a grid of points in each window of a large frame. See find.py."""

from __future__ import annotations

from dataclasses import dataclass, field

from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.segment.automatic.windowed.tiles import Tiles
from napari_cutout.segment.errors import OptionError


@dataclass(frozen=True)
class InWindows:
    """A grid of points in each window, where the frame as a whole would be shrunk too much.

    Parameters
    ----------
    grid
        What is asked in each window.
    tiles
        The windows. None: of the size of the model's input, a quarter of it shared.

    Raises
    ------
    OptionError
        If they are anything else.
    """

    grid: GridOptions = field(default_factory=GridOptions)
    tiles: Tiles | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.grid, GridOptions):
            raise OptionError(f"grid is GridOptions(...), not {self.grid!r}")
        if self.tiles is not None and not isinstance(self.tiles, Tiles):
            raise OptionError(f"tiles are Tiles(...) or None, not {self.tiles!r}")
