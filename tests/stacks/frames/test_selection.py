"""Which frames are meant."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.frames.selection import Chosen, Selection, chosen

NUMBERS = st.none() | st.integers(-30, 30)
STEPS = st.none() | st.integers(1, 5)
RANGES = st.lists(
    st.tuples(st.sampled_from("tzpq"), NUMBERS, NUMBERS, STEPS), unique_by=lambda one: one[0]
)


@pytest.fixture
def stack():
    return ArrayStack(np.zeros((10, 4, 2, 3), np.uint8), axes="tzyx")


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("", ()),
        ("t=5", (("t", 5, 6, None),)),
        ("t=-1", (("t", -1, None, None),)),
        ("t=:", (("t", None, None, None),)),
        ("t=0:100:2,z=3", (("t", 0, 100, 2), ("z", 3, 4, None))),
        (" t = 1 : , z=::3 ", (("t", 1, None, None), ("z", None, None, 3))),
        ("file=2:", (("file", 2, None, None),)),
    ],
)
def test_text_is_read_as_slices(text, ranges):
    assert Selection.parse(text).ranges == ranges


@pytest.mark.parametrize("text", ["t", "=3", "t=a", "t=1:2:3:4", "t=1.5", "t=", "t 3"])
def test_what_is_no_range_is_refused_with_an_example(text):
    with pytest.raises(StackError, match="write each axis as t=3, t=0:100"):
        Selection.parse(text)


@pytest.mark.parametrize("step", [0, -1])
def test_steps_go_forward(step):
    with pytest.raises(StackError, match="step of axis t"):
        Selection.parse(f"t=::{step}")


def test_an_axis_is_named_once():
    with pytest.raises(StackError, match="twice"):
        Selection.parse("t=1,t=2")


@given(RANGES)
def test_what_is_written_is_read_the_same(ranges):
    selection = Selection(tuple(ranges))

    assert Selection.parse(str(selection)) == selection


@given(start=NUMBERS, stop=NUMBERS, step=STEPS, length=st.integers(1, 20))
def test_a_range_means_what_a_slice_does(start, stop, step, length):
    stack = ArrayStack(np.zeros((length, 1, 1), np.uint8), axes="tyx")
    expected = [(at,) for at in list(range(length))[start:stop:step]]

    if expected:
        assert list(chosen(stack, Selection((("t", start, stop, step),)))) == expected
    else:
        with pytest.raises(StackError, match="are none: axis t"):
            chosen(stack, Selection((("t", start, stop, step),)))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5), st.integers(1, 4)), max_size=4))
def test_the_last_axis_is_fastest(parts):
    ranges = [range(start, start + count * step, step) for start, count, step in parts]
    expected = [
        tuple(ranges[axis][at] for axis, at in enumerate(place))
        for place in np.ndindex(*map(len, ranges))
    ]

    frames = Chosen(ranges)

    assert list(frames) == expected
    assert [frames.index(index) for index in frames] == list(range(len(expected)))
    assert frames[-1] == expected[-1]
    assert frames[1:3] == expected[1:3]


def test_without_a_selection_all_frames_are_chosen(stack):
    assert len(chosen(stack)) == 40
    assert chosen(stack)[5] == (1, 1)


def test_text_chooses_too(stack):
    assert list(chosen(stack, "t=2:8:4,z=-1")) == [(2, 3), (6, 3)]


def test_one_plane_has_one_frame():
    assert list(chosen(ArrayStack(np.zeros((2, 3))))) == [()]


def test_frames_that_were_not_chosen_are_not_in(stack):
    frames = chosen(stack, "t=2:8:4")

    assert (2, 0) in frames
    assert (3, 0) not in frames
    assert (2,) not in frames
    with pytest.raises(ValueError, match="isn't among"):
        frames.index((3, 0))
    with pytest.raises(IndexError):
        frames[8]


def test_an_unknown_axis_is_said_with_those_that_there_are(stack):
    with pytest.raises(StackError, match=r"no axis 'y'.*it has: t, z"):
        chosen(stack, "y=3")


def test_a_frame_beyond_the_end_is_none(stack):
    with pytest.raises(StackError, match="axis t of the array has 10, 0 to 9"):
        chosen(stack, "t=10")


def test_a_million_million_frames_cost_nothing():
    frames = Chosen((range(10**6), range(10**6)))

    assert len(frames) == 10**12
    assert frames[10**12 - 1] == (999_999, 999_999)
    assert pickle.loads(pickle.dumps(frames)) == frames
