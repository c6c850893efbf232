"""Axes of images and labels, told by their lengths."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cutout.formats.errors import FormatError
from napari_cutout.train.data.matching import matched

ROWS, COLS = 6, 7


def image_of(*shape):
    return np.arange(np.prod(shape)).reshape(shape)


def frame(image, shape, index=(), **known):
    return matched(image, shape, "a.tif", **known).frame((*index, None, None))


@pytest.mark.parametrize(
    ("image", "labels", "index", "taken"),
    [
        ((ROWS, COLS), (ROWS, COLS), (), np.s_[:]),
        ((4, ROWS, COLS), (4, ROWS, COLS), (2,), np.s_[2]),
        ((4, 5, ROWS, COLS), (4, 5, ROWS, COLS), (2, 3), np.s_[2, 3]),
        ((1, 1, 1, ROWS, COLS), (1, 1, ROWS, COLS), (0, 0), np.s_[0, 0, 0]),
        ((ROWS, COLS), (1, ROWS, COLS), (0,), np.s_[:]),
        ((1, 4, ROWS, COLS), (4, ROWS, COLS), (3,), np.s_[0, 3]),
        ((ROWS, COLS, 1), (ROWS, COLS), (), np.s_[..., 0]),
        ((ROWS, COLS, 3), (ROWS, COLS), (), np.s_[:]),
        ((ROWS, COLS, 4), (ROWS, COLS), (), np.s_[..., :3]),
        ((4, ROWS, COLS, 3), (4, ROWS, COLS), (1,), np.s_[1]),
        ((3, 3, 3), (3, 3), (), np.s_[:]),
    ],
)
def test_a_frame_is_that_of_its_labels(image, labels, index, taken):
    pixels = image_of(*image)
    np.testing.assert_array_equal(frame(pixels, labels, index), pixels[taken])


def test_three_planes_are_colours():
    pixels = image_of(3, ROWS, COLS)
    np.testing.assert_array_equal(frame(pixels, (ROWS, COLS)), np.moveaxis(pixels, 0, -1))


def test_a_channel_is_chosen_wherever_its_axis_is():
    pixels = image_of(4, 2, 5, ROWS, COLS)
    found = frame(pixels, (4, 1, 5, ROWS, COLS), (3, 0, 2), channel=1)
    np.testing.assert_array_equal(found, pixels[3, 1, 2])


def test_a_colour_is_a_channel():
    pixels = image_of(ROWS, COLS, 3)
    np.testing.assert_array_equal(frame(pixels, (ROWS, COLS), channel=2), pixels[..., 2])


@pytest.mark.parametrize("channel", [-1, 2])
def test_a_channel_that_is_not_there_is_refused(channel):
    with pytest.raises(FormatError, match="channels 0 to 1"):
        frame(image_of(2, ROWS, COLS), (ROWS, COLS), channel=channel)


def test_a_channel_of_an_image_without_is_refused():
    with pytest.raises(FormatError, match="no channels"):
        frame(image_of(ROWS, COLS), (ROWS, COLS), channel=0)


@pytest.mark.parametrize("shape", [(2, ROWS, COLS), (ROWS, COLS, 5)])
def test_one_of_several_channels_is_to_be_chosen(shape):
    with pytest.raises(FormatError, match="channel=K"):
        frame(image_of(*shape), (ROWS, COLS))


@pytest.mark.parametrize(
    ("image", "labels"),
    [
        ((ROWS, COLS), (COLS, ROWS)),
        ((ROWS, COLS), (2, ROWS, COLS)),
        ((4, 5, ROWS, COLS), (ROWS, COLS)),
        ((COLS,), (ROWS, COLS)),
    ],
)
def test_other_shapes_do_not_match(image, labels):
    with pytest.raises(FormatError, match="does not match"):
        frame(image_of(*image), labels)


def test_what_is_said_of_the_last_axis_holds():
    with pytest.raises(FormatError, match="does not match"):
        matched(image_of(3, ROWS, COLS), (3, ROWS, COLS), "a", channels_last=True)


def test_a_damaged_array_is_named():
    class Damaged:
        shape = (4, ROWS, COLS)

        def __getitem__(self, index):
            raise RuntimeError("bad chunk")

    with pytest.raises(FormatError, match=r"a\.tif: can't be read \(bad chunk\)"):
        frame(Damaged(), (4, ROWS, COLS), (0,))
