"""A timer that beats in a window: between two beats its event loop stood still.

What is done meanwhile is in gui_heartbeat.py.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, QTimer

if TYPE_CHECKING:
    from real_window import RealWindow

BEAT = 5
"""Milliseconds."""


class Heartbeat:
    """When the timer beat, and when the window was painted."""

    def __init__(self, window: RealWindow) -> None:
        self.beats: list[float] = []
        self.paintings: list[tuple[float, float]] = []
        self._begun = 0.0
        self._timer = QTimer(window.viewer.window._qt_window)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT)
        self._timer.timeout.connect(lambda: self.beats.append(perf_counter()))
        events = window.canvas._scene_canvas.events
        events.draw.connect(self._begin, position="first")
        window.native.frameSwapped.connect(self._end)
        self._timer.start()

    def _begin(self, _event: object = None) -> None:
        self._begun = perf_counter()

    def _end(self) -> None:
        if self._begun:
            self.paintings.append((self._begun, perf_counter() - self._begun))
            self._begun = 0.0
