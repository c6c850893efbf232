"""What goes through items by itself, as steps."""

from __future__ import annotations

import pytest

from napari_cutout.layers.stacks.pulled import Stopped, pulled


def drained(steps):
    """What steps return, and how many there are."""
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value, count
        count += 1


def test_each_item_is_a_step_and_the_answer_is_returned():
    assert drained(pulled(sum, range(5))) == (10, 5)
    assert drained(pulled(list, [])) == ([], 0)


def test_items_are_made_one_ahead():
    made = []

    def items():
        for number in range(5):
            made.append(number)
            yield number

    steps = pulled(list, items())
    next(steps)
    assert made == [0]
    steps.close()


def test_closed_it_is_told_so():
    seen = []

    def consume(items):
        try:
            for item in items:
                seen.append(item)
        except Stopped:
            seen.append("stopped")

    steps = pulled(consume, range(5))
    next(steps)
    next(steps)
    steps.close()
    assert seen == [0, 1, "stopped"]


def test_an_error_ends_it_at_once():
    def fail(items):
        next(items)
        raise OSError("disk full")

    steps = pulled(fail, iter(int, 1))
    with pytest.raises(OSError, match="disk full"):
        drained(steps)


def test_it_may_end_before_the_items_do():
    answer, count = drained(pulled(next, iter(int, 1)))
    assert answer == 0
    assert count < 5


def test_an_error_of_the_items_is_raised():
    def items():
        yield 1
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        drained(pulled(list, items()))
