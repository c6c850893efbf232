"""Pixels that were written, as regions: writing those gives the same labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cutout.annotate.log_regions import (
    Written,
    as_written,
    at_places,
    in_box,
    merged,
    regions,
    write,
)

DTYPE = np.dtype(np.int16)
shapes = hnp.array_shapes(min_dims=2, max_dims=4, min_side=1, max_side=6)


def written(shape, pieces):
    labels = np.zeros(shape, DTYPE)
    for region in regions(pieces):
        write(labels, as_written(region))
    return labels


@st.composite
def boxes(draw, shape):
    """A box that lies inside, its pixels, and a value for all or for each."""
    starts = [draw(st.integers(0, size - 1)) for size in shape]
    sizes = [draw(st.integers(1, size - at)) for at, size in zip(starts, shape, strict=True)]
    pixels = draw(hnp.arrays(bool, sizes))
    count = int(pixels.sum())
    values = draw(st.integers(-3, 3) | hnp.arrays(DTYPE, count, elements=st.integers(-3, 3)))
    return starts, pixels, values


def paint(labels, starts, pixels, values):
    here = tuple(slice(at, at + n) for at, n in zip(starts, pixels.shape, strict=True))
    labels[here][pixels] = values


@given(st.data())
def test_a_box_is_written_as_it_was(data):
    shape = data.draw(shapes)
    box = data.draw(boxes(shape))
    expected = np.zeros(shape, DTYPE)
    paint(expected, *box)
    np.testing.assert_array_equal(written(shape, in_box(*box)), expected)


@given(st.data())
def test_single_pixels_are_written_as_they_were(data):
    shape = data.draw(shapes)
    count = data.draw(st.integers(0, 20))
    indices = tuple(
        data.draw(hnp.arrays(int, count, elements=st.integers(0, n - 1))) for n in shape
    )
    values = data.draw(st.integers(-3, 3) | hnp.arrays(DTYPE, count, elements=st.integers(-3, 3)))
    expected = np.zeros(shape, DTYPE)
    expected[indices] = values
    np.testing.assert_array_equal(written(shape, at_places(indices, values)), expected)


@given(st.data())
def test_dabs_that_are_put_together_are_written_as_they_were(data):
    """The later one on top."""
    shape = data.draw(shapes)
    dabs = data.draw(st.lists(boxes(shape), max_size=5))
    expected = np.zeros(shape, DTYPE)
    for dab in dabs:
        paint(expected, *dab)
    pieces = merged((piece for dab in dabs for piece in in_box(*dab)), DTYPE)
    np.testing.assert_array_equal(written(shape, pieces), expected)


def test_dabs_of_one_stroke_are_one_region():
    ones = np.ones((3, 3), bool)
    dabs = [Written((4, None, None), (row, row), ones, 7) for row in range(20)]
    (region,) = regions(merged(dabs, DTYPE))
    assert (region.value, region.origin, region.pixels.size) == (7, (0, 0), (22, 22))


def test_dabs_far_apart_are_left_apart():
    ones = np.ones((3, 3), bool)
    dabs = [Written((None, None), (row, row), ones, 7) for row in (0, 50_000)]
    assert [region.pixels.area for region in regions(merged(dabs, DTYPE))] == [9, 9]


def test_pixels_far_apart_take_no_large_box():
    corner = np.array([0, 5, 10**9])
    found = regions(at_places((corner, corner), np.array([1, 1, 1])))
    assert sorted(region.pixels.size for region in found) == [(1, 1), (6, 6)]


@pytest.mark.parametrize(
    ("sizes", "frames"), [((1, 5, 6), 1), ((5, 1, 6), 1), ((5, 6, 1), 1), ((2, 5, 6), 2)]
)
def test_a_plane_is_one_frame_along_whatever_axes_it_lies(sizes, frames):
    assert len(list(in_box((3, 4, 5), np.ones(sizes, bool), 1))) == frames


def test_a_region_is_no_larger_than_its_pixels():
    pixels = np.zeros((9, 9), bool)
    pixels[4, 5] = True
    (region,) = regions([Written((None, None), (10, 20), pixels, 3)])
    assert (region.origin, region.pixels.size) == ((14, 25), (1, 1))


def test_the_largest_labels_survive():
    value = 2**64 - 1
    pixels = np.ones((1, 2), bool)
    given_values = np.array([value, value - 1], np.uint64)
    found = regions([Written((None, None), (0, 0), pixels, given_values)])
    assert [region.value for region in found] == [value - 1, value]
