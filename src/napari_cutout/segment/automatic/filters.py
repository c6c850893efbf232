"""Choosing among objects that were found, without the network: fast enough for a slider.

What is needed for choosing is measured once; each choice is then a comparison of columns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.automatic.overlaps import Overlaps, overlaps
from napari_cutout.segment.automatic.shapes import roundness
from napari_cutout.segment.errors import OptionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.segment.automatic.objects import Objects


@dataclass(frozen=True)
class Filters:
    """Which objects stay.

    Parameters
    ----------
    min_score
        Predicted IoU at least.
    min_stability
        Stability at least, 0 to 1.
    min_area, max_area
        Pixels at least and at most; None for any.
    min_roundness
        Roundness at least, 0 to 1; a disc has 1.
    drop_touching_border
        Drop what has a pixel on the frame's border.
    max_overlap
        The share of an object that may be covered by better ones that stay, 0 to 1. At 1 nothing
        is dropped for it.

    Raises
    ------
    OptionError
        If a value is out of its range.
    """

    min_score: float = 0.0
    min_stability: float = 0.0
    min_area: float = 0
    max_area: float | None = None
    min_roundness: float = 0.0
    drop_touching_border: bool = False
    max_overlap: float = 1.0

    def __post_init__(self) -> None:
        for name in ("min_stability", "min_roundness", "max_overlap"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise OptionError(f"{name} goes from 0 to 1, not {value!r}")
        if not math.isfinite(self.min_score):
            raise OptionError(f"min_score is a number, not {self.min_score!r}")
        if not self.min_area >= 0:
            raise OptionError(f"min_area is 0 or more, not {self.min_area!r}")
        if self.max_area is not None and not self.max_area >= self.min_area:
            raise OptionError(f"max_area={self.max_area!r} is less than min_area={self.min_area!r}")


class Measured:
    """What filters compare, one value an object.

    Parameters
    ----------
    objects
        The objects, the best first; of two, the earlier is the better one.

    Attributes
    ----------
    score, stability, roundness
        ``(N,)`` float.
    area
        ``(N,)`` int, pixels.
    touches_border
        ``(N,)`` bool, whether it has a pixel on the frame's border.
    overlaps
        Pixels that pairs of objects share.
    """

    def __init__(self, objects: Objects) -> None:
        found = objects.found
        self.score = np.array([one.score for one in found], np.float64)
        self.stability = np.array([one.stability for one in found], np.float64)
        self.area = np.array([one.area for one in found], np.int64)
        self.roundness = np.array([roundness(one.decode()) for one in found], np.float64)
        boxes = np.array([one.box for one in found], np.int64).reshape(-1, 4)
        last = np.array(objects.shape) - 1
        self.touches_border: NDArray[np.bool_] = (self.area > 0) & (
            (boxes[:, :2] <= 0).any(axis=1) | (boxes[:, 2:] >= last).any(axis=1)
        )
        self.overlaps: Overlaps = overlaps(found)

    def __len__(self) -> int:
        return len(self.score)

    def passing(self, filters: Filters) -> NDArray[np.bool_]:
        """Which objects stay, ``(N,)`` bool. O(objects and pairs that overlap)."""
        stays = (
            (self.score >= filters.min_score)
            & (self.stability >= filters.min_stability)
            & (self.area >= filters.min_area)
            & (self.roundness >= filters.min_roundness)
        )
        if filters.max_area is not None:
            stays &= self.area <= filters.max_area
        if filters.drop_touching_border:
            stays &= ~self.touches_border
        if filters.max_overlap < 1:
            stays = self.overlaps.without_covered(stays, self.area, filters.max_overlap)
        return np.asarray(stays, bool)
