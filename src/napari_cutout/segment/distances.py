"""Maps of each pixel's place in its object, as micro-sam's instance decoder makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.segment.dense import blend

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from napari_cutout.sam.family import DistanceMaps
    from napari_cutout.segment.grid import Grid
    from napari_cutout.segment.windows import Window


@dataclass(frozen=True, eq=False)
class FrameDistances:
    """Per-pixel maps of a frame, or of a window of it; each ``(rows, cols)`` float32, 0 to 1.

    Parameters
    ----------
    foreground
        The probability that the pixel belongs to an object.
    centre
        The distance to the centre of its object, 0 there.
    boundary
        1 at the edge of its object and outside, falling to 0 where it is deepest.
    window
        The piece of the frame that they cover.
    """

    foreground: NDArray[np.float32]
    centre: NDArray[np.float32]
    boundary: NDArray[np.float32]
    window: Window


def blend_distances(pieces: Iterable[tuple[Grid, DistanceMaps]], window: Window) -> FrameDistances:
    """Put the maps of windows together, see :func:`.blend`."""
    layers = blend(
        (
            (grid, [one.cpu().numpy() for one in (maps.foreground, maps.centre, maps.boundary)])
            for grid, maps in pieces
        ),
        3,
        window,
    )
    return FrameDistances(layers[0], layers[1], layers[2], window)
