"""Pixels to network input and mask prompts, against Pillow and by their definition."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from napari_cutout.sam.preprocess import (
    input_extent,
    mask_logits,
    network_input,
    resize_levels,
    upscale_logits,
)


def noise(rows, cols):
    return np.random.default_rng(0).integers(0, 256, (rows, cols, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [(64, 64), (300, 200), (2, 37), (1, 500), (500, 1), (520, 696)])
def test_resizing_is_pillows(size):
    image = pytest.importorskip("PIL.Image")
    pixels = noise(*size)
    rows, cols = input_extent(*size, 64, "longest_side")
    expected = image.fromarray(pixels).resize((cols, rows), image.Resampling.BILINEAR)
    actual = resize_levels(torch.from_numpy(pixels), (rows, cols))[0].permute(1, 2, 0)
    np.testing.assert_array_equal(actual.numpy(), np.asarray(expected))


@settings(deadline=None)
@given(rows=st.integers(1, 5000), cols=st.integers(1, 5000))
def test_the_long_side_becomes_the_input_side(rows, cols):
    extent = input_extent(rows, cols, 1024, "longest_side")
    assert max(extent) == 1024
    assert min(extent) == max(1, int(min(rows, cols) * (1024 / max(rows, cols)) + 0.5))


def test_padding_is_zero_after_normalising():
    black = torch.zeros(32, 64, 3, dtype=torch.uint8)
    image = network_input(black, 64, "longest_side")
    assert image.shape == (1, 3, 64, 64)
    torch.testing.assert_close(image[0, 0, :32], torch.full((32, 64), -123.675 / 58.395))
    assert not image[..., 32:, :].any()


def test_square_framing_is_medsams():
    transform = pytest.importorskip("skimage.transform")
    pixels = noise(20, 50)
    expected = transform.resize(
        pixels, (64, 64), order=3, preserve_range=True, anti_aliasing=True
    ).astype(np.uint8)
    expected = (expected - expected.min()) / (expected.max() - expected.min())
    image = network_input(torch.from_numpy(pixels), 64, "square")
    torch.testing.assert_close(
        image[0].permute(1, 2, 0), torch.from_numpy(expected), check_dtype=False
    )


def test_square_upscaling_interpolates_probabilities():
    logits = torch.randn(1, 1, 16, 16, generator=torch.Generator().manual_seed(0)) * 5
    upscaled = upscale_logits(logits, 64, (20, 50), "square")
    expected = F.interpolate(logits.sigmoid(), (20, 50), mode="bilinear") > 0.5
    assert torch.equal(upscaled > 0, expected)


def test_a_mask_prompt_is_certain_inside_and_outside():
    mask = torch.zeros(1, 64, 32, dtype=torch.bool)
    mask[:, :32] = True
    logits = mask_logits(mask, 64, 16, "longest_side", 10.0)
    expected = torch.full((1, 1, 16, 16), -10.0)
    expected[..., :8, :8] = 10.0
    torch.testing.assert_close(logits, expected)


@pytest.mark.parametrize("rows", [9, 90])
def test_a_mask_of_one_column_goes_the_way_of_one_of_one_row(rows):
    mask = torch.arange(rows)[None, :, None] % 3 == 0
    down, across = (mask_logits(one, 64, 16, "longest_side", 1.0) for one in (mask, mask.mT))

    torch.testing.assert_close(down, across.mT)


@settings(deadline=None)
@given(rows=st.integers(1, 90), cols=st.integers(1, 90))
def test_a_full_mask_covers_the_image_and_not_the_padding(rows, cols):
    extent = input_extent(rows, cols, 64, "longest_side")
    logits = mask_logits(torch.ones(1, rows, cols, dtype=torch.bool), 64, 16, "longest_side", 1.0)
    covered = (logits + 1).sum() / 2 * 16
    torch.testing.assert_close(covered.item(), float(extent[0] * extent[1]), rtol=1e-4, atol=0)
