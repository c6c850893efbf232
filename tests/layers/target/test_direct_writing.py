"""Objects of frames written past napari's history: into any data, and back."""

from __future__ import annotations

import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from napari.layers import Labels

from napari_cutout.layers.target.direct_writing import (
    gained_by_all,
    recolored_by_all,
    write_directly,
)

SHAPE = (2, 20, 24)


def in_numpy(values):
    return np.array(values)


def in_zarr(values):
    array = zarr.create_array(
        zarr.storage.MemoryStore(), shape=values.shape, chunks=(1, 6, 7), dtype=values.dtype
    )
    array[...] = values
    return array


@st.composite
def apart(draw):
    """Boxes of a frame that share no pixel, as masks."""
    labels = np.zeros(SHAPE[1:], int)
    for number in range(1, draw(st.integers(1, 6)) + 1):
        row, col = draw(st.integers(0, 16)), draw(st.integers(0, 20))
        labels[row : row + draw(st.integers(1, 9)), col : col + draw(st.integers(1, 9))] = number
    found = []
    for number in np.unique(labels)[1:]:
        rows, cols = (np.flatnonzero((labels == number).any(axis=axis)) for axis in (1, 0))
        box = slice(rows[0], rows[-1] + 1), slice(cols[0], cols[-1] + 1)
        found.append(((1, *box), labels[box] == number))
    return found


@pytest.mark.parametrize("kind", [in_numpy, in_zarr])
@given(wanted=apart(), policy=st.sampled_from(["new_on_top", "keep_existing"]), block=st.booleans())
@settings(max_examples=25)
def test_new_objects_are_written_and_taken_back(kind, wanted, policy, block):
    start = np.zeros(SHAPE, np.int32)
    start[1, 5:12, 5:15], start[0] = 3, 7
    labels = Labels(kind(start))
    with pytest.MonkeyPatch.context() as patch:
        if block:
            patch.setattr("napari_cutout.layers.target.direct_writing.BLOCK", 4)
        planned = gained_by_all(labels, wanted, 10, policy)
        changes = [change for change in planned if change is not None]
        expected, number = start.copy(), 10
        for (slices, mask), change in zip(wanted, planned, strict=True):
            there = expected[slices]
            free = mask if policy == "new_on_top" else mask & (there == 0)
            assert (change is not None) == free.any()
            if free.any():
                there[free] = number
                number += 1
        np.testing.assert_array_equal(np.asarray(labels.data), start)
        write_directly(labels, [changes])
        np.testing.assert_array_equal(np.asarray(labels.data), expected)
        recolored = recolored_by_all(
            labels, [(*one, 10 + k, 40 + k) for k, one in enumerate(wanted)]
        )
        write_directly(labels, [recolored])
        write_directly(labels, [changes, recolored], back=True)
        np.testing.assert_array_equal(np.asarray(labels.data), start)


def test_labels_that_are_kept_are_kept_whatever_the_policy():
    labels = Labels(np.ones(SHAPE, np.int32))
    labels.preserve_labels = True
    wanted = [((0, slice(2, 4), slice(2, 4)), np.ones((2, 2), bool))]
    assert gained_by_all(labels, wanted, 5, "new_on_top") == [None]


def test_what_is_not_the_objects_any_more_keeps_its_label():
    labels = Labels(np.zeros(SHAPE, np.int32))
    labels.data[0, 2:4, 2:4] = [[1, 1], [9, 1]]
    piece = ((0, slice(2, 4), slice(2, 4)), np.ones((2, 2), bool), 1, 5)
    write_directly(labels, [recolored_by_all(labels, [piece])])
    np.testing.assert_array_equal(labels.data[0, 2:4, 2:4], [[5, 5], [9, 5]])
