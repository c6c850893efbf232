"""Run-length encoded masks between their frame and their box."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cutout.formats.objects.frame_masks import EMPTY, boxed, cropped, of_runs
from napari_cutout.segment.automatic.placing import placed
from napari_cutout.segment.errors import MaskError
from napari_cutout.segment.rle import Rle

FRAMES = hnp.arrays(
    bool, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9), elements=st.booleans()
)


@given(FRAMES)
def test_cropping_runs_is_cropping_pixels(frame):
    assert cropped(Rle.encode(frame)) == boxed(frame)


@given(FRAMES)
def test_placing_what_was_cropped_gives_the_frame(frame):
    mask, origin = cropped(Rle.encode(frame))

    assert placed(mask, origin, frame.shape) == Rle.encode(frame)


@given(FRAMES)
def test_a_box_touches_its_mask_on_all_sides(frame):
    mask, (row, col) = boxed(frame)
    inside = mask.decode()

    assert (frame[row : row + mask.size[0], col : col + mask.size[1]] == inside).all()
    assert np.count_nonzero(frame) == mask.area
    if mask.area:
        assert all(side.any() for side in (inside[0], inside[-1], inside[:, 0], inside[:, -1]))


def test_nothing_is_at_the_first_pixel():
    assert boxed(np.zeros((3, 4), bool)) == (EMPTY, (0, 0))
    assert cropped(Rle((3, 4), Rle.encode(np.zeros((3, 4), bool)).counts)) == (EMPTY, (0, 0))


@given(FRAMES)
def test_runs_make_the_mask(frame):
    mask = Rle.encode(frame)

    assert of_runs(frame.shape, mask.runs().tolist()) == mask


def test_a_large_frame_costs_its_runs():
    mask, origin = np.ones((3, 2), bool), (40_000, 50_000)
    whole = placed(Rle.encode(mask), origin, (60_000, 60_000))

    assert cropped(whole) == (Rle.encode(mask), origin)


@pytest.mark.parametrize("runs", [[3], [13], [-1, 13], []])
def test_runs_that_do_not_fill_the_mask_are_refused(runs):
    with pytest.raises(MaskError, match="add up to 12"):
        of_runs((3, 4), runs)
