"""A grid of points in each window of a large frame."""

import numpy as np
import pytest

from exact_family import ExactFamily
from flat_family import masks_of, painted
from napari_cutout.segment import Segmenter
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.segment.automatic.windowed.options import InWindows
from napari_cutout.segment.automatic.windowed.tiles import Tiles
from napari_cutout.segment.errors import OptionError

GRID = GridOptions(points_per_side=12, pred_iou_thresh=0.7, stability_score_thresh=0.0)
"""Only the regions that were clicked on pass: those grown and all that is bright score less."""


def _exact(input_size):
    family = ExactFamily(input_size)
    segmenter = Segmenter.from_family(family, "exact")
    segmenter.family = family
    return segmenter


def _frame():
    frame = np.zeros((128, 160), bool)
    frame[10:40, 12:50] = frame[60:95, 20:52] = frame[50:84, 100:130] = True
    frame[100:118, 60:150] = True
    return frame


def test_objects_that_windows_cut_are_whole():
    frame = painted(_frame())
    found = _exact(96).everything(frame, InWindows(GRID, Tiles(96, 40)))
    assert masks_of(found) == masks_of(_exact(256).everything(frame, GRID))
    assert len(found) == 4


def test_windows_have_the_size_of_the_model_s_input():
    segmenter = _exact(64)
    segmenter.everything(painted(_frame()), InWindows(GRID))
    assert set(segmenter.family.encoded) == {(64, 64)}


@pytest.mark.parametrize("wrong", [{"grid": 32}, {"tiles": 512}])
def test_what_is_no_option_is_refused(wrong):
    with pytest.raises(OptionError, match=next(iter(wrong))):
        InWindows(**wrong)
