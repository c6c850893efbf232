"""Edges made thin."""

import numpy as np
from scipy import ndimage

from napari_cutout.segment.automatic.thinning import thinned


def blurred(lines):
    return ndimage.gaussian_filter(lines.astype(np.float32), 1.5)


def test_a_straight_edge_is_one_pixel_wide_where_it_was():
    lines = np.zeros((40, 40), bool)
    lines[:, 17] = True
    kept = thinned(blurred(lines)) > 0.05
    np.testing.assert_array_equal(kept, lines)


def test_an_edge_aslant_stays_whole_and_thin():
    lines = np.eye(60, dtype=bool)
    kept = thinned(blurred(lines)) > 0.05
    inside = np.s_[10:50, 10:50]
    np.testing.assert_array_equal(kept[inside], lines[inside])


def test_the_edge_keeps_its_strength():
    lines = np.zeros((30, 30), bool)
    lines[12] = True
    edges = blurred(lines)
    np.testing.assert_array_equal(thinned(edges)[12], edges[12])


def test_a_ring_stays_closed():
    rows, cols = np.ogrid[:61, :61]
    away = np.hypot(rows - 30, cols - 30)
    kept = thinned(np.exp(-(((away - 18) / 2) ** 2)).astype(np.float32)) > 0.2
    inside, _ = ndimage.label(~kept)
    assert inside[30, 30] != inside[0, 0]
    assert np.abs(away[kept] - 18).max() < 1


def test_nothing_stays_nothing():
    assert not thinned(np.zeros((5, 5), np.float32)).any()
