"""Calls that are made in the next turn of the event loop, before anything is painted."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QWidget

from napari_cutout.widgets.soon import Soon


@pytest.fixture
def soon(qtbot):
    made = Soon()
    made.calls = []
    made.timeout.connect(lambda: made.calls.append("called"))
    return made


def test_it_calls_when_what_is_going_on_has_ended(soon, qtbot):
    soon.start()
    assert (soon.calls, soon.isActive()) == ([], True)
    qtbot.waitUntil(lambda: not soon.isActive(), timeout=30_000)
    assert soon.calls == ["called"]


def test_it_calls_once_however_often_it_was_asked(soon, qtbot):
    soon.start()
    soon.stop()
    soon.start()
    soon.start()
    qtbot.wait(20)
    assert soon.calls == ["called"]


def test_it_can_be_called_off(soon, qtbot):
    soon.start()
    soon.stop()
    qtbot.wait(20)
    assert soon.calls == []


class Painted(QWidget):
    """Writes down that it was painted."""

    def __init__(self, calls):
        super().__init__()
        self._calls = calls

    def paintEvent(self, _event):
        self._calls.append("painted")


def test_it_comes_before_the_painting_of_what_changed_earlier(soon, qtbot):
    window = Painted(soon.calls)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: bool(soon.calls), timeout=30_000)
    qtbot.wait(50)
    soon.calls.clear()

    def change():
        window.update()
        soon.start()

    QTimer.singleShot(0, change)
    qtbot.waitUntil(lambda: len(soon.calls) == 2, timeout=30_000)
    assert soon.calls == ["called", "painted"]
