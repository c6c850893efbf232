"""Windows of a lattice: cores, seams, and what comes after."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.segment.automatic.windowed.lattice import lattice
from napari_cutout.segment.windows import Window

lengths = st.integers(1, 70)


@given(rows=lengths, cols=lengths, side=st.integers(8, 30), share=st.integers(1, 3))
def test_cores_share_nothing_leave_nothing_out_and_lie_in_their_windows(rows, cols, side, share):
    region = Window(5, 3, rows, cols)
    seen = np.zeros((100, 100), int)
    for cell in lattice(region, side, share):
        assert cell.core.shared(cell.window) == cell.core
        seen[cell.core.slices] += 1
    expected = np.zeros((100, 100), int)
    expected[region.slices] = 1
    assert (seen == expected).all()


@given(rows=lengths, cols=lengths, side=st.integers(8, 30), share=st.integers(1, 3))
def test_alone_are_the_pixels_of_one_window_only(rows, cols, side, share):
    cells = lattice(Window(0, 0, rows, cols), side, share)
    seen = np.zeros((rows, cols), int)
    for cell in cells:
        seen[cell.window.slices] += 1
    for cell in cells:
        for row in range(cell.window.row, cell.window.row + cell.window.rows):
            for col in range(cell.window.col, cell.window.col + cell.window.cols):
                assert cell.sees_alone((row, col, row, col)) == (seen[row, col] == 1)


@given(rows=lengths, cols=lengths, side=st.integers(8, 30), share=st.integers(1, 3), data=st.data())
def test_a_box_is_awaited_by_just_the_windows_that_still_come(rows, cols, side, share, data):
    cells = lattice(Window(0, 0, rows, cols), side, share)
    index = data.draw(st.integers(0, len(cells) - 1))
    window = cells[index].window
    row = data.draw(st.integers(window.row, window.row + window.rows - 1))
    col = data.draw(st.integers(window.col, window.col + window.cols - 1))
    later = any(
        cell.window.shared(Window(row, col, 1, 1)) is not None for cell in cells[index + 1 :]
    )
    # A pixel awaited needlessly costs memory; one given out too early is a doubled object.
    assert cells[index].comes_after((row, col, row, col)) >= later


@pytest.mark.parametrize(
    ("box", "cut"),
    [((0, 0, 5, 5), False), ((0, 0, 9, 5), True), ((2, 3, 4, 9), True), ((1, 1, 8, 8), False)],
)
def test_an_object_is_cut_where_the_lattice_goes_on(box, cut):
    first = lattice(Window(0, 0, 20, 20), 10, 2)[0]
    assert first.is_cut(box) is cut


def test_at_the_sides_of_the_region_nothing_is_cut():
    (only,) = lattice(Window(0, 0, 10, 10), 16, 4)
    assert not only.is_cut((0, 0, 9, 9))
