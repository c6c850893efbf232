"""Real mouse input on the real canvas of a viewer, at places given in the world."""

from __future__ import annotations

import numpy as np
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication


def native(viewer):
    """The widget that the canvas draws in."""
    return viewer.window._qt_viewer.canvas.native


def screen_position(viewer, world) -> QPoint:
    """Where a position of the world is drawn, found by asking the canvas for the way back."""
    # A window that is still being laid out would move what is asked for.
    QApplication.processEvents()
    canvas = viewer.window._qt_viewer.canvas
    shown = list(viewer.dims.displayed)

    def back(x: float, y: float) -> np.ndarray:
        return np.array(canvas._map_canvas2world((x, y), canvas.view))[shown]

    origin = back(0, 0)
    steps = np.stack([back(100, 0) - origin, back(0, 100) - origin], axis=1) / 100
    x, y = np.linalg.solve(steps, np.asarray(world)[shown] - origin)
    return QPoint(round(x), round(y))


def click(viewer, world) -> None:
    """Press and release the left button."""
    widget, place = native(viewer), screen_position(viewer, world)
    QTest.mouseMove(widget, place)
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place)


def drag(viewer, start, end) -> None:
    """Press the left button, move, release."""
    draw(viewer, [start, (np.asarray(start) + np.asarray(end)) / 2, end])


def draw(viewer, places) -> None:
    """Press the left button, move from place to place, release."""
    widget = native(viewer)
    first, *others = [screen_position(viewer, place) for place in places]
    QTest.mouseMove(widget, first)
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=first)
    for place in others:
        _move(widget, place, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=others[-1])


def hover(viewer, place) -> None:
    """Move the mouse without a button."""
    _move(native(viewer), screen_position(viewer, place), Qt.MouseButton.NoButton)


def _move(widget, place: QPoint, button) -> None:
    """QTest moves the cursor, which is told of after the release; this is told at once."""
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(place),
        QPointF(widget.mapToGlobal(place)),
        Qt.MouseButton.NoButton,
        button,
        Qt.KeyboardModifier.NoModifier,
    )
    # vispy drops moves that follow the one before within 10 ms, also one of the real cursor.
    widget._last_time = 0.0
    QApplication.sendEvent(widget, event)
    # napari takes one in 5 ms, and the last one after that.
    QTest.qWait(11)


def press(viewer, key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    """Press and release a key with the canvas in focus."""
    QTest.keyClick(native(viewer), key, modifiers)
