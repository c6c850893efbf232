"""Prompts and numbers in the shell's notation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.cli.errors import InputError
from napari_cutout.cli.options import frame_index, intensity_mapping, objects_asked
from napari_cutout.segment import IntensityMapping, PromptError

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(NUMBERS, NUMBERS, st.sampled_from(["", ",+", ",-"])), min_size=1))
def test_points_are_one_object(points):
    (asked,) = objects_asked([f"{row},{col}{sign}" for row, col, sign in points], [])

    assert asked.points.tolist() == [[row, col] for row, col, _ in points]
    assert asked.positive.tolist() == [sign != ",-" for _, _, sign in points]


def test_points_and_a_box_are_one_object():
    (asked,) = objects_asked(["3,4"], ["1,2,30,40.5"])

    assert asked.points.tolist() == [[3, 4]]
    assert asked.box.tolist() == [1, 2, 30, 40.5]


def test_boxes_alone_are_an_object_each():
    asked = objects_asked([], ["1,2,3,4", "5,6,7,8"])

    assert [one.box.tolist() for one in asked] == [[1, 2, 3, 4], [5, 6, 7, 8]]


@pytest.mark.parametrize("point", ["", "3", "3,4,5", "3,x", "3,4,-,-", "3;4", "-", "3,4,--"])
def test_a_point_that_is_none_says_what_was_given_and_expected(point):
    with pytest.raises(InputError, match=r"--point .*expected ROW,COL"):
        objects_asked([point], [])


@pytest.mark.parametrize("box", ["1,2,3", "1,2,3,4,5", "a,b,c,d", ""])
def test_a_box_that_is_none_says_what_was_given_and_expected(box):
    with pytest.raises(InputError, match=r"--box .*expected R0,C0,R1,C1"):
        objects_asked([], [box])


@pytest.mark.parametrize("points", [["nan,3"], ["inf,3"]])
def test_points_must_be_finite(points):
    with pytest.raises(PromptError, match="finite"):
        objects_asked(points, [])


def test_nothing_asked_says_what_to_give():
    with pytest.raises(InputError, match=r"--point ROW,COL or --box"):
        objects_asked([], [])


def test_points_and_several_boxes_are_refused():
    with pytest.raises(InputError, match="which box"):
        objects_asked(["1,2"], ["1,2,3,4", "5,6,7,8"])


@pytest.mark.parametrize(("text", "index"), [(None, ()), ("3", (3,)), ("3,12", (3, 12))])
def test_frame_index(text, index):
    assert frame_index(text) == index


@pytest.mark.parametrize("text", ["", "a", "1.5", "1,"])
def test_a_frame_index_that_is_none_is_refused(text):
    with pytest.raises(InputError, match="--frame"):
        frame_index(text)


@pytest.mark.parametrize("name", ["percentile", "dtype", "none"])
def test_intensity_by_name(name):
    assert intensity_mapping(name) == IntensityMapping(name)


def test_intensity_by_limits():
    assert intensity_mapping("10,200") == IntensityMapping("limits", (10, 200))


@pytest.mark.parametrize("text", ["bright", "limits", "3", "3,2", "nan,4", "a,b", "1,2,3"])
def test_an_intensity_that_is_none_is_refused(text):
    with pytest.raises(InputError, match="--intensity"):
        intensity_mapping(text)
