"""Two directions in one frame: which counts, and who gives way."""

import numpy as np
import pytest

from napari_cutout.segment.rle import Rle
from napari_cutout.stacks.propagating.meeting import chosen, meeting_place, without_overlaps
from napari_cutout.stacks.propagating.values import NOTHING, CarriedObject


def one(number, at, side=6, score=0.8, state="carried"):
    return CarriedObject(number, Rle.encode(np.ones((side, side), bool)), at, score, state)


GONE = CarriedObject(1, NOTHING, (0, 0), 0.1, "stopped", "nothing of it was found")


def ways(disagree):
    """Both ways through the places 1 to 7, apart where they disagree."""
    forward = {k: one(1, (0, 0)) for k in range(1, 8)}
    backward = {k: one(1, (20, 20) if k in disagree else (0, 0)) for k in range(1, 8)}
    return forward, backward


@pytest.mark.parametrize(
    ("disagree", "place"), [((), 4), ((1, 2, 3, 4), 5), ((3, 4, 5, 6, 7), 2), (range(1, 8), 4)]
)
def test_they_meet_where_they_agree_rather_in_the_middle(disagree, place):
    assert meeting_place(range(1, 8), *ways(disagree)) == place


def test_they_meet_in_the_middle_where_one_never_came():
    assert meeting_place(range(1, 8), ways(())[0], {}) == 4


@pytest.mark.parametrize(
    ("place", "forward", "backward", "counts"),
    [(3, "a", "b", "a"), (4, "a", "b", "b"), (3, "gone", "b", "b"), (4, "a", None, "a")],
)
def test_each_side_counts_up_to_there_if_it_is_there(place, forward, backward, counts):
    named = {"a": one(1, (0, 0)), "b": one(1, (3, 3)), "gone": GONE, None: None}
    assert chosen(place, 3, named[forward], named[backward]) == named[counts]


def test_a_person_s_mask_gives_nothing_away_then_the_one_from_the_surest_way():
    objects = [
        one(1, (0, 0), score=0.95),
        one(2, (0, 3)),
        one(3, (0, 6), score=1, state="corrected"),
    ]
    found = without_overlaps(objects, {1: 0.2, 2: 0.8})
    assert [(each.origin, each.mask.size) for each in found] == [
        ((0, 0), (6, 3)),
        ((0, 3), (6, 3)),
        ((0, 6), (6, 6)),
    ]


def test_an_object_of_which_nothing_is_left_is_stopped():
    low, high = without_overlaps([one(1, (1, 1), side=3), one(2, (0, 0))], {1: 0.4, 2: 0.5})
    assert (low.state, low.mask, low.reason) == (
        "stopped",
        NOTHING,
        "other objects have all of its pixels",
    )
    assert high == one(2, (0, 0))


def test_of_what_is_nearly_hidden_by_surer_ones_nothing_is_left():
    objects = [one(2, (0, 0), side=11), one(1, (0, 1), side=11)]
    hidden, seen = without_overlaps(objects, {1: 0.9, 2: 0.5})[::-1]

    assert (hidden.id, hidden.state, hidden.mask) == (2, "stopped", NOTHING)
    assert hidden.reason == "other objects have most of its pixels"
    assert seen.mask.area == 121


def test_what_a_person_gave_stays_however_little_is_left():
    objects = [one(1, (0, 0), state="corrected"), one(2, (0, 1), state="corrected")]

    assert [each.mask.area for each in without_overlaps(objects, {})] == [36, 6]
