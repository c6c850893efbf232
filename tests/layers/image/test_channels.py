"""Which channels are taken as the frame."""

import numpy as np
import pytest
from napari.layers import Image

from napari_cutout.layers.image.channels import Channels, check_sliced, choose_channels
from napari_cutout.segment import FrameError


def image(**settings):
    return Image(np.zeros((2, 5, 30, 40), np.uint16), axis_labels=("t", "c", "y", "x"), **settings)


def test_an_axis_is_named_by_its_label_or_number():
    expected = Channels(1, (0, 2, 4))
    for axis in ("c", 1, -3):
        assert choose_channels(image(), axis, (0, 2, -1)) == expected


@pytest.mark.parametrize(
    ("axis", "positions", "hint"),
    [
        ("c", (0, 1), "one channel or three, not 2"),
        ("c", (0, 1, 2, 3), "not 4"),
        ("c", (), "not 0"),
        ("c", (5,), "0 to 4, not 5"),
        ("c", (-6,), "0 to 4"),
        ("channel", (0,), "labelled"),
        (4, (0,), "axes 0 to 3"),
    ],
)
def test_what_is_no_choice_is_refused_with_the_way_out(axis, positions, hint):
    with pytest.raises(FrameError, match=hint):
        choose_channels(image(), axis, positions)


def test_an_image_with_colours_has_no_channels_to_choose():
    colours = Image(np.zeros((4, 30, 40, 3), np.uint8), rgb=True)
    with pytest.raises(FrameError, match="leave channels out"):
        choose_channels(colours, 0, (0,))


def test_an_axis_that_is_shown_holds_no_channels():
    with pytest.raises(FrameError, match="show other axes"):
        check_sliced(Channels(1, (0,)), (0, None, 3, None))


def test_all_positions_of_the_channel_slider_are_the_same_frame():
    channels = Channels(1, (2, 0, 1))
    assert channels.of((7, 4, None, None)) == channels.of((7, 0, None, None))
