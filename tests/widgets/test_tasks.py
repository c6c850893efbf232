"""Threads for what a folder session reads and saves."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest

from napari_cutout.widgets.tasks import TaskRunner

pytestmark = pytest.mark.gui


class Big:
    """Something that must not stay in memory."""


def test_results_and_exceptions_come_back_to_the_caller(qtbot):
    run, came = TaskRunner(), []

    def deliver(value):
        came.append((value, threading.current_thread()))

    def fail_as(error):
        def compute():
            raise error

        return compute

    run(lambda: threading.current_thread(), deliver, deliver)
    run(fail_as(OSError("no room")), deliver, deliver)
    run(fail_as(KeyError("a bug")), deliver, deliver)
    qtbot.waitUntil(lambda: len(came) == 3, timeout=30_000)

    values = {type(value): value for value, _ in came}
    assert {thread for _, thread in came} == {threading.current_thread()}
    assert str(values[OSError]) == "no room"
    assert KeyError in values
    assert not run.is_busy


def test_what_was_computed_is_let_go_of(qtbot):
    """Workers of napari are never collected."""
    run, came = TaskRunner(), []
    big = Big()
    gone = weakref.ref(big)
    run(lambda big=big: id(big), came.append, came.append)
    del big
    qtbot.waitUntil(lambda: len(came) == 1, timeout=30_000)
    gc.collect()

    assert gone() is None


def test_after_shutting_nothing_is_heard(qtbot):
    run, came = TaskRunner(), []
    entered, leave = threading.Event(), threading.Event()

    def compute():
        entered.set()
        leave.wait(30)

    run(compute, came.append, came.append)
    assert entered.wait(30)
    run.shut()
    leave.set()
    others = TaskRunner()
    others(lambda: None, came.append, came.append)
    qtbot.waitUntil(lambda: bool(came), timeout=30_000)

    assert came == [None]
    assert not run.is_busy
