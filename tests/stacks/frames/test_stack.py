"""What every stack does, wherever its frames are."""

import pickle

import numpy as np
import pytest

from napari_cutout.stacks.errors import FrameReadError, OutputError, StackError
from napari_cutout.stacks.frames.stack import Stack


class Frames(Stack):
    """Some arrays of any shape; an exception stands for a frame that can't be read."""

    def __init__(self, frames, **more):
        self.frames = frames
        first = {"frame_shape": (2, 3), "dtype": np.uint8, "axes": ("t",), "shape": (len(frames),)}
        super().__init__(name="some frames", identity="x", **{**first, **more})

    def _read(self, index):
        frame = self.frames[index[0]]
        if isinstance(frame, Exception):
            raise frame
        return frame


GOOD = np.arange(6, dtype=np.uint8).reshape(2, 3)


def test_a_stack_says_what_it_is():
    stack = Frames([GOOD] * 4)

    assert (len(stack), stack.scale, stack.units) == (4, (1.0, 1.0, 1.0), (None, None, None))
    assert repr(stack) == "<some frames: t=4; 2 x 3 uint8>"


def test_a_frame_of_another_size_says_both_sizes():
    stack = Frames([GOOD, GOOD[:, :2]])

    with pytest.raises(FrameReadError, match=r"frame t=1: .*\(2, 2\).*\(2, 3\)") as caught:
        stack.read((1,))

    assert caught.value.index == (1,)


def test_whatever_goes_wrong_is_a_frame_that_cannot_be_read():
    stack = Frames([KeyError(), OSError("the plug\n was pulled"), GOOD])

    for number, reason in ((0, "KeyError"), (1, "the plug was pulled")):
        with pytest.raises(FrameReadError) as caught:
            stack.read((number,))
        assert caught.value.reason == reason
    assert np.array_equal(stack.read((2,)), GOOD)


def test_memory_that_does_not_suffice_is_no_fault_of_the_frame():
    with pytest.raises(MemoryError):
        Frames([MemoryError()]).read((0,))


@pytest.mark.parametrize("index", [(), (4,), (-1,), (0, 0)])
def test_a_frame_that_there_is_not_is_refused_with_the_ranges(index):
    with pytest.raises(StackError, match=r"give a number for each of: t 0 to 3") as caught:
        Frames([GOOD] * 4).read(index)

    assert not isinstance(caught.value, FrameReadError)


def test_transparency_is_left_out():
    frame = np.zeros((2, 3, 4), np.uint8)

    assert Frames([frame], is_rgb=True).read((0,)).shape == (2, 3, 3)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"axes": ("t", "t"), "shape": (1, 1)}, "name each once"),
        ({"axes": ("t", "z")}, "give one for each"),
        ({"shape": (0,)}, "is empty"),
        ({"frame_shape": (0, 3)}, "is empty"),
        ({"scale": (1.0,)}, "scale"),
        ({"units": ("second",)}, "units"),
        ({"dtype": np.complex64}, "real numbers"),
        ({"dtype": "U3"}, "real numbers"),
    ],
)
def test_what_makes_no_stack_is_refused(more, said):
    with pytest.raises(StackError, match=said):
        Frames([GOOD], **more)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (FrameReadError((3, 12), "gone", ("t", "z")), "frame t=3, z=12: gone"),
        (FrameReadError((3, 12), "gone"), "frame 3, 12: gone"),
        (FrameReadError((), "gone"), "the frame: gone"),
        (OutputError("in use"), "in use"),
    ],
)
def test_errors_come_back_from_other_processes_as_they_were(error, text):
    back = pickle.loads(pickle.dumps(error))

    assert (type(back), str(back), vars(back)) == (type(error), text, vars(error))
    assert isinstance(back, StackError)
