"""How an object was found, as JSON."""

from __future__ import annotations

import math

import numpy as np
import pytest

from exact_family import exact_segmenter
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.logs.found import Found, found_from_json, found_to_json, plain_options
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.segment.automatic.seeds.options import SeedOptions
from napari_cutout.segment.windows import Window


def test_options_become_numbers_and_lists():
    grid = np.array([[0.5, 0.25]])
    plain = plain_options(GridOptions(points_per_side=None, point_grids=[grid]))
    assert plain["point_grids"] == [[[0.5, 0.25]]]
    assert plain["pred_iou_thresh"] == 0.88


def test_a_model_among_options_is_named():
    finder = exact_segmenter()
    plain = plain_options(SeedOptions(finder=finder))
    assert plain["finder"] == {"model": "exact", "fingerprint": "exact"}
    assert plain["instances"]["foreground"] == 0.5


@pytest.mark.parametrize("options", [{"a": object()}, {"a": math.inf}, 3])
def test_what_json_does_not_hold_is_refused(options):
    with pytest.raises(FormatError):
        plain_options(options)


def test_it_comes_back():
    found = Found("seeds", {"a": [1, 2.5], "b": None}, 0.5, Window(1, 2, 3, 4))
    assert found_from_json(found_to_json(found)) == found


@pytest.mark.parametrize(
    "value", [{}, {"mode": 3, "options": {}}, {"mode": "a", "options": {}, "window": [1]}]
)
def test_anything_else_is_refused(value):
    with pytest.raises(FormatError):
        found_from_json(value)
