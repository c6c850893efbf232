"""Masks in their boxes: cut, drawn and compared as whole frames would be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cutout.segment.windows import Window
from napari_cutout.stacks.propagating.pieces import Piece, depth, main_part

SHAPE = (12, 14)

masks = hnp.arrays(bool, SHAPE).filter(lambda mask: mask.any())
windows = st.builds(
    Window, st.integers(0, 11), st.integers(0, 13), st.integers(1, 9), st.integers(1, 9)
)


@given(masks, windows)
def test_what_lies_in_a_window_is_that_of_the_frame(mask, window):
    whole = np.pad(mask, ((0, 20), (0, 20)))
    assert Piece.of(mask, (0, 0)).drawn(window).tolist() == whole[window.slices].tolist()


@given(masks, masks)
def test_the_iou_is_that_of_the_frames(one, other):
    expected = (one & other).sum() / (one | other).sum()
    assert Piece.of(one, (0, 0)).iou(Piece.of(other, (0, 0))) == expected


@given(masks)
def test_a_piece_touches_its_box(mask):
    piece = Piece.of(mask, (0, 0))
    assert piece.drawn(Window(0, 0, *SHAPE)).tolist() == mask.tolist()
    sides = (piece.mask[0], piece.mask[-1], piece.mask[:, 0], piece.mask[:, -1])
    assert all(side.any() for side in sides)


def test_nothing_is_no_piece():
    assert Piece.of(np.zeros((3, 3), bool), (0, 0)) is None


@given(masks)
def test_depth_is_positive_inside_alone(mask):
    assert ((depth(mask) > 0) == mask).all()


def test_depth_counts_from_the_edge():
    row = depth(np.array([[False, False, True, True, True, False]]))
    assert row[0, 1:3].tolist() == [-0.5, 0.5]


@pytest.mark.parametrize(("expected", "kept"), [((0, 0), 0), ((0, 4), 4), ((3, 3), 4)])
def test_the_part_that_was_expected_is_kept_or_else_the_largest(expected, kept):
    mask = np.zeros((4, 8), bool)
    mask[0, 0] = mask[0, 4:6] = True
    there = np.zeros_like(mask)
    there[expected] = True
    found = main_part(mask, there)
    assert np.flatnonzero(found[0])[0] == kept
    assert found.sum() == (1 if kept == 0 else 2)
