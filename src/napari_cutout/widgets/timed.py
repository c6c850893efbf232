"""What "Cut Out" does in other turns of the event loop: its timers, and its jobs in threads.

What it does then is said where the timers are made, in laying.py, opening.py and following.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer

from napari_cutout.widgets.panel import Panel
from napari_cutout.widgets.soon import Soon
from napari_cutout.widgets.workers import JobRunner

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtWidgets import QWidget


class Timed(Panel):
    """The widget as far as what it has still to do. See :class:`.CutOut`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = JobRunner(self)
        self._timers: dict[QTimer | Soon, bool] = {}

    @property
    def is_busy(self) -> bool:
        """Whether anything is being computed, or about to be."""
        works = any(timer.isActive() for timer, is_work in self._timers.items() if is_work)
        return works or self._runner.is_busy

    def _timer(
        self, milliseconds: int, call: Callable[[], None], *, is_work: bool = True
    ) -> QTimer:
        """One that calls once, so long after it was started last; work makes the widget busy."""
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(call)
        self._timers[timer] = is_work
        return timer

    def _before_painting(self, call: Callable[[], None]) -> Soon:
        """One that calls once, when what is going on has ended; it makes the widget busy."""
        soon = Soon(self)
        soon.timeout.connect(call)
        self._timers[soon] = True
        return soon

    def _stop_timers(self) -> None:
        for timer in self._timers:
            timer.stop()
