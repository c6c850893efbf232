"""Parts that overlap: order, errors, how much is under way, and ending early."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.stacks.running.pipeline import Part, overlapped


@given(
    count=st.integers(0, 12),
    threads=st.lists(st.integers(1, 3), min_size=1, max_size=4),
    ahead=st.integers(1, 6),
)
def test_items_come_in_order_through_all_parts(count, threads, ahead):
    parts = [Part(lambda value, by=by: value + by, n) for by, n in enumerate(threads)]
    found = list(overlapped(range(count), parts, ahead))

    assert found == [(k, k + sum(range(len(threads)))) for k in range(count)]


def test_no_more_items_are_under_way_than_was_said():
    taken = []
    source = (taken.append(k) or k for k in range(100))
    steps = overlapped(source, [Part(lambda value: value)], 3)
    seen = []
    for item, _ in steps:
        seen.append(len(taken) - item)
    steps.close()

    assert max(seen) <= 3


def test_parts_overlap():
    meeting = threading.Barrier(2, timeout=20)

    def first(value):
        if value == 1:
            meeting.wait()
        return value

    def second(value):
        if value == 0:
            meeting.wait()
        return value

    assert [item for item, _ in overlapped(range(2), [Part(first), Part(second)], 2)] == [0, 1]


def test_an_error_comes_in_its_place():
    def fail(value):
        if value == 2:
            raise ValueError("two")
        return value

    steps = overlapped(range(5), [Part(fail), Part(lambda value: value)], 4)

    assert [next(steps), next(steps)] == [(0, 0), (1, 1)]
    with pytest.raises(ValueError, match="two"):
        next(steps)


def test_closed_it_doesn_t_wait_for_what_hangs():
    hang, stop = threading.Event(), threading.Event()

    def slow(value):
        if value:
            hang.wait(20)
        return value

    steps = overlapped(range(9), [Part(slow), Part(lambda value: value)], 4, stop)
    next(steps)
    ended = threading.Thread(target=steps.close)
    ended.start()
    ended.join(10)
    is_over = not ended.is_alive()
    hang.set()

    assert is_over
    assert stop.is_set()


def test_closed_it_takes_no_more_items():
    taken = []
    steps = overlapped((taken.append(k) or k for k in range(50)), [Part(lambda value: value)], 2)
    next(steps)
    steps.close()

    assert len(taken) == 2
