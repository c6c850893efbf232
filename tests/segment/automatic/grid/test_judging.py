"""Answers are judged at the logits' resolution first: none goes there that would stay."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from napari_cutout.sam.config import SamConfig, VitConfig
from napari_cutout.sam.sam import Sam
from napari_cutout.segment.automatic.grid.judging import _may_all_be_stable, hopeful, judged
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.segment.automatic.grid.upscaling import upscaling
from napari_cutout.segment.pixels import PixelsInMemory
from napari_cutout.segment.windows import Window


@pytest.fixture(scope="module", params=[(300, 400), (512, 512)], ids=str)
def scale(request):
    """Of a window in which logits stand for different numbers of pixels, or all for 16."""
    shape = request.param
    encoder = VitConfig(48, 1, 4, (0,), head_dim=12, mlp_dim=64, patch=16, input_size=512)
    grid = PixelsInMemory(np.zeros((*shape, 3), np.uint8)).grid(Window(0, 0, *shape), 512)
    return upscaling(Sam(SamConfig("small", encoder)), grid)


def landscape(seed, blur, steep, level):
    """Logits ``(128, 128)`` from noise (blur 0) to smooth hills."""
    noise = np.random.default_rng(seed).normal(size=(128, 128))
    hills = ndimage.gaussian_filter(noise, blur)
    return ((hills / hills.std() + level) * steep).astype(np.float32)


landscapes = st.builds(
    landscape,
    st.integers(0, 10_000),
    st.sampled_from([0, 0.7, 1.5, 3, 8, 20]),
    st.sampled_from([2, 6, 20]),
    st.sampled_from([-3, -1.5, 0, 1.5]),
)


def counted(scale, logits, options):
    """The mask in all of the window, and its stability, by counting pixels."""
    pixels = scale.piece(logits, Window(0, 0, *scale.shape))
    middle, offset = options.mask_threshold, options.stability_score_offset
    high, low = (np.count_nonzero(pixels > middle + shift) for shift in (offset, -offset))
    return pixels > middle, high / low if low else 0.0


@given(landscapes, st.sampled_from([0.3, 0.8, 0.95, 0.99]), st.sampled_from([0.0, 3.0]))
def test_no_answer_goes_that_is_stable_in_pixels(scale, logits, least, threshold):
    options = GridOptions(stability_score_thresh=least, mask_threshold=threshold)
    mask, stability = counted(scale, logits, options)

    may_pass = hopeful(torch.from_numpy(logits)[None], scale, options)

    if mask.any() and stability >= least:
        assert may_pass.tolist() == [True]


@given(landscapes, st.sampled_from([0.3, 0.8, 0.95]))
def test_an_answer_is_counted_in_pixels(scale, logits, least):
    options = GridOptions(stability_score_thresh=least)
    mask, stability = counted(scale, logits, options)

    answer = judged(logits, scale, options)

    if not mask.any() or np.float32(stability) < np.float32(least):
        assert answer is None
        return
    assert answer.stability == pytest.approx(stability, abs=1e-6)
    full = np.zeros(scale.shape, bool)
    full[answer.silhouette.box.slices] = answer.silhouette.mask()
    np.testing.assert_array_equal(full, mask)


def test_most_unstable_answers_go_before_pixels_are_made(scale):
    logits = np.stack([landscape(seed, 3, 2, -1) for seed in range(20)])

    assert not hopeful(torch.from_numpy(logits), scale, GridOptions()).any()


def test_one_at_a_time_is_as_all_at_once(scale):
    logits = np.stack([landscape(seed, 2 + seed % 5, 6, -1.5) for seed in range(60)])
    options = GridOptions(stability_score_thresh=0.7)

    may_pass = hopeful(torch.from_numpy(logits), scale, options)

    expected = _may_all_be_stable(torch.from_numpy(logits), scale.weights, (1.0, -1.0), 0.7)
    assert 0 < np.count_nonzero(expected) < len(expected)
    np.testing.assert_array_equal(may_pass, expected)
