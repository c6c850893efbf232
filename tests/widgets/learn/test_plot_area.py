"""Where values lie on the screen."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qtpy.QtCore import QRectF

from napari_cutout.widgets.learn.plot_area import PlotArea, range_of, thinned

VALUES = st.lists(st.floats(0, 1e6), min_size=1, max_size=50)


def test_the_ends_are_the_corners():
    area = PlotArea(QRectF(10, 20, 100, 50), 200, 0.5, 1.0)

    low, high = area.point(0, 0.5), area.point(200, 1.0)
    assert (low.x(), low.y()) == (10, 70)
    assert (high.x(), high.y()) == (110, 20)
    assert area.y(7) == 20


@given(VALUES)
def test_all_values_are_inside_of_their_range(values):
    low, high = range_of(values)

    assert 0 <= low <= min(values)
    assert max(values) <= high
    assert low < high


def test_a_range_is_no_smaller_and_goes_no_higher_than_asked():
    low, high = range_of([0.8, 0.81], least=0.2, most=1.0)
    assert high - low == pytest.approx(0.2)
    assert range_of([0.99], least=0.4, most=1.0)[1] == 1.0
    assert range_of([math.nan, math.inf]) == (0.0, 0.0)
    assert not PlotArea(QRectF(0, 0, 1, 1), 1, *range_of([])).has_values


@given(VALUES, st.integers(1, 20))
def test_thinned_values_are_means_in_their_order(values, most):
    pairs = list(enumerate(values))

    found = thinned(pairs, most)

    assert len(found) <= most
    assert found == sorted(found, key=lambda pair: pair[0])
    assert min(values) - 1e-6 <= min(value for _, value in found)
    assert max(value for _, value in found) <= max(values) * (1 + 1e-9) + 1e-6
    if len(values) <= most:
        assert found == pairs


def test_what_is_no_number_is_left_out():
    assert thinned([(0, math.nan), (1, 2.0), (2, math.inf)], 10) == [(1, 2.0)]


@pytest.mark.parametrize(
    ("low", "high", "text"), [(0.0, 3.0, "3.0"), (0.61, 0.85, "0.85"), (0.0, 40.0, "40")]
)
def test_numbers_have_as_many_digits_as_are_needed(low, high, text):
    assert PlotArea(QRectF(0, 0, 1, 1), 1, low, high).number(high) == text
