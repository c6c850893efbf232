"""Boxes and masks from elsewhere, refined."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from napari_cutout.segment import PromptError, Prompts, Window
from napari_cutout.segment.grid import Grid
from napari_cutout.segment.prediction import Prediction
from napari_cutout.segment.refining import (
    BATCH,
    found_object,
    innermost,
    mask_prompts,
    refine,
    refine_prompts,
)

FIRST, SECOND = (3, 5, 12, 14), (19, 29, 25, 42)
DARK = (30, 2, 36, 10)


def boxes_of(found):
    return [None if one is None else one.box for one in found]


def refined(segmenter, frame, prompts, passes=2):
    embedding = segmenter.encode(frame)
    batches = refine_prompts(segmenter, embedding, prompts, passes)
    return [one for batch in batches for one in batch]


def test_boxes_become_the_objects_in_them(segmenter, squares):
    objects = refine(segmenter, segmenter.encode(squares), boxes=[FIRST, SECOND])
    assert {one.box for one in objects} == {(4, 6, 11, 13), (20, 30, 24, 41)}
    assert {one.area for one in objects} == {64, 60}
    assert objects.shape == squares.shape


def test_all_are_asked_in_one_call_a_pass_and_fed_back(segmenter, family, squares):
    refine(segmenter, segmenter.encode(squares), boxes=[FIRST, SECOND, FIRST], passes=3)
    assert family.fed_back == [False, True, True]


def test_one_pass_feeds_nothing_back(segmenter, family, squares):
    refine(segmenter, segmenter.encode(squares), boxes=[FIRST], passes=1)
    assert family.fed_back == [False]


def test_a_mask_that_is_too_small_grows_to_its_object(segmenter, squares):
    mask = np.zeros(squares.shape, bool)
    mask[6:9, 8:11] = True
    (found,) = refine(segmenter, segmenter.encode(squares), masks=[mask])
    assert found.box == (4, 6, 11, 13)
    assert found.point == (7, 9)


def test_a_mask_in_its_box_is_as_one_of_the_frame(segmenter, squares):
    mask = np.zeros(squares.shape, bool)
    mask[21:23, 33:38] = True
    embedding = segmenter.encode(squares)
    whole = refine(segmenter, embedding, masks=[mask])
    piece = refine(segmenter, embedding, masks=[(np.ones((2, 5), bool), (21, 33))])
    assert whole == piece


def test_answers_come_in_the_order_of_the_prompts(segmenter, squares):
    prompts = [Prompts(box=box) for box in (SECOND, DARK, FIRST)]
    found = refined(segmenter, squares, prompts)
    assert boxes_of(found) == [(20, 30, 24, 41), None, (4, 6, 11, 13)]


def test_many_come_in_batches(segmenter, squares):
    prompts = [Prompts(box=FIRST)] * (BATCH + 1)
    batches = refine_prompts(segmenter, segmenter.encode(squares), prompts)
    assert [len(batch) for batch in batches] == [BATCH, 1]


def test_boxes_and_masks_go_together(segmenter, squares):
    mask = squares == 220
    objects = refine(segmenter, segmenter.encode(squares), boxes=[FIRST], masks=[mask])
    assert {one.area for one in objects} == {64, 60}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "nothing to refine"),
        ({"boxes": np.empty((0, 4))}, "nothing to refine"),
        ({"boxes": [1, 2, 3, 4]}, r"shape \(N, 4\)"),
        ({"boxes": [[100, 100, 120, 120]]}, "outside the frame"),
        ({"masks": [np.zeros((40, 50), bool)]}, "empty"),
        ({"boxes": [FIRST], "passes": 0}, "one pass or more"),
    ],
)
def test_what_cannot_be_refined_is_refused(segmenter, squares, given, message):
    with pytest.raises(PromptError, match=message):
        refine(segmenter, segmenter.encode(squares), **given)


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=9)).filter(np.any))
def test_the_innermost_point_is_as_deep_as_any(mask):
    row, col = innermost(mask)
    rows, cols = np.nonzero(~np.pad(mask, 1))
    depth = [np.hypot(rows - 1 - r, cols - 1 - c).min() for r, c in np.argwhere(mask)]
    assert mask[row, col]
    assert np.isclose(np.hypot(rows - 1 - row, cols - 1 - col).min(), max(depth))


@given(st.integers(0, 20), st.integers(0, 20))
def test_a_mask_prompt_has_its_box_and_a_point_of_it(row, col):
    mask = np.zeros((3, 5), bool)
    mask[1:, 2:] = True
    prompts = mask_prompts((mask, (row, col)))
    assert tuple(prompts.box) == (row + 1, col + 2, row + 2, col + 4)
    place = np.rint(prompts.points[0]).astype(int) - (row, col)
    assert mask[tuple(place)]


def predicted(logits):
    rows, cols = logits.shape
    window = Window(0, 0, rows, cols)
    grid = Grid(window, (rows, cols), (0.0, 0.0), (1.0, 1.0), 0, (0, 0), (rows, cols))
    scores = np.array([0.7], np.float32)
    return Prediction(scores, logits[None], window, (rows, cols), "key", grid, lambda one: one)


def test_stability_is_the_iou_of_the_masks_at_both_thresholds():
    found = found_object(predicted(np.array([[-3, -0.5, 0.5, 0.9, 1.5, 2]], np.float32)))
    assert found.area == 4
    assert found.stability == 2 / 5
    assert found.score == pytest.approx(0.7)


def test_an_empty_mask_is_no_object():
    assert found_object(predicted(np.full((3, 3), -1, np.float32))) is None
