"""Rows that grow, and what linking keeps of objects that are over."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_cutout.stacks.linking.linker import Linker
from napari_cutout.stacks.linking.rows import Rows

FRAMES, OBJECTS = 200, 4


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 90), max_size=12), st.sampled_from([(), (2,), (3,)]))
def test_all_are_those_that_were_added(counts, columns):
    rows, known = Rows(np.int64, *columns), [np.zeros((0, *columns), np.int64)]
    for number, count in enumerate(counts):
        known.append(np.full((count, *columns), number))
        rows.add(known[-1])
    np.testing.assert_array_equal(rows.all(), np.concatenate(known))
    assert len(rows) == sum(counts)


def test_what_was_read_stays_as_it_was():
    rows = Rows(np.float64)
    rows.add(np.arange(3.0))
    before = rows.all()
    for _ in range(100):
        rows.add(np.full(7, -1.0))
    assert before.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match="read-only"):
        before[0] = 5


def test_an_object_that_is_over_costs_its_numbers_alone():
    """Of each frame stays what its objects take, a few times less than an array for each."""
    frame = np.kron(np.diag(range(1, OBJECTS + 1)), np.ones((4, 4), int))
    linker = Linker()
    tracemalloc.start()
    try:
        for _ in range(FRAMES):
            linker.add(frame)
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(FRAMES):
            linker.add(frame)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (after - before) / (FRAMES * OBJECTS) < 100
    assert len(linker.finish().tracks) == OBJECTS
