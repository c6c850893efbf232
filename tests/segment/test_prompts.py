"""Prompts check themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cutout.segment import PromptError, Prompts


def test_points_are_positive_when_nothing_is_said():
    prompts = Prompts(points=[[1, 2], [3, 4]])
    assert prompts.positive.tolist() == [True, True]


def test_one_point_may_stand_alone():
    assert Prompts(points=[3, 4.5]).points.tolist() == [[3, 4.5]]


def test_prompts_keep_a_copy_that_cannot_change():
    points = np.array([[1.0, 2.0]])
    prompts = Prompts(points=points)
    points[:] = 9
    assert prompts.points.tolist() == [[1, 2]]
    with pytest.raises(ValueError, match="read-only"):
        prompts.points[:] = 0


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ({}, "empty"),
        ({"points": []}, "empty"),
        ({"points": [[1, 2, 3]]}, r"\(N, 2\)"),
        ({"points": [[np.nan, 2]]}, "NaN"),
        ({"points": "here"}, "numbers"),
        ({"points": [[1 + 2j, 2]]}, "complex"),
        ({"points": [[1, 2], [3]]}, "numbers"),
        ({"mask": [[1, 0], [1]]}, "one length"),
        ({"points": [[1, 2]], "positive": [True, False]}, "1 points"),
        ({"points": [[1, 2]], "positive": [2]}, "True and False"),
        ({"box": [1, 2, 3]}, "row0"),
        ({"box": [5, 2, 3, 9]}, "upside down"),
        ({"box": [np.inf, 2, 3, 9]}, "finite"),
        ({"mask": np.zeros((3, 3), bool)}, "no pixel"),
        ({"mask": np.ones((3, 3))}, "labels == id"),
        ({"mask": np.ones((3, 3, 3), bool)}, "mask prompt"),
        ({"logits": np.zeros((3, 4, 4))}, "feedback"),
        ({"mask": np.ones((3, 3), bool), "logits": np.zeros((4, 4))}, "not both"),
        ({"mask": np.ones((3, 3), bool), "mask_origin": (1.5, 2)}, "whole numbers"),
        ({"mask": np.ones((3, 3), bool), "mask_origin": (1, 2, 3)}, "mask_origin"),
        ({"points": [[1, 2]], "mask_origin": (1, 2)}, "no mask"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_way_out(given, hint):
    with pytest.raises(PromptError, match=hint):
        Prompts(**given)


@pytest.mark.parametrize(
    ("prompts", "hint"),
    [
        (Prompts(points=[[10, 2]]), "outside"),
        (Prompts(points=[[2, -0.6]]), "outside"),
        (Prompts(box=[20, 20, 30, 30]), "outside"),
        (Prompts(mask=np.ones((3, 3), bool)), "frame's size"),
        (Prompts(mask=np.ones((3, 3), bool), mask_origin=(8, 2)), "reaches out"),
        (Prompts(mask=np.ones((3, 3), bool), mask_origin=(-1, 2)), "reaches out"),
    ],
)
def test_a_prompt_must_lie_in_its_frame(prompts, hint):
    with pytest.raises(PromptError, match=hint):
        prompts.check((10, 8))


def test_the_frame_reaches_half_a_pixel_beyond_the_centres():
    Prompts(points=[[-0.5, 7.49]], box=[-3, -3, 20, 20]).check((10, 8))


shapes = st.tuples(st.integers(1, 300), st.integers(1, 300))
points = hnp.arrays(float, (4, 2), elements=st.floats(-400, 400))


@given(shapes, points)
def test_points_are_accepted_just_where_the_frame_has_pixels(shape, points):
    inside = ((points >= -0.5) & (points <= np.array(shape) - 0.5)).all()
    prompts = Prompts(points=points)
    if inside:
        prompts.check(shape)
    else:
        with pytest.raises(PromptError, match="outside"):
            prompts.check(shape)


@given(shapes, hnp.arrays(float, 4, elements=st.floats(-400, 400)))
def test_boxes_are_accepted_just_where_they_meet_the_frame(shape, corners):
    box = np.sort(corners.reshape(2, 2), axis=0).ravel()
    meets = (box[2:] >= -0.5).all() and (box[:2] <= np.array(shape) - 0.5).all()
    prompts = Prompts(box=box)
    if meets:
        prompts.check(shape)
    else:
        with pytest.raises(PromptError, match="outside"):
            prompts.check(shape)
