"""Jobs in threads: latest wins in each lane, and lanes don't wait for each other."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref
from threading import Event

import pytest
from qtpy.QtCore import QThreadPool, QTimer
from qtpy.QtWidgets import QWidget

from napari_cutout.layers import Job, SessionError
from napari_cutout.widgets import workers
from napari_cutout.widgets.workers import THUMBNAILS, JobRunner

KINDS = ("encode", "predict", "hover", "ids", "look", "prefetch", THUMBNAILS)


class Told:
    """Jobs that write down what became of them."""

    def __init__(self, runner):
        self.runner = runner
        self.done, self.failed, self.dropped = [], [], []

    def ask(self, kind, name, compute=lambda: None):
        job = Job(
            kind,
            name,
            compute,
            lambda _: self.done.append(name),
            lambda _: self.failed.append(name),
            lambda: self.dropped.append(name),
        )
        self.runner(job)


@pytest.fixture
def runner(qtbot):
    made = JobRunner()
    yield made
    made.cancel()
    QThreadPool.globalInstance().waitForDone()


@pytest.fixture
def gate():
    """What is closed until the test opens it, and in the end."""
    event = Event()
    yield event
    event.set()


def wait(gate):
    assert gate.wait(60)


def idle(runner):
    return lambda: not runner.is_busy


@pytest.mark.parametrize("kind", KINDS)
def test_of_those_that_wait_the_latest_is_run(runner, gate, qtbot, kind):
    told = Told(runner)
    told.ask(kind, "first", lambda: wait(gate))
    told.ask(kind, "second")
    told.ask(kind, "third")
    assert told.dropped == ["second"]
    gate.set()
    qtbot.waitUntil(idle(runner), timeout=30_000)
    assert told.done == ["first", "third"]


def test_a_click_waits_neither_for_long_jobs_nor_for_other_plugins(runner, gate, qtbot):
    pool = QThreadPool.globalInstance()
    most = pool.maxThreadCount()
    pool.setMaxThreadCount(1)
    try:
        told = Told(runner)
        told.ask("encode", "long", lambda: wait(gate))
        told.ask("ids", "long, too", lambda: wait(gate))
        told.ask("predict", "click")
        qtbot.waitUntil(lambda: told.done == ["click"], timeout=30_000)
        gate.set()
        qtbot.waitUntil(idle(runner), timeout=30_000)
        pool.waitForDone()
        assert pool.activeThreadCount() == 0, "room that was made is given back"
    finally:
        pool.setMaxThreadCount(most)


def test_what_nobody_waits_for_is_done_when_nothing_else_runs(runner, gate, qtbot):
    told = Told(runner)
    told.ask("predict", "click", lambda: wait(gate))
    told.ask("prefetch", "neighbour")
    told.ask("look", "pixels")
    told.ask("encode", "frame")
    qtbot.waitUntil(lambda: "frame" in told.done, timeout=30_000)
    assert runner.is_busy
    gate.set()
    qtbot.waitUntil(idle(runner), timeout=30_000)
    assert told.done == ["frame", "click", "pixels", "neighbour"]


@pytest.mark.parametrize("error", [SessionError("no"), ZeroDivisionError()])
@pytest.mark.parametrize("kind", ["hover", "look", "prefetch", THUMBNAILS])
def test_what_nobody_asked_for_fails_silently(runner, qtbot, kind, error):
    told, said = Told(runner), []
    runner.failed.connect(said.append)

    def fail():
        raise error

    told.ask(kind, "it", fail)
    qtbot.waitUntil(idle(runner), timeout=30_000)
    assert told.failed == ["it"]
    assert not said


def test_bad_input_is_said(runner, qtbot):
    told, said = Told(runner), []
    runner.failed.connect(said.append)
    error = SessionError("no")

    def fail():
        raise error

    told.ask("predict", "it", fail)
    qtbot.waitUntil(idle(runner), timeout=30_000)
    assert told.failed == ["it"]
    assert said == [error]


def test_the_lane_goes_on_after_a_result_that_nobody_could_take(runner, qtbot):
    told = Told(runner)

    def deliver(_):
        raise RuntimeError("taken by nobody")

    job = Job("encode", "", lambda: None, deliver, lambda _: None, lambda: None)
    with qtbot.captureExceptions() as exceptions:
        runner(job)
        qtbot.waitUntil(idle(runner), timeout=30_000)
    assert len(exceptions) == 1
    told.ask("encode", "next")
    qtbot.waitUntil(idle(runner), timeout=30_000)
    assert told.done == ["next"]


def test_a_prediction_that_is_there_in_a_moment_and_nobody_can_take_is_the_asker_s(
    runner, qtbot, monkeypatch
):
    monkeypatch.setitem(workers.MOMENT, "predict", 30)

    def deliver(_):
        raise RuntimeError("taken by nobody")

    told = Told(runner)
    with pytest.raises(RuntimeError, match="nobody"):
        runner(Job("predict", "", lambda: None, deliver, lambda _: None, lambda: None))
    told.ask("predict", "next")
    assert told.done == ["next"]


def test_cancelled_jobs_are_dropped_and_end_unheard(runner, gate, qtbot):
    told = Told(runner)
    told.ask("encode", "first", lambda: wait(gate))
    told.ask("encode", "second")
    runner.cancel("encode")
    assert told.dropped == ["second", "first"]
    told.ask("encode", "third")
    gate.set()
    qtbot.waitUntil(idle(runner), timeout=30_000)
    assert told.done == ["third"]


class Held:
    """What a job holds or gives."""


@pytest.mark.parametrize("kind", ["encode", "predict", "ready"])
@pytest.mark.parametrize("how", ["delivered", "cancelled", "wrong"])
def test_what_a_job_held_and_gave_is_let_go_of(runner, gate, qtbot, monkeypatch, how, kind):
    """By workers that somebody keeps, as napari's list of tasks would."""
    kept = []

    class Kept(workers.GeneratorWorker):
        def __init__(self, steps):
            super().__init__(steps)
            kept.append(self)

    monkeypatch.setattr(workers, "GeneratorWorker", Kept)
    held, given = Held(), Held()
    left = [weakref.ref(held), weakref.ref(given)]
    results = [given]

    def compute(_held=held):
        if how == "cancelled":
            wait(gate)
        if how == "wrong":
            raise SessionError("no")
        return results.pop()

    job = Job(kind, "", compute, lambda _: None, lambda _: None, lambda: None)
    runner(job)
    if how == "cancelled":
        runner.cancel()
    gate.set()
    qtbot.waitUntil(idle(runner), timeout=30_000)
    assert QThreadPool.globalInstance().waitForDone(30_000)
    results.clear()
    del job, compute, held, given
    gc.collect()

    assert len(kept) == 1
    assert [each() for each in left] == [None, None]


