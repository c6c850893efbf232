"""Real mouse input on the real canvas of a viewer, at places given in the world."""

from __future__ import annotations

import numpy as np
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest


def native(viewer):
    """The widget that the canvas draws in."""
    return viewer.window._qt_viewer.canvas.native


def screen_position(viewer, world) -> QPoint:
    """Where a position of the world is drawn, found by asking the canvas for the way back."""
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
    widget = native(viewer)
    first, last = screen_position(viewer, start), screen_position(viewer, end)
    QTest.mouseMove(widget, first)
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=first)
    QTest.mouseMove(widget, (first + last) / 2)
    QTest.mouseMove(widget, last)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=last)


def press(viewer, key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    """Press and release a key with the canvas in focus."""
    QTest.keyClick(native(viewer), key, modifiers)
