"""Objects, their table, and ids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from napari_cutout.annotate import (
    IdsExhaustedError,
    ObjectRecord,
    ObjectTable,
    PromptState,
    next_id,
)
from napari_cutout.annotate.objects import ObjectRow

FRAME, NEXT = (0, None, None), (1, None, None)
TWO_POINTS = PromptState(np.zeros((2, 3)), np.array([True, False]))


def record(number, **values):
    mask = np.array([[1, 1], [0, 1]], bool)
    made = ObjectRecord(number, FRAME, mask, (3, 4), 0.5, PromptState.empty(3))
    return replace(made, **values)


def paint(table, number, frame=0, size=(2, 3), old=0):
    table.places.painted_box((frame, 4, 5), np.ones((1, *size), bool), old, number)


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


def test_a_record_is_there_once():
    table, one = ObjectTable(), record(2)
    table.add(one)
    table.add(one)
    assert list(table) == [one]


def test_a_row_sums_up_an_object():
    table = ObjectTable()
    for made in (
        record(7, score=0.9, prompts=TWO_POINTS, model="first"),
        record(7, score=0.4, frame=NEXT, prompts=TWO_POINTS, model="second"),
    ):
        table.add(made)
    paint(table, 7, 1)
    paint(table, 7, 0)
    table.set_class(7, "cell")
    assert table.rows() == (ObjectRow(7, "cell", 12, 0.4, (FRAME, NEXT), 4, "second"),)
    assert table.row(7).is_made_here


def test_objects_that_were_there_have_rows_without_a_score():
    table = ObjectTable()
    paint(table, 3)
    assert table.rows() == (ObjectRow(3, "", 6, None, (FRAME,), 0),)
    assert not table.row(3).is_made_here


def test_rows_come_in_the_order_of_ids():
    table = ObjectTable()
    for number in (5, 2, 9):
        paint(table, number, number)
    assert [row.id for row in table.rows()] == list(table.ids) == [2, 5, 9]


def test_an_object_without_pixels_has_no_row_and_keeps_its_record():
    table = ObjectTable()
    table.add(record(7))
    paint(table, 7)
    paint(table, 0, old=7)
    assert table.rows() == ()
    assert table.row(7) is None
    assert len(table.records_of(7)) == 1


def test_rows_of_objects_that_did_not_change_stay_the_same():
    table = ObjectTable()
    paint(table, 1)
    paint(table, 2, 1)
    before = table.rows()
    table.set_class(2, "cell")
    after = table.rows()
    assert after[0] is before[0]
    assert after[1] is not before[1]


def test_records_of_one_frame():
    table = ObjectTable()
    here, there = record(7), record(7, frame=NEXT)
    table.add(here)
    table.add(there)
    assert table.records_of(7, NEXT) == (there,)


def test_a_class_can_be_taken_away():
    table = ObjectTable()
    table.set_class(3, "cell")
    assert table.class_of(3) == "cell"
    table.set_class(3, "")
    assert not table.classes


def test_clearing_forgets_all():
    table = ObjectTable()
    table.add(record(7))
    paint(table, 7)
    table.set_class(7, "cell")
    table.clear()
    assert (len(table), table.rows(), dict(table.classes), table.largest_id) == (0, (), {}, 0)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint32])
def test_the_next_id_follows_the_largest(dtype):
    assert next_id(0, np.dtype(dtype)) == 1
    assert next_id(126, np.dtype(dtype)) == 127


@pytest.mark.parametrize(
    ("dtype", "remedy"),
    [(np.uint8, "uint16.*widen_labels"), (np.int8, "int16.*widen_labels"), (np.int64, "other")],
)
def test_exhausted_ids_say_what_to_do(dtype, remedy):
    with pytest.raises(IdsExhaustedError, match=remedy):
        next_id(int(np.iinfo(dtype).max), np.dtype(dtype))
