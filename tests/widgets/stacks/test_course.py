"""The order of the frames along some axes, there and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.widgets.stacks.course import Course
from napari_cutout.widgets.stacks.pooling import CODES


@dataclass(frozen=True)
class State:
    index: tuple[int, ...]
    state: str


@st.composite
def courses(draw):
    shape = tuple(draw(st.lists(st.integers(1, 6), min_size=1, max_size=3)))
    places = st.sets(st.integers(0, len(shape) - 1), min_size=1)
    return Course(tuple("tzc"[: len(shape)]), shape, tuple(sorted(draw(places))))


@given(courses(), st.data())
def test_a_position_leads_to_the_frame_that_it_is_of(course, data):
    index = tuple(data.draw(st.integers(0, length - 1)) for length in course.shape)

    position = course.position(index)

    assert 0 <= position < len(course)
    assert course.index(position, index) == index


@given(courses())
def test_the_last_axis_is_the_fastest(course):
    frames = [course.index(at, (0,) * len(course.shape)) for at in range(len(course))]

    assert frames == sorted(frames)
    assert len(set(frames)) == len(course)


def test_frames_are_named_by_the_axes_that_are_gone_along():
    course = Course(("t", "z", "w"), (5, 4, 3), (0, 1))

    assert course.name(course.position((2, 3, 1))) == "t=2, z=3"


def test_the_worst_of_the_frames_at_a_place_counts():
    course = Course(("t", "z"), (3, 2), (0,))
    states = [State((0, 0), "found"), State((2, 0), "failed"), State((2, 1), "found")]

    expected = [CODES["found"], CODES[""], CODES["failed"]]
    np.testing.assert_array_equal(course.codes(states), expected)


def test_one_plane_has_no_way():
    assert len(Course()) == 0
    assert len(Course().codes([])) == 0
