"""What a stroke changed in all, as changes that an edit could make."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from napari.layers import Labels

from napari_cutout.layers.target import writing
from napari_cutout.layers.target.painting import changes_of, looks_written

SHAPE = (2, 6, 7)


def painted_by(labels, dabs):
    """What is told of several dabs in one go: by data_setitem, and by the brush."""
    told = []
    labels.events.paint.connect(lambda event: told.append(tuple(event.value)))
    with labels.block_history():
        for kind, plane, row, col, value in dabs:
            if kind == "brush":
                labels.brush_size = 3
                labels.paint((plane, row, col), value)
            else:
                across = np.array([0, 1, plane]), np.array([row, row, 0]), np.array([col, 0, 0])
                labels.data_setitem(across, value)
    return told[0] if told else ()


DABS = st.tuples(
    st.sampled_from(["brush", "pixels"]),
    st.integers(0, 1),
    st.integers(0, 5),
    st.integers(0, 6),
    st.integers(0, 3),
)


@given(st.lists(DABS, max_size=6), st.integers(0, 2**32 - 1))
def test_a_stroke_is_what_differs(dabs, seed):
    before = np.random.default_rng(seed).integers(0, 3, SHAPE)
    labels = Labels(before.copy())
    painted = painted_by(labels, dabs)
    changes = changes_of(SHAPE, painted)
    changed = np.zeros(SHAPE, bool)
    undone = labels.data.copy()
    for change in changes:
        changed[change.slices] |= change.pixels
        assert (labels.data[change.slices][change.pixels] == change.after).all()
        undone[change.slices][change.pixels] = change.before
    np.testing.assert_array_equal(changed, before != labels.data)
    np.testing.assert_array_equal(undone, before)


def test_a_volume_that_is_filled_is_a_change_in_each_frame():
    labels = Labels(np.zeros(SHAPE, np.int32))
    labels.n_edit_dimensions = 3
    told = []
    labels.events.paint.connect(lambda event: told.append(tuple(event.value)))
    labels.fill((0, 0, 0), 4)
    changes = changes_of(SHAPE, told[0])
    assert [change.slices[0] for change in changes] == [0, 1]
    writing.revert(labels, changes)
    assert not labels.data.any()


@pytest.mark.parametrize(("now", "expected"), [(5, True), (0, False)])
def test_the_first_look_is_at_the_last_dab(now, expected):
    labels = Labels(np.zeros(SHAPE, np.int32))
    painted = painted_by(labels, [("brush", 0, 1, 1, 4), ("brush", 0, 4, 5, 5)])
    labels.data[0, 3:] = now
    assert looks_written(labels.data, painted) is expected


def test_no_stroke_changes_nothing():
    assert changes_of(SHAPE, ()) == ()
    assert not looks_written(np.zeros(SHAPE), ())
