"""The options of finding everything with a grid of points: SAM's automatic mask generation.

The names and defaults are those that people know from Segment Anything. How they are used is in
find.py and its neighbours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from napari_cutout.segment.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import ArrayLike, NDArray

KnownObjects = Literal["leave alone", "ignore"]

_SHARES = (
    "box_nms_thresh",
    "crop_nms_thresh",
    "crop_overlap_ratio",
)


@dataclass(frozen=True, eq=False)
class GridOptions:
    """How a frame is asked with a grid of points, and which answers are kept.

    Parameters
    ----------
    points_per_side
        Points along each side of the frame; None where ``point_grids`` gives them.
    points_per_batch
        Points between two reports of progress. How many are decoded at once follows from the
        model and the device, and changes nothing in the answer.
    pred_iou_thresh
        Masks whose predicted IoU is above it are kept.
    stability_score_thresh
        Masks whose stability is at least this are kept.
    stability_score_offset
        How far the two thresholds of the logits, whose masks are compared for the stability, lie
        above and below ``mask_threshold``.
    mask_threshold
        Logits above it belong to the mask.
    box_nms_thresh
        Of two masks of one crop whose boxes' IoU is above it, the one with the higher score stays.
    crop_n_layers
        How often the frame is cut further: layer ``i`` has ``4 ** i`` crops, each looked at as a
        frame of its own.
    crop_nms_thresh
        As ``box_nms_thresh``, for masks of different crops; that of the smaller crop stays.
    crop_overlap_ratio
        Share of the frame's shorter side that crops of the first layer overlap by.
    crop_n_points_downscale_factor
        Crops of layer ``i`` have ``points_per_side`` divided by its ``i``-th power.
    point_grids
        Own points, one array ``(N, 2)`` for each layer of crops, ``crop_n_layers + 1`` in all:
        (row, col) as shares of the crop, 0 to 1. Points of SAM are (x, y): swap them.
    min_mask_region_area
        Holes, and pieces apart, with fewer pixels are filled or removed; 0 leaves all as it is.
    adaptive
        Leave out points on ground that accepted masks cover: faster, and some small objects that
        lie on larger ones aren't found. Not what the reference does.
    known_objects
        What to do with pixels that carry a label already. ``"leave alone"``: points on them aren't
        asked, and what lies mostly on them is dropped. ``"ignore"``: as if there were none.

    Raises
    ------
    OptionError
        If a value is out of its range, or both or none of ``points_per_side`` and ``point_grids``
        are given.
    """

    points_per_side: int | None = 32
    points_per_batch: int = 64
    pred_iou_thresh: float = 0.88
    stability_score_thresh: float = 0.95
    stability_score_offset: float = 1.0
    mask_threshold: float = 0.0
    box_nms_thresh: float = 0.7
    crop_n_layers: int = 0
    crop_nms_thresh: float = 0.7
    crop_overlap_ratio: float = 512 / 1500
    crop_n_points_downscale_factor: int = 1
    point_grids: Sequence[ArrayLike] | None = None
    min_mask_region_area: int = 0
    adaptive: bool = False
    known_objects: KnownObjects = "leave alone"

    def __post_init__(self) -> None:
        self._check_numbers()
        if (self.points_per_side is None) == (self.point_grids is None):
            raise OptionError(
                "give points_per_side or point_grids, not both and not neither; "
                "with point_grids, points_per_side is None"
            )
        if self.point_grids is not None:
            grids = tuple(_own_grid(grid) for grid in self.point_grids)
            if len(grids) != self.crop_n_layers + 1:
                raise OptionError(
                    f"point_grids has {len(grids)} arrays for crop_n_layers={self.crop_n_layers}; "
                    f"give one for the frame and one for each layer, {self.crop_n_layers + 1}"
                )
            object.__setattr__(self, "point_grids", grids)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GridOptions):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def grid(self, layer: int) -> NDArray[np.float64]:
        """Points of a layer ``(N, 2)``, (row, col) as shares of a crop, along the rows first."""
        if self.point_grids is not None:
            return np.asarray(self.point_grids[layer], np.float64)
        assert self.points_per_side is not None, "checked when made"
        count = int(self.points_per_side / self.crop_n_points_downscale_factor**layer)
        # linspace() rounds as the reference does.
        along = np.linspace(0.5 / count, 1 - 0.5 / count, count) if count else np.zeros(0)
        rows, cols = np.meshgrid(along, along, indexing="ij")
        return np.stack([rows.ravel(), cols.ravel()], axis=1)

    def _check_numbers(self) -> None:
        for name, least in _WHOLE.items():
            value = getattr(self, name)
            if value is None and name == "points_per_side":
                continue
            is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
            if not is_whole or value < least:
                raise OptionError(f"{name} is a whole number from {least} on, not {value!r}")
        for name in _FINITE:
            value = getattr(self, name)
            if not (_is_number(value) and math.isfinite(value)):
                raise OptionError(f"{name} is a number, not {value!r}")
        for name in _SHARES:
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise OptionError(f"{name} goes from 0 to 1, not {value!r}")
        if self.stability_score_offset < 0:
            raise OptionError(
                f"stability_score_offset is 0 or more, not {self.stability_score_offset!r}"
            )
        if self.known_objects not in get_args(KnownObjects):
            raise OptionError(
                f"known_objects is one of {get_args(KnownObjects)}, not {self.known_objects!r}"
            )

    def _values(self) -> tuple[Any, ...]:
        values = [getattr(self, field.name) for field in fields(self)]
        return tuple(
            tuple((array.shape, array.tobytes()) for array in value)
            if isinstance(value, tuple)
            else value
            for value in values
        )


_WHOLE = {
    "points_per_side": 1,
    "points_per_batch": 1,
    "crop_n_layers": 0,
    "crop_n_points_downscale_factor": 1,
    "min_mask_region_area": 0,
}

_FINITE = (
    "pred_iou_thresh",
    "stability_score_thresh",
    "stability_score_offset",
    "mask_threshold",
    *_SHARES,
)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def _own_grid(points: ArrayLike) -> NDArray[np.float64]:
    grid = np.array(points, np.float64)
    if grid.ndim != 2 or grid.shape[1] != 2:
        raise OptionError(f"a grid of points is (N, 2), (row, col), not {grid.shape}")
    if not (np.isfinite(grid).all() and (grid >= 0).all() and (grid <= 1).all()):
        raise OptionError("the points of a grid are shares of a crop's sides, each from 0 to 1")
    grid.flags.writeable = False
    return grid
