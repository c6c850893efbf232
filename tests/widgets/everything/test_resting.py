"""Jobs that wait until the person pauses."""

from __future__ import annotations

from threading import Event

import pytest

from napari_cutout.layers.long_jobs import LongJob
from napari_cutout.segment.errors import OptionError
from napari_cutout.widgets.everything.resting import Resting

pytestmark = pytest.mark.gui


class Work:
    """Jobs that note what became of them."""

    def __init__(self):
        self.begun, self.taken, self.ended = [], [], []

    def job(self, name, steps=None):
        def work():
            self.begun.append(name)
            yield from steps or (name,)

        return LongJob(name, work, self.taken.append, lambda error: self.ended.append(error))


@pytest.fixture
def work():
    return Work()


@pytest.fixture
def resting(qtbot):
    runner = Resting()
    yield runner
    runner.stop()
    qtbot.waitUntil(lambda: not runner.is_busy, timeout=30_000)


def settled(runner, qtbot):
    qtbot.waitUntil(lambda: not runner.is_busy, timeout=30_000)


def test_jobs_wait_and_are_done_in_order(resting, work, qtbot):
    resting(work.job("one"))
    resting(work.job("other"))
    assert resting.is_busy
    assert work.begun == []
    settled(resting, qtbot)
    assert work.taken == ["one", "other"]
    assert work.ended == [None, None]


def test_what_was_cancelled_is_left_out(resting, work, qtbot):
    first = work.job("first")
    resting(first)
    first.cancel()
    assert not resting.is_busy
    resting(work.job("second"))
    settled(resting, qtbot)
    assert work.begun == ["second"]


def test_what_comes_while_one_runs_has_its_turn(resting, work, qtbot):
    go_on, begun = Event(), Event()

    def held():
        begun.set()
        assert go_on.wait(30)
        yield "held"

    resting(work.job("held", held()))
    qtbot.waitUntil(begun.is_set, timeout=30_000)
    resting(work.job("next"))
    go_on.set()
    settled(resting, qtbot)
    assert work.taken == ["held", "next"]


def test_nothing_is_heard_after_it_was_stopped(resting, work, qtbot):
    go_on, begun = Event(), Event()

    def held():
        begun.set()
        assert go_on.wait(30)
        yield "held"

    running, waiting = work.job("held", held()), work.job("waiting")
    resting(running)
    qtbot.waitUntil(begun.is_set, timeout=30_000)
    resting(waiting)
    resting.stop()
    go_on.set()
    qtbot.wait(50)
    assert work.taken == []
    assert running.cancelled.is_set()
    assert waiting.cancelled.is_set()
    assert not resting.is_busy


def test_what_is_wrong_is_told_and_the_next_goes_on(resting, work, qtbot):
    def wrong():
        raise OptionError("no")
        yield

    with qtbot.waitSignal(resting.failed, timeout=30_000) as told:
        resting(work.job("wrong", wrong()))
        resting(work.job("next"))
    settled(resting, qtbot)
    assert str(told.args[0]) == "no"
    assert work.taken == ["next"]
