"""How alike masks are."""

from __future__ import annotations

import numpy as np
from agreement import iou, mean_iou
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

SIDE = 12


@st.composite
def crops(draw):
    """A mask somewhere in a frame."""
    height, width = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    row, col = draw(st.integers(0, SIDE - height)), draw(st.integers(0, SIDE - width))
    return draw(arrays(bool, (height, width))), (row, col)


def whole(crop):
    """It in the frame."""
    mask, (row, col) = crop
    frame = np.zeros((1, SIDE, SIDE), bool)
    frame[0, row : row + mask.shape[0], col : col + mask.shape[1]] = mask
    return frame


@given(crops(), crops())
def test_in_boxes_it_is_the_same_as_in_the_frame(one, other):
    assert iou(one, other) == mean_iou(whole(one), whole(other))


def test_the_mean_is_over_pairs():
    masks = np.array([[[True, True]], [[False, False]]])
    others = np.array([[[True, False]], [[False, False]]])

    assert mean_iou(masks, others) == 0.75
