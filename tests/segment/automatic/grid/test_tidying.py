"""Small holes and pieces of a mask in its box, against the same done in all of the frame."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cutout.segment.automatic.grid.tidying import tidied
from reference_grid import remove_small_regions

frames = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=14)).filter(np.any)


def in_box(frame):
    rows, cols = np.flatnonzero(frame.any(axis=1)), np.flatnonzero(frame.any(axis=0))
    piece = frame[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    return piece, (int(rows[0]), int(cols[0]))


@given(frames, st.integers(1, 30))
def test_a_box_is_tidied_as_the_frame_would_be(frame, least):
    filled, has_holes = remove_small_regions(frame, least, "holes")
    expected, has_islands = remove_small_regions(filled, least, "islands")

    found = tidied(*in_box(frame), frame.shape, least)

    if not has_holes and not has_islands:
        assert found is None
        return
    mask, (row, col) = found
    full = np.zeros_like(frame)
    full[row : row + mask.shape[0], col : col + mask.shape[1]] = mask
    np.testing.assert_array_equal(full, expected)
    np.testing.assert_array_equal(mask, in_box(full)[0])


def test_the_largest_piece_stays_if_all_are_small():
    mask = np.array([[1, 0, 1, 1], [0, 0, 0, 0], [1, 0, 0, 0]], bool)

    found, origin = tidied(mask, (5, 5), (20, 20), 10)

    assert found.tolist() == [[True, True]]
    assert origin == (5, 7)


def test_a_strip_of_the_frame_beside_the_mask_is_a_hole_if_it_is_small():
    mask = np.ones((6, 3), bool)

    found, origin = tidied(mask, (0, 2), (6, 20), 13)

    assert found.shape == (6, 5)
    assert origin == (0, 0)
