"""What was found, and what of it is kept."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from finding import EDGE, LARGE, SMALL, a_set, found, sets, three
from napari_cutout.segment.automatic.filters import Filters


def test_the_largest_has_the_first_number():
    assert three().numbers.tolist() == [1, 3, 2]
    assert a_set(SMALL, LARGE, EDGE).drawn.tolist() == [1, 2, 0]


def test_of_two_of_one_size_the_better_is_on_top():
    assert a_set(found((0, 0), (3, 3)), found((1, 1), (3, 3))).numbers.tolist() == [2, 1]


def test_a_filter_tells_what_changed():
    objects = three()
    assert objects.filter(Filters(min_score=0.75)).tolist() == [2]
    assert objects.passing == (LARGE, SMALL)
    assert objects.filter(Filters(min_stability=0.8)).tolist() == [1, 2]
    assert objects.passing == (LARGE, EDGE)


def test_what_a_person_decides_stands_against_filters():
    objects = three()
    objects.filter(Filters(drop_touching_border=True))
    assert objects.passing == (LARGE, SMALL)
    assert objects.decide(2, keep=True).tolist() == [2]
    assert objects.decide(0, keep=False).tolist() == [0]
    assert objects.filter(Filters(min_score=0.99)).tolist() == [1]
    assert objects.passing == (EDGE,)
    objects.forget_decisions()
    assert objects.passing == ()


def test_the_smallest_kept_one_is_under_the_cursor():
    objects = three()
    assert objects.at((8.4, 10.6)) == 1
    objects.decide(1, keep=False)
    assert objects.at((8.4, 10.6)) == 0
    objects.decide(0, keep=False)
    assert objects.at((8.4, 10.6)) == 1
    assert objects.at((20, 20)) is None
    assert objects.at((-9, 20)) is None


def test_nothing_found_is_a_set_too():
    objects = a_set()
    assert objects.filter(Filters(min_score=1)).tolist() == []
    assert objects.passing == ()
    assert objects.at((1, 1)) is None


@given(sets(), st.integers(0, 11), st.integers(0, 11))
def test_what_is_under_the_cursor_has_the_pixel(objects, row, col):
    there = [
        k
        for k in range(len(objects))
        for mask, (top, left) in [objects.crop(k)]
        if 0 <= row - top < mask.shape[0]
        and 0 <= col - left < mask.shape[1]
        and mask[row - top, col - left]
    ]
    at = objects.at((row, col))
    assert at == max(there, key=lambda k: objects.numbers[k], default=None)
    assert np.array_equal(np.sort(objects.numbers), np.arange(1, len(objects) + 1))
