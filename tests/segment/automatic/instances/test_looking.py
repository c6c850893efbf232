"""What is seen at a scale."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.segment.automatic.instances.looking import Scale
from napari_cutout.segment.windows import Window, fits


@given(
    st.tuples(*[st.integers(1, 300)] * 4),
    st.tuples(*[st.floats(0, 1)] * 4),
    st.integers(1, 400),
)
def test_windows_have_their_size_cover_the_piece_and_lie_in_the_region(sizes, shares, side):
    row, col, rows, cols = sizes
    region = Window(row, col, rows, cols)
    top, left = int(shares[0] * (rows - 1)), int(shares[1] * (cols - 1))
    height, width = (
        1 + int(shares[2] * (rows - top - 1)),
        1 + int(shares[3] * (cols - left - 1)),
    )
    piece = Window(row + top, col + left, height, width)
    windows = Scale(region, side).windows(piece)
    covered = np.zeros((rows, cols), bool)
    for window in windows:
        inside = window.relative_to(region)
        assert fits(inside, (rows, cols))
        assert (window.rows, window.cols) == (min(side, rows), min(side, cols))
        covered[inside.slices] = True
    assert covered[piece.relative_to(region).slices].all()
