"""Work that waits until the person pauses: a slider that is moved on puts it off.

It is done in a thread, one job after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer, Signal

from napari_cutout.widgets.job_thread import JobThread

if TYPE_CHECKING:
    from napari_cutout.layers.long_jobs import LongJob

PAUSE = 300
"""Milliseconds without another job."""


class Resting(QObject):
    """A runner of :class:`.LongJob`: those that were cancelled when their turn comes are left out.

    Signals
    -------
    failed
        An exception that is about what was given, not a bug.
    """

    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[LongJob] = []
        self._thread = JobThread(self)
        self._thread.failed.connect(self.failed)
        self._thread.ended.connect(self._go_on)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self._go_on)

    def __call__(self, job: LongJob) -> None:
        """Run a job in a thread, after a pause."""
        self._waiting = [one for one in self._waiting if not one.cancelled.is_set()]
        self._waiting.append(job)
        self._timer.start()

    @property
    def is_busy(self) -> bool:
        """Whether a job runs, or waits."""
        waits = any(not job.cancelled.is_set() for job in self._waiting)
        return waits or self._thread.is_busy

    def stop(self) -> None:
        """End what runs and what waits, unheard."""
        self._timer.stop()
        for job in self._waiting:
            job.cancel()
        self._waiting.clear()
        self._thread.stop()

    def _go_on(self) -> None:
        if self._timer.isActive() or self._thread.is_busy:
            return
        while self._waiting:
            job = self._waiting.pop(0)
            if not job.cancelled.is_set():
                self._thread(job)
                return