def test_encoding_is_timed_and_said(runner, gate, qtbot):
    said, took = [], []
    runner.busy.connect(said.append)
    runner.encoded.connect(took.append)
    told = Told(runner)
    told.ask("encode", "Encoding the image", lambda: wait(gate))
    assert said[-1] == "Encoding the image"
    gate.set()
    qtbot.waitUntil(idle(runner), timeout=30_000)
    assert said[-1] == ""
    assert len(took) == 1
    assert took[0] > 0


class Painted(QWidget):
    """Writes down that it was painted."""

    def __init__(self, order):
        super().__init__()
        self._order = order

    def paintEvent(self, _event):
        self._order.append("painted")


def order_of(qtbot, runner, kind):
    """What comes first, a job's result or the painting of what changed before it was asked."""
    order = []
    window = Painted(order)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: bool(order), timeout=30_000)
    qtbot.wait(50)
    order.clear()

    def ask():
        window.update()
        job = Job(kind, "", lambda: 1, lambda _: order.append("done"), lambda _: None, lambda: None)
        runner(job)

    QTimer.singleShot(0, ask)
    qtbot.waitUntil(lambda: len(set(order)) == 2, timeout=30_000)
    return order


def test_a_mask_that_is_there_in_a_moment_is_taken_before_anything_is_painted(
    runner, qtbot, monkeypatch
):
    monkeypatch.setitem(workers.MOMENT, "predict", 30)
    assert order_of(qtbot, runner, "predict") == ["done", "painted"]


def test_what_is_drawn_after_the_mask_waits_for_the_painting(runner, qtbot):
    assert order_of(qtbot, runner, "outline") == ["painted", "done"]


def test_of_what_is_drawn_after_the_mask_the_latest_is(runner, qtbot):
    told = Told(runner)
    told.ask("outline", "first")
    told.ask("outline", "second")
    assert (told.done, told.dropped) == ([], ["first"])
    qtbot.waitUntil(idle(runner), timeout=30_000)
    assert told.done == ["second"]


def test_a_prediction_that_takes_longer_comes_later(runner, gate, qtbot, monkeypatch):
    monkeypatch.setitem(workers.MOMENT, "predict", 0.001)
    told = Told(runner)
    told.ask("predict", "slow", lambda: wait(gate))
    assert told.done == []
    gate.set()
    qtbot.waitUntil(idle(runner), timeout=30_000)
    assert told.done == ["slow"]


ENDING = """
import threading
from qtpy.QtWidgets import QApplication
from napari_cutout.layers import Job
from napari_cutout.widgets.long_work import LongWork
from napari_cutout.widgets.workers import THUMBNAILS, JobRunner

begun, never = threading.Event(), threading.Event()

def compute():
    begun.set()
    threading.main_thread().join()
    never.wait(0.5)
    print("computed", flush=True)

def work():
    while True:
        compute()
        yield

app = QApplication([])
runner, long_work = JobRunner(), LongWork()
if {is_long}:
    long_work.begin(work())
else:
    runner(Job(THUMBNAILS, "", compute, *3 * [lambda *_: None]))
begun.wait()
{then}
"""


@pytest.mark.parametrize(("is_long", "then"), [(True, ""), (False, "runner.cancel()")])
@pytest.mark.usefixtures("qapp")
def test_a_program_that_ends_meanwhile_ends_quietly(is_long, then):
    """As a script whose window was closed without napari.run()."""
    done = subprocess.run(
        [sys.executable, "-c", ENDING.format(is_long=is_long, then=then)],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("computed") == 1
