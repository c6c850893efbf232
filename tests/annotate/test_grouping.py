"""Which prompts are of the same object."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.annotate import PromptMask, PromptShape, PromptState, group_prompts

INDEX = (None, None)


def state(points=(), shapes=(), masks=()):
    """Points are (row, col, positive, number)."""
    table = np.array(points, float).reshape(-1, 4)
    return PromptState(
        table[:, :2], table[:, 2] > 0, table[:, 3].astype(int), tuple(shapes), tuple(masks)
    )


def box(row0, col0, row1, col1, group=0, kind="box"):
    corners = np.array([[row0, col0], [row0, col1], [row1, col1], [row1, col0]], float)
    return PromptShape(kind, corners, group)


def scribble(*places, positive=True, group=0):
    return PromptShape("scribble", np.array(places, float), group, positive)


def summary(groups):
    return [(group.points[:, 0].tolist(), len(group.shapes), len(group.masks)) for group in groups]


def test_nothing_is_no_object():
    assert group_prompts(state(), INDEX) == ()


def test_points_and_a_box_are_one_object():
    asked = state([(1, 1, 1, 0), (2, 2, 0, 0)], [box(0, 0, 5, 5)])
    assert group_prompts(asked, INDEX) == (asked,)


def test_every_box_is_an_object_with_the_points_in_it():
    asked = state([(1, 1, 1, 0), (11, 11, 1, 0)], [box(0, 0, 5, 5), box(10, 10, 15, 15)])
    assert summary(group_prompts(asked, INDEX)) == [([1.0], 1, 0), ([11.0], 1, 0)]


def test_a_point_in_two_boxes_belongs_to_the_smaller_one():
    asked = state([(4, 4, 1, 0)], [box(0, 0, 20, 20), box(3, 3, 6, 6)])
    assert summary(group_prompts(asked, INDEX)) == [([], 1, 0), ([4.0], 1, 0)]


def test_points_outside_of_all_boxes_are_one_more_object():
    asked = state([(30, 30, 1, 0)], [box(0, 0, 5, 5), box(10, 10, 15, 15)])
    assert summary(group_prompts(asked, INDEX)) == [([], 1, 0), ([], 1, 0), ([30.0], 0, 0)]


def test_a_negative_point_without_a_number_counts_against_all():
    asked = state([(7, 7, 0, 0)], [box(0, 0, 5, 5), box(10, 10, 15, 15)])
    assert summary(group_prompts(asked, INDEX)) == [([7.0], 1, 0), ([7.0], 1, 0)]


def test_numbers_go_before_places():
    asked = state([(1, 1, 1, 2), (2, 2, 1, 1), (3, 3, 0, 2)], [box(0, 0, 5, 5, group=1)])
    assert summary(group_prompts(asked, INDEX)) == [([2.0], 1, 0), ([1.0, 3.0], 0, 0)]


def test_separately_every_prompt_is_an_object():
    asked = state(
        [(1, 1, 1, 0), (2, 2, 1, 0), (3, 3, 0, 0)],
        [box(0, 0, 5, 5), scribble((1, 1), (9, 9))],
    )
    groups = group_prompts(asked, INDEX, separate=True)
    assert summary(groups) == [
        ([1.0, 3.0], 0, 0),
        ([2.0, 3.0], 0, 0),
        ([3.0], 1, 0),
        ([3.0], 1, 0),
    ]


def test_a_mask_and_a_box_are_of_the_same_object():
    mask = PromptMask(INDEX, np.ones((3, 3), bool), (1, 1))
    asked = state((), [box(0, 0, 5, 5)], [mask])
    assert group_prompts(asked, INDEX) == (asked,)


def test_two_masks_are_two_objects():
    masks = [PromptMask(INDEX, np.ones((3, 3), bool), (at, at)) for at in (0, 10)]
    asked = state([(11, 11, 1, 0)], (), masks)
    assert summary(group_prompts(asked, INDEX)) == [([], 0, 1), ([11.0], 0, 1)]


def test_what_only_says_no_is_still_asked():
    asked = state([(1, 1, 0, 0)])
    assert group_prompts(asked, INDEX) == (asked,)


places = st.integers(0, 20)
points = st.tuples(places, places, st.integers(0, 1), st.integers(0, 2))
boxes = st.tuples(places, places, st.integers(0, 2)).map(
    lambda at: box(at[0], at[1], at[0] + 5, at[1] + 4, at[2])
)


@given(st.lists(points, max_size=6), st.lists(boxes, max_size=4), st.booleans())
def test_every_prompt_is_in_an_object_and_positive_ones_in_one(drawn, shapes, separate):
    asked = state(drawn, shapes)
    groups = group_prompts(asked, INDEX, separate)
    assert all(len(group) for group in groups)
    positive = [tuple(p) for group in groups for p in group.points[group.positive]]
    assert sorted(positive) == sorted(tuple(p) for p in asked.points[asked.positive])
    assert sum(len(group.shapes) for group in groups) == len(shapes)
    negative = {tuple(p) for group in groups for p in group.points[~group.positive]}
    assert negative == {tuple(p) for p in asked.points[~asked.positive]}
