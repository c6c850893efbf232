"""Running a session's jobs in threads, so that the window never waits. Latest wins.

Jobs of different kinds may run at the same time, two of one kind never: the later one waits, and
a third takes its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.qt.threading import create_worker
from qtpy.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cutout.layers import Job


class JobRunner(QObject):
    """A runner for sessions.

    Signals
    -------
    busy
        What is being done, in words; empty when nothing is.
    failed
        An exception that is about what was given, not a bug.
    """

    busy = Signal(str)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes = {kind: _Lane(self) for kind in ("encode", "predict", "ids")}

    def __call__(self, job: Job) -> None:
        """Run a job when its turn comes."""
        self._lanes[job.kind].add(job)
        self.tell()

    @property
    def is_busy(self) -> bool:
        """Whether anything runs."""
        return any(lane.job is not None for lane in self._lanes.values())

    def cancel(self, *kinds: str) -> None:
        """Drop the jobs of some kinds, or all. What a thread is in the middle of ends unheard."""
        for kind in kinds or self._lanes:
            self._lanes[kind].cancel()
        self.tell()

    def tell(self) -> None:
        """Say what is being done; predictions are too short to be worth it."""
        job = self._lanes["encode"].job
        self.busy.emit("" if job is None else job.text)


class _Lane:
    """One job at a time, and the latest of those that wait."""

    def __init__(self, runner: JobRunner) -> None:
        self._runner = runner
        self.job: Job | None = None
        self._waiting: Job | None = None
        self._worker = None

    def add(self, job: Job) -> None:
        if self._waiting is not None:
            self._waiting.drop()
        self._waiting = job
        if self.job is None:
            self._next()

    def cancel(self) -> None:
        dropped = [job for job in (self._waiting, self.job) if job is not None]
        self._waiting = self.job = None
        for job in dropped:
            job.drop()
        if self._worker is not None:
            self._worker.quit()
            self._worker = None

    def _next(self) -> None:
        job, self._waiting = self._waiting, None
        self.job = job
        if job is None:
            return

        def take(outcome: tuple[object, Exception | None]) -> None:
            self._finish(job, *outcome)

        def take_bug(error: Exception) -> None:
            # napari shows its traceback.
            if job is self.job:
                job.fail(error)
                self._end()

        self._worker = create_worker(
            _steps, job, _connect={"yielded": take, "errored": take_bug}, _start_thread=True
        )

    def _finish(self, job: Job, result: object, error: Exception | None) -> None:
        if job is not self.job:
            return
        self._end()
        if error is None:
            job.deliver(result)
        else:
            job.fail(error)
            self._runner.failed.emit(error)

    def _end(self) -> None:
        self.job = self._worker = None
        self._next()
        self._runner.tell()


def is_about_input(error: Exception) -> bool:
    """Whether an exception says what is wrong with what was given; others are bugs."""
    ours = type(error).__module__.startswith("napari_cutout.")
    return ours or isinstance(error, OSError | MemoryError)


def _steps(job: Job) -> Iterator[tuple[object, Exception | None]]:
    try:
        result = job.compute()
    except Exception as error:
        if not is_about_input(error):
            raise
        yield None, error
    else:
        yield result, None
