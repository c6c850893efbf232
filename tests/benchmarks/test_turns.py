"""Ways that take turns, and how their times are told."""

from __future__ import annotations

from turns import in_turns, ratio, spread


def test_every_other_round_goes_backwards():
    order = []
    ways = {name: lambda name=name: order.append(name) for name in "abc"}

    spent = in_turns(ways, 3)

    assert "".join(order) == "abccbaabc"
    assert {name: len(seconds) for name, seconds in spent.items()} == {"a": 3, "b": 3, "c": 3}


def test_a_spread_is_the_median_with_its_ends():
    assert spread([0.003, 0.001, 0.010], 1, 1e3) == "3.0 (1.0 to 10.0)"


def test_one_value_has_no_spread():
    assert spread([0.5]) == "0.50"


def test_a_ratio_is_taken_round_by_round():
    # The second round was slow for both.
    assert ratio([2.0, 20.0, 2.0], [1.0, 10.0, 1.0]) == "2.00 (2.00 to 2.00)"
