"""The options of the grid: their defaults, what they refuse, and the points they stand for."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cutout.segment.automatic.grid.crop_windows import crop_windows
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.segment.errors import OptionError
from napari_cutout.segment.windows import Window
from reference_grid import Settings, crop_boxes


@pytest.mark.parametrize(
    "given",
    [
        {"points_per_side": 0},
        {"points_per_side": 2.5},
        {"points_per_side": True},
        {"points_per_side": None},
        {"point_grids": [[(0.5, 0.5)]]},
        {"points_per_side": None, "point_grids": [[(0.5, 1.5)]]},
        {"points_per_side": None, "point_grids": [[0.5, 0.5]]},
        {"points_per_side": None, "point_grids": [[(0.5, 0.5)]], "crop_n_layers": 1},
        {"points_per_batch": 0},
        {"pred_iou_thresh": float("nan")},
        {"stability_score_thresh": "0.9"},
        {"stability_score_offset": -1},
        {"box_nms_thresh": 1.1},
        {"crop_nms_thresh": -0.1},
        {"crop_overlap_ratio": 2},
        {"crop_n_layers": -1},
        {"crop_n_points_downscale_factor": 0},
        {"min_mask_region_area": -1},
        {"known_objects": "forget"},
    ],
)
def test_values_out_of_range_are_refused_by_name(given):
    with pytest.raises(OptionError, match=next(reversed(given)).split("_")[0]):
        GridOptions(**given)


def test_the_grid_has_its_points_in_the_middle_of_cells():
    points = GridOptions(points_per_side=2).grid(0)

    assert points.tolist() == [[0.25, 0.25], [0.25, 0.75], [0.75, 0.25], [0.75, 0.75]]


def test_crops_have_fewer_points():
    options = GridOptions(8, crop_n_layers=2, crop_n_points_downscale_factor=2)

    assert [len(options.grid(layer)) for layer in range(3)] == [64, 16, 4]


def test_own_points_are_copied():
    points = np.array([[0.5, 0.25]])
    options = GridOptions(None, point_grids=[points])
    points[:] = 0

    assert options.grid(0).tolist() == [[0.5, 0.25]]


def test_equal_options_are_equal():
    made = [GridOptions(None, point_grids=[[(0.5, x)]]) for x in (0.5, 0.5, 0.6)]

    assert made[0] == made[1]
    assert hash(made[0]) == hash(made[1])
    assert made[0] != made[2]


@pytest.mark.parametrize("shape", [(520, 696), (1024, 1024), (37, 401)])
@pytest.mark.parametrize("ratio", [0, 512 / 1500, 0.7])
def test_crops_are_the_reference_ones(shape, ratio):
    found = crop_windows(Window(0, 0, *shape), 2, ratio)

    boxes, layers = crop_boxes(shape, Settings(crop_n_layers=2, crop_overlap_ratio=ratio))
    assert [crop.layer for crop in found] == layers
    windows = [crop.window for crop in found]
    assert [[w.col, w.row, w.col + w.cols, w.row + w.rows] for w in windows] == boxes
