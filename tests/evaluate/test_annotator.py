"""The simulated annotator and the metrics."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cutout.evaluate.annotator import bounding_box, deepest_point, next_click
from napari_cutout.evaluate.metrics import inscribed_ellipse, iou

masks = hnp.arrays(bool, (9, 11), elements=st.booleans())


def test_the_deepest_point_of_a_square_is_its_middle():
    mask = np.zeros((20, 20), bool)
    mask[4:11, 6:13] = True
    assert deepest_point(mask) == (7, 9)


@given(masks.filter(np.any))
def test_the_deepest_point_lies_in_the_mask(mask):
    assert mask[deepest_point(mask)]


def test_an_empty_mask_has_no_deepest_point():
    with pytest.raises(ValueError, match="empty"):
        deepest_point(np.zeros((3, 3), bool))


def test_what_was_missed_gets_a_positive_click():
    truth = np.zeros((20, 20), bool)
    truth[2:9, 2:9] = True
    assert next_click(np.zeros_like(truth), truth) == ((5, 5), True)


def test_what_is_too_much_gets_a_negative_click():
    truth = np.zeros((20, 20), bool)
    truth[2:5, 2:5] = True
    answer = truth.copy()
    answer[10:17, 10:17] = True
    assert next_click(answer, truth) == ((13, 13), False)


def test_the_larger_error_comes_first():
    truth = np.zeros((20, 20), bool)
    truth[0:3, 0:3] = True
    truth[10:15, 10:15] = True
    assert next_click(np.zeros_like(truth), truth) == ((12, 12), True)


@given(masks, masks)
def test_a_click_is_on_an_error_of_its_polarity(answer, truth):
    click = next_click(answer, truth)
    if click is None:
        assert np.array_equal(answer, truth)
    else:
        place, positive = click
        assert truth[place] == positive
        assert answer[place] != positive


@given(masks.filter(np.any))
def test_the_box_is_tight(mask):
    row0, col0, row1, col1 = bounding_box(mask)
    assert mask[row0 : row1 + 1, col0 : col1 + 1].sum() == mask.sum()
    assert mask[row0].any()
    assert mask[:, col1].any()


@given(masks, masks)
def test_iou_is_symmetric_and_one_for_equals(a, b):
    assert iou(a, b) == iou(b, a)
    assert iou(a, a) == 1
    assert 0 <= iou(a, b) <= 1


def test_the_oval_of_a_box_has_its_area():
    ellipse = inscribed_ellipse((10, 20, 109, 79), (200, 200))
    assert ellipse.sum() == pytest.approx(np.pi * 50 * 30, rel=0.01)
    assert bounding_box(ellipse) == (10, 20, 109, 79)
