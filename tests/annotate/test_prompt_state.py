"""The prompts of an image, and those of one frame."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from napari_cutout.annotate import (
    PromptMask,
    PromptShape,
    PromptState,
    frame_axes,
    frame_slices,
    sliced_axes,
)

BOX = np.array([[2, 1, 1], [2, 1, 5], [2, 7, 5], [2, 7, 1]], float)
INDEX = (2, None, None)
MASK = PromptMask(INDEX, np.ones((2, 2), bool), (5, 6))
STATE = PromptState(
    np.array([[2.4, 10, 11], [3, 20, 21]]),
    np.array([True, False]),
    shapes=(PromptShape("box", BOX),),
    masks=(MASK,),
)


def test_prompts_of_a_frame():
    here = STATE.of_frame(INDEX)
    np.testing.assert_array_equal(here.frame_points(INDEX), [[10, 11]])
    np.testing.assert_array_equal(here.shapes[0].box(INDEX), [1, 1, 7, 5])
    assert here.masks == (MASK,)


def test_prompts_of_other_frames():
    rest = STATE.without_frame(INDEX)
    np.testing.assert_array_equal(rest.points, [[3, 20, 21]])
    assert not rest.shapes
    assert not rest.masks


def test_more_prompts_extend_fewer():
    more = STATE.with_point(np.array([2.0, 1, 1]), True)
    assert more.extends(STATE)
    assert not STATE.extends(more)
    assert not STATE.extends(STATE)


def test_a_moved_point_extends_nothing():
    moved = replace(STATE, points=STATE.points + 1)
    assert not moved.with_point(np.zeros(3), True).extends(STATE)


def test_equal_prompts_are_equal():
    same = replace(STATE, points=STATE.points.copy(), shapes=(PromptShape("box", BOX.copy()),))
    assert same == STATE
    assert hash(same) == hash(STATE)
    assert same != STATE.with_shape(PromptShape("box", BOX))
    assert same != STATE.with_mask(MASK)


def test_the_number_of_an_object_tells_prompts_apart():
    assert replace(STATE, groups=np.array([1, 0])) != STATE
    assert replace(STATE, shapes=(PromptShape("box", BOX, group=1),)) != STATE


def test_an_index_tells_axes_and_slices():
    index = (None, 4, None)
    assert (frame_axes(index), sliced_axes(index)) == ((0, 2), (1,))
    assert frame_slices(index, (slice(1, 2), slice(3, 4))) == (slice(1, 2), 4, slice(3, 4))
