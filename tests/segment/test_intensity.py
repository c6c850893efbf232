"""From any frame to 8-bit RGB pixels."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cutout.segment import FrameError, IntensityMapping, percentile_limits, to_pixels

DTYPES = [
    "?",
    "u1",
    "u2",
    "u4",
    "u8",
    "i1",
    "i2",
    "i4",
    "i8",
    "f2",
    "f4",
    "f8",
    ">u2",
    ">f4",
    ">f8",
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["percentile", "dtype"])
def test_every_real_dtype_gives_rgb_pixels(dtype, name):
    frame = (np.arange(30).reshape(5, 6) % 7).astype(dtype)
    pixels = to_pixels(frame, name)
    assert (pixels.shape, pixels.dtype) == ((5, 6, 3), np.uint8)


@given(
    hnp.arrays(
        st.sampled_from([np.float16, np.float32, np.float64]),
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=8),
        elements={"allow_nan": True, "allow_infinity": True},
    )
)
def test_brighter_is_never_darker(frame):
    pixels = to_pixels(frame)[..., 0]
    finite = np.isfinite(frame)
    order = np.argsort(frame[finite], kind="stable")
    assert (np.diff(pixels[finite][order].astype(int)) >= 0).all()
    assert (pixels[np.isnan(frame) | np.isneginf(frame)] == 0).all()


@given(hnp.arrays(np.float64, (3, 4), elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_the_whole_range_of_float64_has_black_and_white(frame):
    pixels = to_pixels(frame, "percentile")
    if np.ptp(pixels):
        assert pixels[np.unravel_index(frame.argmin(), frame.shape)].max() == 0
        assert pixels[np.unravel_index(frame.argmax(), frame.shape)].min() == 255


def test_none_takes_uint8_as_it_is():
    frame = np.array([[0, 7], [200, 255]], np.uint8)
    assert np.array_equal(to_pixels(frame, "none")[..., 1], frame)


def test_none_refuses_other_dtypes_and_names_the_way_out():
    with pytest.raises(FrameError, match="'percentile'"):
        to_pixels(np.zeros((2, 2), np.uint16), "none")


def test_limits_become_black_and_white():
    pixels = to_pixels(np.array([[99, 100, 150, 200, 201]], np.uint16), (100, 200))
    assert pixels[0, :, 0].tolist() == [0, 0, 128, 255, 255]


def test_the_dtype_range_becomes_black_and_white():
    pixels = to_pixels(np.array([[-128, 0, 127]], np.int8), "dtype")
    assert pixels[0, :, 0].tolist() == [0, 128, 255]


def test_a_constant_frame_is_black():
    assert to_pixels(np.full((4, 5), 7.5)).max() == 0


def test_rgba_loses_its_alpha():
    frame = np.zeros((2, 3, 4), np.uint8)
    frame[..., 3] = 255
    assert to_pixels(frame, "none").max() == 0


def test_memory_order_and_writeability_do_not_matter():
    frame = np.arange(48, dtype=np.uint16).reshape(6, 8)
    expected = to_pixels(frame)
    strided = np.zeros((12, 16), np.uint16)
    strided[::2, ::2] = frame
    strided.flags.writeable = False
    assert np.array_equal(to_pixels(strided[::2, ::2]), expected)
    assert np.array_equal(to_pixels(np.asfortranarray(frame)), expected)
    assert np.array_equal(to_pixels(frame.astype(">u2")), expected)


@pytest.mark.parametrize(
    ("frame", "hint"),
    [
        (np.zeros((4, 5, 2)), "choose a channel"),
        (np.zeros((4, 5, 5)), "choose a channel"),
        (np.zeros((2, 3, 4, 5)), "index the other axes"),
        (np.zeros(7), "2 axes"),
        (np.zeros((0, 4)), "empty"),
        (np.zeros((4, 4), complex), "real numbers"),
        (np.array([["a"]]), "real numbers"),
        ([[1, 2], [3]], "one length"),
    ],
)
def test_what_is_no_frame_is_refused_with_the_way_out(frame, hint):
    with pytest.raises(FrameError, match=hint):
        to_pixels(frame)


@pytest.mark.parametrize("limits", [(2, 1), (1, 1), (np.nan, 1), (0, np.inf)])
def test_impossible_limits_are_refused(limits):
    with pytest.raises(ValueError, match="limits"):
        IntensityMapping("limits", limits)


@pytest.mark.parametrize("side", [1001, 1024, 2048])
def test_the_percentiles_of_a_large_frame_are_of_all_its_channels_and_columns(side):
    frame = np.zeros((side, side, 3), np.uint8)
    frame[..., 1] = 100
    frame[:, ::4, 2] = 200
    assert percentile_limits(frame) == (0, 200)


@pytest.mark.parametrize("mapping", [5, (1,), None])
def test_what_is_no_mapping_is_refused(mapping):
    with pytest.raises(ValueError, match="name or"):
        to_pixels(np.zeros((2, 2)), mapping)


def test_an_unknown_mapping_is_refused():
    with pytest.raises(ValueError, match="minmax"):
        to_pixels(np.zeros((2, 2)), "minmax")


def test_percentiles_of_a_stack_ignore_what_is_not_finite():
    stack = np.full((2, 10, 10), np.nan)
    stack[0] = np.arange(100).reshape(10, 10)
    low, high = percentile_limits(stack)
    assert 0 <= low < 1
    assert 98 < high <= 99


def test_limits_of_three_channels_are_each_channels_own():
    frame = np.stack([np.full((2, 2), 50), np.full((2, 2), 500), np.full((2, 2), 5)], axis=-1)
    pixels = to_pixels(frame, IntensityMapping("limits", ((0, 100), (0, 1000), (5, 10))))
    assert pixels[0, 0].tolist() == [128, 128, 0]


def test_limits_of_three_channels_are_refused_for_a_grey_frame():
    with pytest.raises(FrameError, match="one pair"):
        to_pixels(np.zeros((2, 2)), IntensityMapping("limits", ((0, 1), (0, 1), (0, 1))))


def test_percentiles_may_be_each_channels_own():
    ramp = np.arange(256, dtype=np.uint16).reshape(16, 16)
    frame = np.stack([ramp, ramp * 100, ramp + 1000], axis=-1)
    expected = to_pixels(ramp)[..., 0]
    pixels = to_pixels(frame, IntensityMapping("percentile", per_channel=True))
    assert all(np.array_equal(pixels[..., channel], expected) for channel in range(3))


def test_percentiles_of_each_channel_are_another_mapping():
    apart = IntensityMapping("percentile", per_channel=True)
    assert apart.key != IntensityMapping("percentile").key


def test_per_channel_goes_with_percentiles_only():
    with pytest.raises(ValueError, match="percentile"):
        IntensityMapping("dtype", per_channel=True)


@pytest.mark.parametrize("per_channel", [False, True])
def test_settled_percentiles_map_a_frame_as_it_is_mapped_whole(per_channel):
    frame = np.random.default_rng(0).integers(0, 900, (40, 50, 3)).astype(np.uint16)
    mapping = IntensityMapping("percentile", per_channel=per_channel)
    settled = mapping.settled(frame)
    assert settled.name == "limits"
    assert np.array_equal(to_pixels(frame, settled), to_pixels(frame, mapping))


@pytest.mark.parametrize("value", [0, 7, 1e300, -1e300])
def test_settled_percentiles_of_one_value_make_it_black(value):
    frame = np.full((4, 5, 1), float(value))
    assert to_pixels(frame[..., 0], IntensityMapping().settled(frame)).max() == 0


def test_the_percentiles_of_a_view_are_those_of_its_copy():
    stack = np.random.default_rng(0).integers(0, 9000, (1200, 3, 1300))
    view = stack[:, 1]
    assert percentile_limits(view) == percentile_limits(view.copy())


@pytest.mark.parametrize(
    "as_tensor",
    [
        torch.from_numpy,
        lambda frame: torch.from_numpy(frame).float().requires_grad_(),
        lambda frame: torch.from_numpy(frame).to(torch.bfloat16),
        lambda frame: torch.from_numpy(frame).T.contiguous().T,
    ],
)
def test_tensors_are_frames(as_tensor):
    frame = np.arange(200, dtype=np.uint8).reshape(10, 20)
    assert np.array_equal(to_pixels(as_tensor(frame), (0, 255)), to_pixels(frame, (0, 255)))


def test_a_tensor_without_values_is_no_frame():
    with pytest.raises(FrameError, match="this Tensor doesn't"):
        to_pixels(torch.empty(5, 5, device="meta"))
