"""Which points of a grid are asked, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.grid.crop_windows import CropWindow
    from napari_cutout.segment.automatic.grid.options import GridOptions
    from napari_cutout.segment.automatic.ground import Ground
    from napari_cutout.segment.windows import Window

# A mask that holds more of the grid's points may have objects on it that are worth looking for.
_FEW = 16

_COARSEST = 4


def points_of(crop: CropWindow, options: GridOptions, ground: Ground) -> NDArray[np.float64]:
    """Points ``(N, 2)``, (row, col) in the frame, that are asked of a crop.

    Those of the grid that lie where objects are looked for, and not on known ones that are to be
    left alone. Coarse to fine for adaptive asking, else row by row.
    """
    window = crop.window
    grid = options.grid(crop.layer)
    # As in the reference, a share of the side counts from the first pixel's centre.
    points = grid * [window.rows, window.cols] + [window.row, window.col]
    if options.adaptive:
        points = points[coarse_to_fine(points)]
    asked = ground.holds(points)
    if options.known_objects == "leave alone":
        asked &= ~ground.is_known(points)
    return np.asarray(points[asked], np.float64)


def coarse_to_fine(points: NDArray[np.float64]) -> NDArray[np.intp]:
    """The order in which each fourth point along rows and columns comes first, then each second."""
    finest = np.full(len(points), _COARSEST)
    for axis in (0, 1):
        rank = np.unique(points[:, axis], return_inverse=True)[1]
        finest = np.minimum(finest, np.gcd(rank, _COARSEST))
    return np.argsort(-finest, kind="stable")


class Covered:
    """Points that needn't be asked, because an object that was found holds them already.

    Parameters
    ----------
    points
        ``(N, 2)`` of a crop, in the frame.
    """

    def __init__(self, points: NDArray[np.float64]) -> None:
        self._pixels = np.rint(points).astype(np.intp)
        self.is_covered = np.zeros(len(points), bool)

    def add(self, mask: NDArray[np.bool_], box: Window) -> None:
        """Take an object: its mask ``(h, w)`` bool in a box of the frame."""
        place = self._pixels - [box.row, box.col]
        inside = ((place >= 0) & (place < mask.shape)).all(axis=1)
        held = np.flatnonzero(inside)
        held = held[mask[tuple(place[held].T)]]
        if len(held) <= _FEW:
            self.is_covered[held] = True
