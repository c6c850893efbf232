"""Long work of sessions in a thread, so that the window never waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_cutout.sam.threads import bring_torch
from napari_cutout.widgets.long_work import LongWork

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cutout.layers.long_jobs import LongJob


class JobThread(QObject):
    """A runner of :class:`.LongJob`, one at a time.

    Signals
    -------
    failed
        An exception that is about what was given, not a bug.
    ended
        A job is over, however it ended.
    """

    failed = Signal(object)
    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = LongWork(self)
        self._job: LongJob | None = None
        self._error: Exception | None = None
        self._work.advanced.connect(self._on_step)
        self._work.failed.connect(self._on_failed)
        self._work.ended.connect(self._on_end)

    def __call__(self, job: LongJob) -> None:
        """Run a job in a thread. What ran before is over, unheard."""
        self.stop()
        self._job, self._error = job, None
        self._work.begin(_steps(job))

    @property
    def is_busy(self) -> bool:
        """Whether a job runs."""
        return self._work.is_running

    def stop(self) -> None:
        """End what runs, unheard."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        self._work.cancel()

    def _on_step(self, step: object) -> None:
        if self._job is not None:
            self._job.take(step)

    def _on_failed(self, error: Exception) -> None:
        self._error = error

    def _on_end(self) -> None:
        job, self._job = self._job, None
        error, self._error = self._error, None
        if job is not None:
            job.end(error)
        if error is not None:
            self.failed.emit(error)
        self.ended.emit()


def _steps(job: LongJob) -> Iterator[object]:
    """A job's steps, in a thread that leaves the window a core."""
    bring_torch(in_window=True)
    yield from job.steps()
