"""Pixels above thresholds, against all pixels of the window brought up and compared."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from exact_family import ExactFamily
from napari_cutout.sam.config import SamConfig, VitConfig
from napari_cutout.sam.sam import Sam
from napari_cutout.segment import LazyFrame, Segmenter
from napari_cutout.segment.automatic.grid.upscaling import upscaling
from napari_cutout.segment.intensity import IntensityMapping
from napari_cutout.segment.pixels import PixelsInMemory, PixelsOnDemand
from napari_cutout.segment.windows import Window

_SMALL = VitConfig(48, 1, 4, (0,), head_dim=12, mlp_dim=64, patch=16, input_size=256)
FAMILIES = {
    "sam": Sam(SamConfig("small", _SMALL)),
    "medsam": Sam(SamConfig("small", _SMALL, framing="square")),
    "compact": Segmenter("compact").model,
    "exact": ExactFamily(),
}


def read(shape):
    return PixelsInMemory(np.zeros((*shape, 3), np.uint8)).grid(Window(0, 0, *shape), 256)


def landscape(low, seed, blur):
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=low), blur)
    return (noise / (noise.std() or 1) * 5).astype(np.float32)


def check(family, grid, logits, low, high):
    """Counts and masks are those of all pixels, but where one lies on the threshold."""
    scale = upscaling(family, grid)
    full = scale.piece(logits, Window(0, 0, *scale.shape))
    crossing = scale.crossing(logits, low, high)
    for level in (low, (low + high) / 2, high):
        is_near = np.abs(full - level) < 1e-3
        expected = full > level
        found = np.zeros(full.shape, bool)
        silhouette = None if crossing is None else crossing.above(level)
        if silhouette is not None:
            mask = silhouette.mask()
            found[silhouette.box.slices] = mask
            ends = (mask[0], mask[-1], mask[:, 0], mask[:, -1])
            assert all(end.any() for end in ends)
        np.testing.assert_array_equal(found | is_near, expected | is_near)
        count = 0 if crossing is None else crossing.count(level)
        assert count == np.count_nonzero(found)


@pytest.mark.parametrize("name", FAMILIES)
@settings(max_examples=25)
@given(
    shape=st.tuples(st.integers(1, 330), st.integers(1, 330)),
    seed=st.integers(0, 9),
    blur=st.sampled_from([0, 1, 4]),
    level=st.floats(-4, 12),
    offset=st.sampled_from([0.0, 0.5, 2.0]),
)
def test_pixels_above_are_those_of_the_whole(name, shape, seed, blur, level, offset):
    family, grid = FAMILIES[name], read(shape)
    logits = landscape(family.logits_size(grid.shape), seed, blur)

    check(family, grid, logits, level - offset, level + offset)


def test_a_window_that_was_read_with_fewer_pixels():
    frame = PixelsOnDemand(LazyFrame(np.zeros((2500, 2100), np.uint8)), IntensityMapping("dtype"))
    family = FAMILIES["sam"]
    grid = frame.grid(Window(9, 20, 2400, 2000), 256)

    assert not grid.is_exact
    check(family, grid, landscape(family.logits_size(grid.shape), 0, 3), -1, 1)


def test_pixels_inside_are_not_computed():
    family, grid = FAMILIES["sam"], read((256, 256))
    logits = np.full((64, 64), -9, np.float32)
    logits[10:50, 10:50] = 9

    crossing = upscaling(family, grid).crossing(logits, -1, 1)

    assert crossing.values.size < 5000 < 25_000 < crossing.count(0)
