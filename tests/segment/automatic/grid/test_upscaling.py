"""Logits at the pixels of a box, against those that the family gives for all of the window."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exact_family import ExactFamily
from napari_cutout.sam.config import SamConfig, VitConfig
from napari_cutout.sam.sam import Sam
from napari_cutout.segment import LazyFrame, Segmenter
from napari_cutout.segment.automatic.grid.upscaling import ByAxes, Whole, upscaling
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


def grid_of(shape, size):
    frame = np.zeros((*shape, 3), np.uint8)
    return PixelsInMemory(frame).grid(Window(0, 0, *shape), size)


def logits_of(family, grid, seed):
    low = family.logits_size(grid.shape)
    return np.random.default_rng(seed).normal(0, 5, low).astype(np.float32)


def whole(family, grid, logits):
    with torch.no_grad():
        full = family.upscale(torch.from_numpy(logits)[None, None], grid.shape)[0, 0].numpy()
    return grid.sample(full, grid.window)


@pytest.mark.parametrize("name", FAMILIES)
@settings(max_examples=25)
@given(
    shape=st.tuples(st.integers(1, 330), st.integers(1, 330)),
    corners=st.tuples(*[st.floats(0, 1)] * 4),
    seed=st.integers(0, 9),
)
def test_a_box_has_the_values_of_the_whole(name, shape, corners, seed):
    family, grid = FAMILIES[name], grid_of(shape, 256)
    logits = logits_of(family, grid, seed)
    rows, cols = (sorted(int(c * (n - 1)) for c in corners[k::2]) for k, n in enumerate(shape))
    box = Window(rows[0], cols[0], rows[1] - rows[0] + 1, cols[1] - cols[0] + 1)

    piece = upscaling(family, grid).piece(logits, box)

    np.testing.assert_allclose(piece, whole(family, grid, logits)[box.slices], atol=2e-4)


@pytest.mark.parametrize("name", ["sam", "compact", "exact"])
def test_boxes_cost_what_they_hold(name):
    assert isinstance(upscaling(FAMILIES[name], grid_of((200, 300), 256)), ByAxes)


def test_what_is_no_mix_along_the_axes_is_made_whole():
    assert isinstance(upscaling(FAMILIES["medsam"], grid_of((200, 300), 256)), Whole)


@pytest.mark.parametrize("name", FAMILIES)
@settings(max_examples=25)
@given(seed=st.integers(0, 99), level=st.floats(0, 14))
def test_the_reach_holds_every_pixel_above(name, seed, level):
    family, grid = FAMILIES[name], grid_of((150, 220), 256)
    logits = logits_of(family, grid, seed)

    box = upscaling(family, grid).reach(logits > level)

    above = whole(family, grid, logits) > level
    if box is not None:
        above[box.slices] = False
    assert not above.any()


def test_a_window_read_with_fewer_pixels_is_brought_to_its_own():
    frame = PixelsOnDemand(LazyFrame(np.zeros((2500, 2100), np.uint8)), IntensityMapping("dtype"))
    family = FAMILIES["sam"]
    grid = frame.grid(Window(9, 20, 2400, 2000), 256)
    logits = logits_of(family, grid, 0)
    box = Window(1111, 700, 90, 301)

    piece = upscaling(family, grid).piece(logits, box)

    assert not grid.is_exact
    np.testing.assert_allclose(piece, whole(family, grid, logits)[box.slices], atol=2e-4)
