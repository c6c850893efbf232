"""A widget in a dock lets go once, however it ends, and never while its window stays."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import QApplication, QDockWidget, QMainWindow

from napari_cutout.widgets.docked import Docked

pytestmark = pytest.mark.gui


class Counting(Docked):
    """Counts how often it let go; its window may close when it says so."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self.count, self.agrees = 0, True

    def _may_close(self):
        return self.agrees

    def _let_go(self):
        self.count += 1


class Window(QMainWindow):
    """As napari's, it may ask before it closes."""

    says_yes = True

    def closeEvent(self, event):
        event.setAccepted(self.says_yes)


@pytest.fixture
def window(qtbot):
    window = Window()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def widget(window, qtbot):
    widget, dock = Counting(), QDockWidget()
    dock.setWidget(widget)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    window.show()
    qtbot.waitExposed(window)
    return widget


def test_its_window_closes(window, widget):
    assert window.close()
    assert widget.is_shut
    assert widget.count == 1


def test_its_window_is_asked_to_close_and_stays(window, widget):
    window.says_yes = False
    assert not window.close()
    assert not widget.is_shut


def test_it_keeps_its_window_open(window, widget):
    widget.agrees = False
    assert not window.close()
    assert window.isVisible()
    assert not widget.is_shut
    widget.agrees = True
    assert window.close()
    assert widget.count == 1


def test_its_window_is_hidden_and_comes_back(window, widget):
    window.hide()
    window.show()
    assert not widget.is_shut


def test_it_is_taken_out_of_its_dock_and_closed(widget):
    widget.setParent(None)
    assert widget.count == 1
    widget.close()
    widget.shut()
    assert widget.count == 1


def test_it_is_closed_by_itself(qtbot):
    widget = Counting()
    qtbot.addWidget(widget)
    widget.show()
    widget.close()
    assert widget.count == 1


def test_once_shut_it_leaves_the_window_alone(window, widget):
    widget.shut()
    widget.agrees = False
    QApplication.sendEvent(window, QEvent(QEvent.Type.Show))
    assert window.close()
