"""Objects, ids and overlap rules."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cutout.annotate import (
    IdsExhaustedError,
    ObjectRecord,
    ObjectTable,
    PromptState,
    next_id,
    writable,
)


def record(number):
    mask = np.array([[1, 1], [0, 1]], bool)
    return ObjectRecord(number, (None, None), mask, (3, 4), 0.5, PromptState.empty(2))


def test_area_and_box():
    assert (record(1).area, record(1).box) == (3, (3, 4, 4, 5))


def test_a_table_keeps_the_order_of_commits():
    table = ObjectTable()
    records = [record(2), record(1)]
    for one in records:
        table.add(one)
    table.remove(record(2))
    assert list(table) == records
    table.remove(records[0])
    assert list(table) == records[1:]


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint32])
def test_the_next_id_follows_the_largest(dtype):
    assert next_id(0, np.dtype(dtype)) == 1
    assert next_id(126, np.dtype(dtype)) == 127


def test_exhausted_ids_say_what_to_do():
    with pytest.raises(IdsExhaustedError, match="uint16"):
        next_id(255, np.dtype(np.uint8))


@pytest.mark.parametrize(
    ("policy", "expected"), [("new_on_top", [0, 1, 1, 0]), ("keep_existing", [0, 1, 0, 0])]
)
def test_overlap_policies(policy, expected):
    existing = np.array([0, 0, 5, 7])
    mask = np.array([0, 1, 1, 1], bool)
    np.testing.assert_array_equal(writable(mask, existing, 7, policy), np.array(expected, bool))


def test_unknown_policies_are_refused():
    with pytest.raises(ValueError, match="use one of"):
        writable(np.ones(1, bool), np.zeros(1, int), 1, "whatever")
