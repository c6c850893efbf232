"""From the logits of a window that was read with fewer pixels to masks of the frame."""

import tracemalloc
from itertools import islice
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from computed import disc, pyramid
from napari_cutout.segment import LazyFrame, MaskOptions, TooLargeError, Window, crops
from napari_cutout.segment.crops import crop, full, pieces
from napari_cutout.segment.windows import whole

SIDE = 2048


def disc_logits(grid, row, col, radius):
    """How far inside a disc of the frame each pixel of a grid lies, in pixels of the grid."""
    rows, cols = grid.centres()
    away = np.hypot(rows[:, None] - row, cols - col)
    return ((radius - away) / grid.step[0]).astype(np.float32)


def in_frame(mask, origin, shape):
    found = np.zeros(shape, bool)
    found[origin[0] : origin[0] + mask.shape[0], origin[1] : origin[1] + mask.shape[1]] = mask
    return found


@given(
    st.floats(200, SIDE - 200),
    st.floats(200, SIDE - 200),
    st.floats(30, 150),
    st.sampled_from([64, 100, 256]),
)
def test_the_edge_lies_where_the_logits_cross_zero(row, col, radius, size):
    grid = LazyFrame(pyramid(SIDE)).grid(whole((SIDE, SIDE)), size)
    mask, origin = crop(disc_logits(grid, row, col, radius), grid, MaskOptions())
    found = in_frame(mask, origin, (SIDE, SIDE))
    # Linear interpolation cuts a curved edge by a fraction of a pixel of the grid.
    slack = grid.step[0] ** 2 / radius / 2 + 1
    assert not (found & ~disc((SIDE, SIDE), row, col, radius + slack)).any()
    assert not (~found & disc((SIDE, SIDE), row, col, radius - slack)).any()


@given(st.integers(0, SIDE - 1), st.integers(0, SIDE - 1), st.floats(1, 300))
def test_a_crop_is_what_the_logits_of_the_window_say(row, col, radius):
    grid = LazyFrame(pyramid(SIDE)).grid(Window(512, 256, 1024, 1024), 128)
    logits = disc_logits(grid, row, col, radius)
    mask, origin = crop(logits, grid, MaskOptions())
    found = np.zeros((SIDE, SIDE), bool)
    found[grid.window.slices] = full(logits, grid) > 0
    assert np.array_equal(in_frame(mask, origin, (SIDE, SIDE)), found)
    if mask.size:
        assert mask[0].any()
        assert mask[-1].any()
        assert mask[:, 0].any()
        assert mask[:, -1].any()


def test_a_small_object_in_a_vast_window_costs_what_the_object_does():
    grid = LazyFrame(pyramid(100_000)).grid(whole((100_000, 100_000)), 512)
    logits = disc_logits(grid, 70_000, 20_000, 1500)
    mask, (row, col) = crop(logits, grid, MaskOptions())
    assert mask.shape == pytest.approx((3000, 3000), abs=60)
    assert (row, col) == pytest.approx((68_500, 18_500), abs=30)


def test_an_object_that_would_fill_memory_is_refused_with_the_way_out():
    grid = LazyFrame(pyramid(100_000)).grid(whole((100_000, 100_000)), 512)
    with pytest.raises(TooLargeError, match="negative point"):
        crop(disc_logits(grid, 50_000, 50_000, 40_000), grid, MaskOptions())


@given(st.integers(0, SIDE - 1), st.integers(0, SIDE - 1), st.floats(1, 900))
@settings(max_examples=20)
def test_pieces_are_together_what_the_crop_is(row, col, radius):
    grid = LazyFrame(pyramid(SIDE)).grid(whole((SIDE, SIDE)), 128)
    logits, options = disc_logits(grid, row, col, radius), MaskOptions(smoothing=9)
    found = np.zeros((SIDE, SIDE), np.uint8)
    with mock.patch.object(crops, "_PIECE", 300):
        for mask, origin in pieces(logits, grid, options):
            assert max(mask.shape) <= 300
            found += in_frame(mask, origin, (SIDE, SIDE))
    assert np.array_equal(found, in_frame(*crop(logits, grid, options), (SIDE, SIDE)))


def test_a_window_that_was_read_pixel_by_pixel_is_one_piece():
    grid = LazyFrame(pyramid(SIDE)).grid(Window(100, 200, 64, 64), 64)
    logits = disc_logits(grid, 130, 230, 9)
    mask, origin = crop(logits, grid, MaskOptions())
    ((piece, corner),) = pieces(logits, grid, MaskOptions())
    assert corner == origin
    assert np.array_equal(piece, mask)
    assert list(pieces(logits - 99, grid, MaskOptions())) == []


def test_an_object_of_any_size_comes_in_pieces_that_memory_holds():
    grid = LazyFrame(pyramid(100_000)).grid(whole((100_000, 100_000)), 512)
    logits = disc_logits(grid, 50_000, 50_000, 40_000)
    tracemalloc.start()
    area = sum(int(mask.sum()) for mask, _ in islice(pieces(logits, grid, MaskOptions()), 3))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert area > 4096**2
    assert most < 400 << 20


def test_logits_of_a_vast_window_are_refused():
    grid = LazyFrame(pyramid(100_000)).grid(whole((100_000, 100_000)), 512)
    with pytest.raises(TooLargeError, match=r"crop\(k\)"):
        full(np.zeros(grid.shape, np.float32), grid)


def test_no_object_is_an_empty_mask():
    grid = LazyFrame(pyramid(SIDE)).grid(whole((SIDE, SIDE)), 128)
    assert crop(np.full(grid.shape, -1, np.float32), grid, MaskOptions())[0].shape == (0, 0)


def test_the_threshold_moves_the_edge():
    grid = LazyFrame(pyramid(SIDE)).grid(whole((SIDE, SIDE)), 128)
    logits = disc_logits(grid, 1000, 1000, 320)
    mask, _ = crop(logits, grid, MaskOptions(threshold=5))
    # Five pixels of the grid are eighty of the frame.
    assert mask.shape == pytest.approx((2 * 240, 2 * 240), abs=8)


def test_holes_are_filled():
    grid = LazyFrame(pyramid(SIDE)).grid(whole((SIDE, SIDE)), 128)
    ring = np.minimum(disc_logits(grid, 1000, 1000, 320), -disc_logits(grid, 1000, 1000, 100))
    assert not crop(ring, grid, MaskOptions())[0].all(axis=1).any()
    mask, origin = crop(ring, grid, MaskOptions(fill_holes=True))
    assert in_frame(mask, origin, (SIDE, SIDE))[900:1100, 900:1100].all()


def test_smoothing_is_measured_in_pixels_of_the_frame():
    exact = LazyFrame(pyramid(SIDE)).grid(Window(0, 0, 512, 512), 512)
    coarse = LazyFrame(pyramid(SIDE)).grid(Window(0, 0, 512, 512), 128)
    sizes = []
    for grid in (exact, coarse):
        rows, cols = grid.centres()
        square = np.maximum(np.abs(rows[:, None] - 250), np.abs(cols - 250)) < 60
        logits = np.where(square, 1, -1).astype(np.float32)
        sizes.append(int(crop(logits, grid, MaskOptions(smoothing=20))[0].sum()))
    assert sizes[0] == pytest.approx(sizes[1], rel=0.03)
    assert sizes[0] < 0.97 * 120**2
