"""Stacks of many files, with everything that can be wrong with one of them."""

import os
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_cutout.stacks.errors import AxesError, FrameReadError, StackError
from napari_cutout.stacks.frames.files import FilesStack

FRAMES = np.random.default_rng(0).integers(0, 255, (12, 20, 30), dtype=np.uint8)


@pytest.fixture
def paths(tmp_path):
    found = [tmp_path / f"t{number}.png" for number in range(len(FRAMES))]
    for path, frame in zip(found, FRAMES, strict=True):
        Image.fromarray(frame).save(path)
    return found


def failed(stack):
    """Why frames can't be read, by number; the others are as they should be."""
    reasons = {}
    for number in range(len(FRAMES)):
        try:
            assert np.array_equal(stack.read((number,)), FRAMES[number])
        except FrameReadError as error:
            reasons[number] = str(error)
    return reasons


def test_each_file_is_a_frame(paths):
    stack = FilesStack(paths)

    assert (stack.axes, stack.shape, stack.frame_shape) == (("file",), (12,), (20, 30))
    assert failed(stack) == {}


def test_the_axis_along_the_files_can_be_named(paths):
    assert FilesStack(paths, "tyx").axes == ("t",)
    assert FilesStack(paths, "yx").axes == ("file",)


def test_a_damaged_file_is_a_frame_that_cannot_be_read(paths):
    content = paths[3].read_bytes()
    paths[3].write_bytes(content[: len(content) // 2])

    reasons = failed(FilesStack(paths))

    assert list(reasons) == [3]
    assert str(paths[3]) in reasons[3]


def test_a_missing_file_is_a_frame_that_cannot_be_read(paths):
    paths[3].unlink()

    assert failed(FilesStack(paths)) == {3: f"frame file=3: {paths[3]}: there is no such file"}


def test_an_empty_file_is_a_frame_that_cannot_be_read(paths):
    paths[3].write_bytes(b"")

    assert failed(FilesStack(paths)) == {3: f"frame file=3: {paths[3]}: the file is empty"}


def test_a_file_that_went_after_the_stack_was_opened_is_said(paths):
    stack = FilesStack(paths)
    paths[7].unlink()

    assert list(failed(stack)) == [7]


def test_a_file_that_was_written_anew_is_read_anew(paths):
    stack = FilesStack(paths)
    assert np.array_equal(stack.read((7,)), FRAMES[7])
    Image.fromarray(FRAMES[2]).save(paths[7])
    os.utime(paths[7], ns=(1, 1))

    assert np.array_equal(stack.read((7,)), FRAMES[2])


def test_a_frame_of_another_size_says_which_file(paths):
    Image.fromarray(FRAMES[3][:, :10]).save(paths[3])

    reasons = failed(FilesStack(paths))

    assert list(reasons) == [3]
    assert f"{paths[3]} is a frame of shape (20, 10)" in reasons[3]


def test_a_frame_in_colours_among_grey_ones_is_said(paths):
    Image.fromarray(FRAMES[3]).convert("RGB").save(paths[3])

    reasons = failed(FilesStack(paths))

    assert list(reasons) == [3]
    assert "another kind" in reasons[3]


def test_a_first_file_that_is_damaged_does_not_end_it(paths):
    paths[0].write_bytes(b"damaged")
    paths[1].unlink()

    assert list(failed(FilesStack(paths))) == [0, 1]


def test_files_none_of_which_can_be_read_are_no_stack(paths):
    for path in paths:
        path.write_bytes(b"damaged")

    with pytest.raises(StackError, match=r"none of 12 files can be read; the first: .*t0\.png"):
        FilesStack(paths)


@pytest.mark.parametrize(
    ("axes", "expected"),
    [("tyx", ("file", "t")), ("ztyx", ("z", "t")), (None, ("file", "i"))],
)
def test_files_may_be_stacks(tmp_path, axes, expected):
    paths = [tmp_path / f"{number}.tif" for number in range(2)]
    for path, frames in zip(paths, (FRAMES[:6], FRAMES[6:]), strict=True):
        tifffile.imwrite(path, frames, photometric="minisblack")

    stack = FilesStack(paths, axes)

    assert (stack.axes, stack.shape) == (expected, (2, 6))
    assert np.array_equal(stack.read((1, 4)), FRAMES[10])


def test_sizes_of_pixels_come_from_the_files(tmp_path):
    paths = [tmp_path / f"{number}.tif" for number in range(2)]
    for path in paths:
        how = {"imagej": True, "metadata": {"axes": "ZYX", "spacing": 2.0, "unit": "um"}}
        tifffile.imwrite(path, FRAMES, resolution=(4, 2), **how)

    stack = FilesStack(paths)

    assert (stack.axes, stack.scale) == (("file", "z"), (1.0, 2.0, 0.5, 0.25))


def test_a_shorter_file_lacks_frames_and_a_longer_one_is_not_taken(tmp_path):
    paths = [tmp_path / f"{number}.tif" for number in range(3)]
    for path, count in zip(paths, (8, 6, 10), strict=True):
        tifffile.imwrite(path, FRAMES[:count], photometric="minisblack")
    stack = FilesStack(paths)

    assert np.array_equal(stack.read((1, 5)), FRAMES[5])
    for index in ((1, 6), (2, 0)):
        with pytest.raises(FrameReadError, match="all files of a stack have as many"):
            stack.read(index)


def test_a_channel_is_taken_of_each(tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(2)]
    for path in paths:
        Image.fromarray(np.stack([FRAMES[0], FRAMES[1], FRAMES[2]], axis=-1)).save(path)

    assert np.array_equal(FilesStack(paths, channel=2).read((1,)), FRAMES[2])


def test_a_pickled_stack_opens_its_files_again(paths):
    stack = FilesStack(paths)
    stack.read((3,))

    back = pickle.loads(pickle.dumps(stack))

    assert back.identity == stack.identity
    assert failed(back) == {}


def test_files_that_are_open_are_not_pickled(paths):
    stack = FilesStack(paths)
    before = len(pickle.dumps(stack))
    for number in range(4):
        stack.read((number,))

    assert len(pickle.dumps(stack)) == before


def test_many_threads_read_at_once(paths):
    stack = FilesStack(paths)

    with ThreadPoolExecutor(4) as threads:
        frames = list(threads.map(stack.read, [(number % 12,) for number in range(60)]))

    assert all(np.array_equal(frame, FRAMES[k % 12]) for k, frame in enumerate(frames))


def test_axes_that_are_to_be_said_are_asked_for_at_the_first_file(tmp_path):
    paths = [tmp_path / f"{number}.tif" for number in range(2)]
    for path in paths:
        tifffile.imwrite(path, FRAMES[:3], photometric="minisblack")

    with pytest.raises(AxesError, match=r"0\.tif has shape .* 3 frames"):
        FilesStack(paths)
    with pytest.raises(AxesError, match="'qtzyx' names 5"):
        FilesStack(paths, "qtzyx")
