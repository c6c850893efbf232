"""Going through objects: their order, decisions, and tables that change meanwhile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.annotate import ObjectRecord, ObjectTable, PromptState
from napari_cutout.annotate.review import Review

FRAME = (None, None)


def put(table, number, score=None, area=1):
    table.places.painted_box((number, 0), np.ones((1, area), bool), 0, number)
    if score is not None:
        mask = np.ones((1, area), bool)
        table.add(ObjectRecord(number, FRAME, mask, (number, 0), score, PromptState.empty(2)))


def take(table, number):
    area = table.row(number).area
    table.places.painted_box((number, 0), np.ones((1, area), bool), number, 0)


def objects():
    """1 to 4; by score 3, 1, 2 and 4, which has none; by size 2, 4, 1, 3."""
    table = ObjectTable()
    for number, score, area in ((1, 0.5, 3), (2, 0.9, 1), (3, 0.1, 4), (4, None, 2)):
        put(table, number, score, area)
    return table


@pytest.mark.parametrize(
    ("order", "expected"), [("score", [3, 1, 2, 4]), ("size", [2, 4, 1, 3]), ("id", [1, 2, 3, 4])]
)
def test_orders(order, expected):
    review = Review(objects(), order)
    assert list(review.ids) == expected
    assert [review.next() for _ in range(5)] == [*expected, None]
    assert [review.previous() for _ in range(5)] == [*expected[::-1], None]


def test_by_doubt_the_least_sure_come_first_and_unknown_ones_last():
    review = Review(objects(), "doubt")
    review.go_to(4)
    review.doubts = {2: 0.1, 4: 0.9, 1: 0.5}
    assert (review.current, review.ids) == (4, (4, 1, 2, 3))
    assert review.next() == 1


def test_unknown_orders_are_refused():
    with pytest.raises(ValueError, match="use one of"):
        Review(ObjectTable(), "whatever")


def test_decisions_go_on_to_what_is_undecided():
    review = Review(objects())
    review.next()
    assert review.accept() == 1
    assert review.reject() == 2
    assert review.previous() == 1
    assert review.next() == 2
    assert review.correct() == 4
    assert review.accept() is None
    assert review.decisions == {3: "accepted", 1: "rejected", 2: "corrected", 4: "accepted"}
    assert review.undecided == ()


def test_a_decision_without_an_object_starts_the_review():
    review = Review(objects())
    assert review.accept() == 3
    assert not review.decisions


def test_skipped_objects_come_round_again():
    review = Review(objects())
    review.go_to(2)
    assert [review.accept(), review.accept()] == [4, 3]


def test_an_object_that_goes_away_gives_way_to_the_next():
    table = objects()
    review = Review(table)
    review.next()
    take(table, 3)
    assert review.current == 1
    assert review.next() == 2


def test_the_last_object_that_goes_away_leaves_none():
    table = objects()
    review = Review(table)
    review.previous()
    take(table, 4)
    assert review.current is None
    assert review.previous() == 2


def test_new_objects_take_their_place():
    table = objects()
    review = Review(table)
    review.next()
    put(table, 7, 0.3)
    assert review.next() == 7


def test_an_order_can_be_changed_on_the_way():
    review = Review(objects(), "size")
    review.go_to(1)
    review.order = "score"
    assert (review.current, review.next()) == (1, 2)


def test_decisions_on_what_went_away_wait_for_it():
    table = objects()
    review = Review(table)
    review.go_to(1)
    review.reject()
    take(table, 1)
    assert review.decisions == {}
    put(table, 1, area=3)
    assert review.decision(1) == "rejected"
    assert review.decisions == {1: "rejected"}


def test_a_state_can_be_restored():
    review = Review(objects())
    review.next()
    before = review.state
    review.accept()
    review.restore(before)
    assert (review.current, review.decisions) == (3, {})


def test_another_table_can_be_reviewed():
    review = Review(objects())
    review.next()
    review.table = ObjectTable()
    put(review.table, 9)
    assert (review.current, review.ids) == (9, (9,))


@given(st.lists(st.sampled_from(["next", "previous", "accept", "reject", "correct"]), max_size=12))
def test_the_current_object_is_always_there(actions):
    table = objects()
    review = Review(table)
    for at, action in enumerate(actions):
        current = getattr(review, action)()
        assert current == review.current
        assert current is None or current in table.places
        if at == 3 and review.current is not None:
            take(table, review.current)
            assert review.current in (None, *table.ids)
    assert review.state == replace(review.state)
