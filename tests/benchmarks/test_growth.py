"""How a cost grows."""

from __future__ import annotations

import pytest
from growth import Growth, shown
from hypothesis import given
from hypothesis import strategies as st


@given(st.floats(-2, 3), st.floats(1e-4, 10))
def test_the_power_is_found_again(power, first):
    growth = Growth("any", {n: [first * n**power] for n in (1, 3, 10, 64)}, 1)

    assert growth.power == pytest.approx(power, abs=1e-6)


def test_one_more_costs_what_it_adds():
    growth = Growth("prompts", {n: [0.010 + 0.002 * n] for n in (1, 2, 8)}, 1, "at most")

    assert growth.each == pytest.approx(0.002)
    assert growth.told().startswith("prompts: grows with the power 0.")
    assert growth.told().endswith("at most 1 expected; one more costs 2 ms.")


def test_a_table_has_a_row_a_size_and_a_picture():
    growth = Growth("click", {512: [0.010, 0.030, 0.020], 1024: [0.040]}, 0)

    made = shown("Clicks", "pixels", [growth], {"found": {512: "yes", 1024: "no"}})

    assert made.rows == (
        ("512", "20.0 (10.0 to 30.0)", "1.00", "yes"),
        ("1,024", "40.0", "2.00", "no"),
    )
    assert made.notes == ("click: grows with the power 1.00, 0 expected.",)
    assert made.chart.lines[0].points == ((512.0, 20.0), (1024.0, 40.0))
