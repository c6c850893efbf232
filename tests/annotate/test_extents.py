"""Areas and boxes of ids in a frame, compared with an independent count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from napari_cutout.annotate.extents import Extent, extents_of, grouped, joined

FRAMES = arrays(np.int16, array_shapes(min_dims=2, max_dims=2), elements=st.integers(-2, 3))


def counted(labels):
    """The same, pixel by pixel."""
    found = {}
    for number in np.unique(labels[labels != 0]).tolist():
        rows, cols = np.nonzero(labels == number)
        corners = (rows.min(), cols.min(), rows.max(), cols.max())
        found[number] = Extent(len(rows), *map(int, corners))
    return found


@given(FRAMES)
def test_every_id_is_found(labels):
    assert extents_of(labels) == counted(labels)


@given(FRAMES, st.integers(0, 5))
def test_parts_make_up_the_whole(labels, row):
    below = {key: at.moved(row, 0) for key, at in extents_of(labels[row:]).items()}
    assert joined([extents_of(labels[:row]), below]) == counted(labels)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.uint64])
def test_any_dtype_and_ids_however_large(dtype):
    largest = int(np.iinfo(dtype).max)
    labels = np.zeros((3, 4), dtype)
    labels[1, 1:3] = largest
    assert extents_of(labels) == {largest: Extent(2, 1, 1, 1, 2)}


def test_arrays_that_are_not_contiguous():
    labels = np.arange(24).reshape(4, 6)
    assert extents_of(labels[::2, ::-2].T) == counted(labels[::2, ::-2].T)


@pytest.mark.parametrize("shape", [(0, 4), (4, 0)])
def test_empty_frames_have_none(shape):
    assert extents_of(np.zeros(shape, int)) == {}


@given(arrays(np.int16, (12, 12), elements=st.integers(0, 9)), st.integers(1, 12))
def test_groups_hold_every_object_once_and_whole(labels, block):
    extents = extents_of(labels)
    seen = []
    for box, ids in grouped(extents, block):
        for number in ids:
            assert np.count_nonzero(labels[box] == number) == extents[number].area
        seen += ids
    assert sorted(seen) == sorted(extents)
