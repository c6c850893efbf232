"""Pixels of a window, in few bytes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from napari_cutout.segment.automatic.grid.silhouette import Silhouette
from napari_cutout.segment.windows import Window

masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=20))


@given(masks, st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_a_mask_comes_back_in_its_bounding_box(mask, corner):
    silhouette = Silhouette.of_mask(mask, Window(*corner, *mask.shape))

    if not mask.any():
        assert silhouette is None
        return
    row, col = corner
    full = np.zeros((40, 40), bool)
    full[silhouette.box.slices] = silhouette.mask()
    expected = np.zeros((40, 40), bool)
    expected[row : row + mask.shape[0], col : col + mask.shape[1]] = mask
    np.testing.assert_array_equal(full, expected)
    sides = silhouette.mask()
    assert all(side.any() for side in (sides[0], sides[-1], sides[:, 0], sides[:, -1]))
