"""Long work in a thread: how far it is, its end, and an end to it."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest

from napari_cutout.formats.errors import FormatError
from napari_cutout.widgets.long_work import LongWork

pytestmark = pytest.mark.gui


class Work:
    """So many steps; the one behind ``waits`` waits until it is told to go on."""

    def __init__(self, steps, waits=None, error=None):
        self.count, self.waits, self.error = steps, waits, error
        self.did, self.reached, self.go_on = [], threading.Event(), threading.Event()

    def __iter__(self):
        for step in range(self.count):
            if step == self.waits:
                self.reached.set()
                assert self.go_on.wait(30)
            self.did.append((step, threading.current_thread()))
            yield step
        if self.error is not None:
            raise self.error


@pytest.fixture
def told():
    return []


@pytest.fixture
def long(qtbot, told):
    long = LongWork()
    long.advanced.connect(lambda step: told.append(("advanced", step)))
    long.done.connect(lambda work: told.append(("done", work)))
    long.failed.connect(lambda error: told.append(("failed", error)))
    long.ended.connect(lambda: told.append(("ended",)))
    return long


def over(long):
    return lambda: not long.is_running


def test_steps_are_told_in_order_and_done_elsewhere(long, told, qtbot):
    work = Work(3)
    long.begin(work)
    qtbot.waitUntil(over(long), timeout=30_000)
    assert told == [("advanced", 0), ("advanced", 1), ("advanced", 2), ("done", work), ("ended",)]
    assert threading.main_thread() not in {thread for _, thread in work.did}


def test_what_was_given_wrong_is_told(long, told, qtbot):
    error = FormatError("no such folder")
    long.begin(Work(0, error=error))
    qtbot.waitUntil(over(long), timeout=30_000)
    assert told == [("failed", error), ("ended",)]


def test_after_cancelling_nothing_is_told_and_no_step_is_done(long, told, qtbot):
    work = Work(3, waits=1)
    long.begin(work)
    assert work.reached.wait(30)
    qtbot.waitUntil(lambda: ("advanced", 0) in told, timeout=30_000)
    long.cancel()
    assert not long.is_running
    work.go_on.set()
    long.begin(other := Work(1))
    qtbot.waitUntil(over(long), timeout=30_000)
    assert told == [("advanced", 0), ("ended",), ("advanced", 0), ("done", other), ("ended",)]
    qtbot.waitUntil(lambda: len(work.did) == 2, timeout=30_000)
    assert [step for step, _ in work.did] == [0, 1]


def test_work_that_is_over_is_let_go_of(long, told, qtbot):
    """Workers of napari are never collected."""
    gone = []
    for waits in (None, 1):
        work = Work(2, waits)
        gone.append(weakref.ref(work))
        long.begin(work)
        if waits:
            assert work.reached.wait(30)
            long.cancel()
            work.go_on.set()
        qtbot.waitUntil(over(long), timeout=30_000)
        del work
    told.clear()

    def are_gone():
        gc.collect()
        return [one() for one in gone] == [None, None]

    qtbot.waitUntil(are_gone, timeout=30_000)
