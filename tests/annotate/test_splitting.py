"""Cutting a mask in two by two clicks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_cutout.annotate import splitting
from napari_cutout.annotate.splitting import split_mask

GRID = np.indices((60, 100))


def disc(row, col, radius):
    return np.hypot(GRID[0] - row, GRID[1] - col) < radius


TOUCHING = disc(30, 30, 20) | disc(30, 65, 20)


@pytest.mark.parametrize(
    "clicks",
    [((30, 30), (30, 65)), ((12, 30), (30, 65)), ((15, 38), (15, 57)), ((30, 40), (30, 55))],
    ids=["centres", "one at the edge", "both at the edge", "near the neck"],
)
def test_touching_discs_are_cut_at_the_neck(clicks):
    first, second = split_mask(TOUCHING, *clicks)
    neck = 47.5
    assert np.flatnonzero(first.any(axis=0)).max() == pytest.approx(neck, abs=2)
    assert np.flatnonzero(second.any(axis=0)).min() == pytest.approx(neck, abs=2)


def test_without_a_neck_the_nearer_click_counts():
    whole = disc(30, 30, 20)
    first, second = split_mask(whole, (30, 20), (30, 40))
    np.testing.assert_array_equal(second, whole & (GRID[1] > 30))
    np.testing.assert_array_equal(first, whole & (GRID[1] <= 30))


def test_large_masks_are_cut_at_the_same_place():
    large = np.kron(TOUCHING, np.ones((8, 8), bool))
    assert large.size > splitting.EXACT
    first, second = split_mask(large, (240, 240), (240, 520))
    assert np.flatnonzero(first.any(axis=0)).max() == pytest.approx(380, abs=12)
    assert np.flatnonzero(second.any(axis=0)).min() == pytest.approx(380, abs=12)


def test_pieces_that_lie_apart_go_to_the_nearer_part():
    mask = TOUCHING.copy()
    mask[28:32, 95:] = True
    _, second = split_mask(mask, (30, 30), (30, 65))
    assert second[30, 97]


@given(arrays(bool, (7, 9)), st.data(), st.sampled_from([1 << 15, 20]))
def test_parts_make_up_the_mask_and_hold_their_clicks(mask, data, exact):
    mask[0, 0] = mask[6, 8] = True
    places = [tuple(place) for place in np.argwhere(mask).tolist()]
    first, second = data.draw(st.permutations(places))[:2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitting, "EXACT", exact)
        parts = split_mask(mask, first, second)
    np.testing.assert_array_equal(parts[0] | parts[1], mask)
    assert not np.any(parts[0] & parts[1])
    assert parts[0][first]
    assert parts[1][second]


@pytest.mark.parametrize("click", [(0, 0), (-1, 30), (30, 100)])
def test_clicks_outside_are_refused(click):
    with pytest.raises(ValueError, match="inside"):
        split_mask(TOUCHING, (30, 30), click)


def test_the_same_click_twice_is_refused():
    with pytest.raises(ValueError, match="each half"):
        split_mask(TOUCHING, (30, 30), (30, 30))
