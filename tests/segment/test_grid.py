"""Where the pixels that a window is read as lie in the frame."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from computed import pyramid
from napari_cutout.segment import LazyFrame, Window

sides = st.integers(1, 5000)


@st.composite
def grids(draw):
    """A window of a frame of any size, with a pyramid of any factor, for any input size."""
    rows, cols = draw(sides), draw(sides)
    levels, shape = [], (rows, cols)
    for factor in [1, *draw(st.lists(st.floats(1, 4), max_size=4))]:
        shape = tuple(max(1, int(side / factor)) for side in shape)
        levels.append(np.broadcast_to(np.uint8(0), shape))
    row, col = draw(st.integers(0, rows - 1)), draw(st.integers(0, cols - 1))
    window = Window(row, col, draw(st.integers(1, rows - row)), draw(st.integers(1, cols - col)))
    return LazyFrame(levels), window, draw(st.integers(16, 600))


@given(grids())
def test_a_grid_covers_its_window_and_little_more(given_grid):
    frame, window, size = given_grid
    grid = frame.grid(window, size)
    for axis, (start, length) in enumerate(((window.row, window.rows), (window.col, window.cols))):
        end = grid.start[axis] + grid.shape[axis] * grid.step[axis]
        assert grid.start[axis] <= start + 1e-3
        assert end >= start + length - 1e-3
        assert start - grid.start[axis] < grid.step[axis]
        assert end - (start + length) < 2 * grid.step[axis]


@given(grids())
def test_no_more_is_read_than_the_model_takes_in(given_grid):
    frame, window, size = given_grid
    grid = frame.grid(window, size)
    assert max(grid.shape) <= 4 * 1.1 * size + 2
    assert max(grid.shape) >= min(max(window.rows, window.cols), 0.5 * size) / 4


@given(grids())
def test_positions_in_the_grid_are_those_of_its_centres(given_grid):
    frame, window, size = given_grid
    grid = frame.grid(window, size)
    rows, cols = grid.centres()
    found = grid.from_frame(np.stack([rows[[0, -1]], cols[[0, -1]]], axis=1))
    assert np.allclose(found, [[0, 0], np.subtract(grid.shape, 1)], atol=1e-6)


def test_a_window_of_the_inputs_size_is_read_as_it_is():
    grid = LazyFrame(pyramid(4096)).grid(Window(512, 640, 512, 512), 512)
    assert grid.is_exact
    assert (grid.shape, grid.corner, grid.level) == ((512, 512), (512, 640), 0)


def test_the_level_is_the_coarsest_with_enough_pixels():
    frame = LazyFrame(pyramid(4096))
    assert [frame.grid(Window(0, 0, side, side), 512).level for side in (512, 1024, 4096)] == [
        0,
        1,
        3,
    ]


def test_without_a_pyramid_blocks_are_read():
    frame = LazyFrame(np.broadcast_to(np.uint8(0), (10_000, 10_000)))
    grid = frame.grid(Window(0, 0, 8192, 8192), 512)
    assert grid.block == (8, 8)
    assert grid.shape == (1024, 1024)


def test_a_level_that_shrinks_one_axis_keeps_the_proportions():
    levels = [np.broadcast_to(np.uint8(0), shape) for shape in ((4096, 4096), (4096, 1024))]
    grid = LazyFrame(levels).grid(Window(0, 0, 4096, 4096), 512)
    assert grid.level == 1
    assert grid.step == (4.0, 4.0)


def test_a_box_keeps_its_sides():
    grid = LazyFrame(pyramid(4096)).grid(Window(0, 0, 2048, 2048), 512)
    # Pixels 400 to 799 of the frame are pixels 100 to 199 of the grid.
    assert grid.box_from_frame(np.array([400.0, 400.0, 799.0, 799.0])).tolist() == [
        100,
        100,
        199,
        199,
    ]


def test_a_box_smaller_than_a_pixel_is_its_centre():
    grid = LazyFrame(pyramid(4096)).grid(Window(0, 0, 2048, 2048), 512)
    low, high = grid.box_from_frame(np.array([401.0, 401.0, 402.0, 402.0])).reshape(2, 2)
    assert np.array_equal(low, high)
    assert low == pytest.approx((401.5 + 0.5) / 4 - 0.5)


@given(grids())
def test_interpolation_keeps_what_is_linear(given_grid):
    frame, window, size = given_grid
    grid = frame.grid(window, size)
    rows, cols = grid.centres()
    values = (rows[:, None] + 2 * cols).astype(np.float32)
    piece = Window(window.row, window.col, min(window.rows, 40), min(window.cols, 40))
    across = np.clip(np.arange(piece.col, piece.col + piece.cols), cols[0], cols[-1])
    down = np.clip(np.arange(piece.row, piece.row + piece.rows), rows[0], rows[-1])
    assert np.allclose(grid.sample(values, piece), down[:, None] + 2 * across, atol=0.01, rtol=1e-4)
