"""What axes are: said, asked for, or there is one reading only."""

import numpy as np
import pytest

from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.frames.layout import layout_of


def test_two_axes_are_one_plane():
    layout = layout_of((4, 5), None, None, "it")

    assert (layout.looped, layout.frame_shape) == ((), (4, 5))


def test_the_only_axis_of_frames_needs_no_name():
    layout = layout_of((10, 4, 5), None, None, "it")

    assert (layout.looped, layout.shape) == (("i",), (10,))


@pytest.mark.parametrize(
    ("shape", "readings"),
    [
        ((40, 60, 3), ("one frame|in colours", "--axes yxc", "--axes tyx")),
        ((40, 60, 4), ("in colours", "--axes yxc", "--axes tyx")),
        ((7, 40, 60, 3), ("in colours", "--axes tyxc", "--axes tzyx")),
        ((2, 7, 40, 60, 3), ("in colours", "--axes tzyxc", "--axes tzayx")),
        ((3, 40, 60), ("3 frames", "--axes tyx", "3 channels", "--axes cyx")),
        ((7, 8, 40, 60), ("tzyx", "tcyx")),
        ((7, 8, 9, 40, 60), ("tzcyx", "tczyx")),
        ((6, 7, 8, 9, 40, 60), ("name each of the 6",)),
    ],
)
def test_axes_that_can_be_read_in_two_ways_are_asked_for_with_both(shape, readings):
    with pytest.raises(StackError, match="doesn't say what its axes are") as caught:
        layout_of(shape, None, None, "it")

    for reading in readings:
        assert any(one in str(caught.value) for one in reading.split("|"))


def test_one_axis_that_the_data_leave_open_gets_a_name():
    assert layout_of((10, 4, 5, 3), None, None, "it", said=(None, "y", "x", "s")).looped == ("i",)


def test_a_few_pages_may_be_channels():
    with pytest.raises(StackError, match="--axes tyxs, or zyxs"):
        layout_of((2, 4, 5, 3), None, None, "it", said=(None, "y", "x", "s"))


@pytest.mark.parametrize(
    ("shape", "axes", "said"),
    [
        ((5, 6), "tyx", "'tyx' names 3"),
        ((4, 5, 6), "yyx", "name every axis once"),
        ((4, 5, 6), "tzx", "don't say which are rows"),
        ((0, 5, 6), "tyx", "is empty"),
        ((7,), None, "a frame has rows and columns"),
    ],
)
def test_axes_that_do_not_fit_are_refused(shape, axes, said):
    with pytest.raises(StackError, match=said):
        layout_of(shape, axes, None, "it")


def test_letters_may_be_large():
    assert layout_of((4, 5, 6), "ZYX", None, "it").looped == ("z",)


def test_channels_may_be_called_so():
    layout = layout_of((4, 2, 5, 6), ("time", "channel", "y", "x"), 1, "it")

    assert (layout.looped, layout.where((3,))) == (("time",), (3, 1, slice(None), slice(None)))


def test_several_channels_are_asked_for():
    with pytest.raises(StackError, match=r"3 channels.*--channel K \(0 to 2\)"):
        layout_of((3, 5, 6), "cyx", None, "it")


@pytest.mark.parametrize(("axes", "channel"), [("cyx", 3), ("cyx", -1)])
def test_a_channel_that_there_is_not_is_refused(axes, channel):
    with pytest.raises(StackError, match="give 0 to 2 as --channel"):
        layout_of((3, 5, 6), axes, channel, "it")


def test_a_channel_of_data_without_is_refused():
    with pytest.raises(StackError, match="no channels, but channel 1"):
        layout_of((3, 5, 6), "tyx", 1, "it")


def test_one_channel_is_taken():
    stack = ArrayStack(np.ones((4, 1, 5, 6)), "tcyx")

    assert (stack.axes, stack.is_rgb, stack.read((0,)).shape) == (("t",), False, (5, 6))


@pytest.mark.parametrize("axes", ["yxc", "yxs"])
def test_one_of_three_colours_can_be_taken(axes):
    data = np.arange(5 * 6 * 3).reshape(5, 6, 3)

    assert np.array_equal(ArrayStack(data, axes, channel=1).read(()), data[..., 1])
