"""What the names of intensity mappings mean for an image."""

import dask.array as da
import numpy as np
import pytest
from napari.layers import Image

from computed import pyramid
from napari_cutout.layers.image.channels import Channels
from napari_cutout.layers.image.mapping import check_name, resolve
from napari_cutout.segment import IntensityMapping, percentile_limits

LIMITS = (3.0, 40.0)
STACK = np.stack([np.full((20, 30), 100 * plane) for plane in range(5)])


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="minmax"):
        check_name("minmax")


def test_contrast_limits_are_those_that_are_given():
    mapping = resolve("contrast_limits", Image(STACK), (0, None, None), LIMITS)
    assert mapping == IntensityMapping("limits", LIMITS)


@pytest.mark.parametrize("name", ["percentile", "dtype"])
def test_what_each_frame_has_for_itself_is_left_to_it(name):
    assert resolve(name, Image(STACK), (0, None, None), LIMITS) == IntensityMapping(name)


@pytest.mark.parametrize("data", [STACK, da.from_array(STACK, chunks=(1, 10, 10))])
def test_one_mapping_for_a_stack_is_of_all_its_frames(data):
    mapping = resolve("stack", Image(data), (0, None, None), LIMITS)
    assert mapping.limits == percentile_limits(STACK)


def test_a_stack_of_one_value_has_limits_too():
    mapping = resolve("stack", Image(np.full((3, 9, 9), 7)), (0, None, None), LIMITS)
    assert mapping.limits == (7, 8)


def test_the_mapping_of_a_huge_stack_reads_what_stands_for_its_frames():
    levels = pyramid(100_000, [(50_000, 50_000, 40_000)])
    image = Image(levels, multiscale=True)
    levels[0].read = 0
    mapping = resolve("stack", image, (None, None), LIMITS)
    assert mapping.limits == (20, 220)
    assert levels[0].read == 0


def test_percentiles_of_three_channels_are_each_channels_own():
    channels = Channels(0, (0, 1, 2))
    mapping = resolve("percentile", Image(STACK), (0, None, None), LIMITS, channels)
    assert mapping == IntensityMapping("percentile", per_channel=True)


def test_a_stack_of_channels_has_limits_for_each():
    ramp = np.arange(600.0).reshape(20, 30)
    data = np.stack([[ramp, ramp * 10, ramp + 5] for _ in range(4)])
    channels = Channels(1, (2, 0, 1))
    mapping = resolve("stack", Image(data), (0, 0, None, None), LIMITS, channels)
    expected = [percentile_limits(data[:, channel]) for channel in channels.positions]
    assert mapping.limits == tuple(expected)


def test_one_channel_has_one_mapping():
    mapping = resolve("percentile", Image(STACK), (0, None, None), LIMITS, Channels(0, (1,)))
    assert mapping == IntensityMapping("percentile")
