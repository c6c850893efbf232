"""Shapes and intensities of objects as numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from exact_family import exact_segmenter
from napari_cutout.segment.classes.measures import (
    INTENSITIES,
    SHAPES,
    intensities,
    shape_measures,
)

masks = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9)).filter(np.any)


def disc(radius):
    rows, cols = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    return rows**2 + cols**2 <= radius**2


@given(masks)
def test_any_mask_has_a_shape(mask):
    found = shape_measures(mask)
    assert len(found) == SHAPES
    assert np.isfinite(found).all()


@given(masks, st.integers(1, 3))
def test_a_turned_mask_has_the_same_shape(mask, turns):
    assert shape_measures(np.rot90(mask, turns)) == pytest.approx(shape_measures(mask), abs=0.05)


def test_shapes_are_told_apart():
    ring = disc(9) & ~np.pad(disc(5), 4)
    bar = np.ones((3, 30), bool)
    round_one, long_one, open_one = map(shape_measures, (disc(9), bar, ring))
    assert long_one[1] > round_one[1] + 1
    assert round_one[4] > long_one[4]
    assert (round_one[5], open_one[5]) == (0, 1)
    assert open_one[3] < round_one[3]


def test_intensities_are_those_inside_and_against_what_lies_around():
    frame = np.full((40, 50, 3), 51, np.uint8)
    frame[10:20, 10:20] = (255, 0, 51)
    embedding = exact_segmenter().encode(frame, "none")
    found = intensities(embedding, (np.ones((10, 10), bool), (10, 10)))
    assert found == pytest.approx([1, 0, 0.2, 0, 0, 0, 0.8, -0.2, 0], abs=1e-6)


@pytest.mark.parametrize("origin", [(0, 0), (30, 40), (0, 40)])
def test_objects_at_the_edge_have_intensities(origin):
    embedding = exact_segmenter().encode(np.full((40, 50), 100, np.uint8), "none")
    found = intensities(embedding, (np.ones((10, 10), bool), origin))
    assert found[3:] == pytest.approx([0] * (INTENSITIES - 3), abs=1e-5)


def test_an_object_that_fills_the_frame_has_intensities():
    embedding = exact_segmenter().encode(np.full((40, 50), 255, np.uint8), "none")
    assert intensities(embedding, (np.ones((40, 50), bool), (0, 0)))[:3] == [1, 1, 1]
