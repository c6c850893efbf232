"""Drawn prompts in the library's words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.annotate import PromptMask, PromptShape, PromptState, as_prompts
from napari_cutout.annotate.asking import SCRIBBLE_POINTS, along
from napari_cutout.segment import LowResLogits, PromptError
from napari_cutout.segment.windows import Window

INDEX, SHAPE = (None, None), (40, 50)
EMPTY = PromptState.empty(2)


def corners(row0, col0, row1, col1):
    return np.array([[row0, col0], [row0, col1], [row1, col1], [row1, col0]], float)


def whole(asked):
    """The mask of the whole frame."""
    frame = np.zeros(SHAPE, bool)
    row, col = asked.mask_origin
    frame[row : row + asked.mask.shape[0], col : col + asked.mask.shape[1]] = asked.mask
    return frame


def test_an_ellipse_is_a_box_and_a_mask():
    drawn = PromptShape("ellipse", corners(10, 10, 20, 30))
    asked = as_prompts(EMPTY.with_shape(drawn), INDEX, SHAPE)
    np.testing.assert_array_equal(asked.box, [10, 10, 20, 30])
    rows, cols = np.mgrid[: SHAPE[0], : SHAPE[1]]
    expected = ((rows - 15) / 5) ** 2 + ((cols - 20) / 10) ** 2 <= 1
    np.testing.assert_array_equal(whole(asked), expected)


def test_a_polygon_is_the_pixels_inside_of_it():
    drawn = PromptShape("polygon", np.array([[9.5, 9.5], [9.5, 14.5], [12.5, 14.5], [12.5, 9.5]]))
    asked = as_prompts(EMPTY.with_shape(drawn), INDEX, SHAPE)
    expected = np.zeros(SHAPE, bool)
    expected[10:13, 10:15] = True
    np.testing.assert_array_equal(whole(asked), expected)


def test_a_shape_that_reaches_out_of_the_frame_is_cut_off():
    drawn = PromptShape("ellipse", corners(-10, -10, 10, 10))
    asked = as_prompts(EMPTY.with_shape(drawn), INDEX, SHAPE)
    assert whole(asked)[0, 0]
    assert 0 < asked.mask.sum() < 200


def test_an_outline_without_a_pixel_is_refused():
    drawn = PromptShape("polygon", np.array([[5.1, 5.1], [5.2, 5.9], [5.9, 5.2]]))
    with pytest.raises(PromptError, match="holds no pixel"):
        as_prompts(EMPTY.with_shape(drawn), INDEX, SHAPE)


def test_a_scribble_is_points_along_it_with_its_polarity():
    drawn = PromptShape("scribble", np.array([[5, 5], [5, 45]], float), positive=False)
    asked = as_prompts(EMPTY.with_shape(drawn), INDEX, SHAPE)
    np.testing.assert_array_equal(asked.points[:, 0], 5.0)
    np.testing.assert_allclose(np.diff(asked.points[:, 1]), 5.0)
    assert not asked.positive.any()
    assert asked.box is None


def test_several_outlines_of_one_object_share_a_box():
    shapes = [PromptShape("box", corners(1, 2, 3, 4)), PromptShape("box", corners(5, 6, 7, 8))]
    asked = as_prompts(EMPTY.with_shape(shapes[0]).with_shape(shapes[1]), INDEX, SHAPE)
    np.testing.assert_array_equal(asked.box, [1, 2, 7, 8])
    assert asked.mask is None


def test_masks_are_put_in_their_place():
    given_mask = PromptMask(INDEX, np.ones((2, 3), bool), (38, 10))
    asked = as_prompts(EMPTY.with_mask(given_mask), INDEX, SHAPE)
    assert np.argwhere(whole(asked)).min(axis=0).tolist() == [38, 10]
    assert asked.mask.sum() == 6


def test_an_answer_that_is_followed_takes_the_place_of_masks():
    given_mask = PromptMask(INDEX, np.ones((2, 3), bool), (8, 10))
    logits = LowResLogits(np.zeros((4, 4), np.float32), Window(0, 0, *SHAPE), "key")
    asked = as_prompts(EMPTY.with_mask(given_mask), INDEX, SHAPE, logits)
    assert asked.mask is None
    assert asked.logits is logits


def test_masks_of_a_huge_frame_take_no_more_room_than_they_need():
    given_mask = PromptMask(INDEX, np.ones((2, 3), bool), (90_000, 90_000))
    asked = as_prompts(EMPTY.with_mask(given_mask), INDEX, (100_000, 100_000))
    assert asked.mask.shape == (2, 3)
    assert asked.mask_origin == (90_000, 90_000)


@given(
    st.lists(st.tuples(st.floats(0, 500), st.floats(0, 500)), min_size=2, max_size=30).map(np.array)
)
def test_points_along_a_path_are_few_and_lie_on_its_box(path):
    points = along(path)
    assert 1 <= len(points) <= SCRIBBLE_POINTS
    assert (points >= path.min(axis=0) - 1e-9).all()
    assert (points <= path.max(axis=0) + 1e-9).all()
