"""Running a session's jobs in threads, so that the window never waits. Latest wins.

Jobs of different kinds may run at the same time, two of one kind never: the later one waits, and
a third takes its place. What may be wanted next is encoded only while nothing else runs.
"""

from __future__ import annotations

import atexit
import logging
from threading import Event
from time import perf_counter
from typing import TYPE_CHECKING, get_args

from napari.qt.threading import GeneratorWorker, WorkerBase
from qtpy.QtCore import QObject, Qt, QThreadPool, QTimer, Signal

from napari_cutout.layers.jobs import JobKind
from napari_cutout.sam.threads import bring_torch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_cutout.layers import Job

    Outcome = tuple[object, Exception | None, float]

_log = logging.getLogger(__name__)

# napari waits for threads where its event loop ends. Where a program ends without one, Qt would
# delete what they tell of their end by, and abort. Long work goes no further than its next step.
atexit.register(WorkerBase.await_workers)

THUMBNAILS, RECOVERY, STORE = OWN_KINDS = ("thumbnails", "recovery", "store")
"""The widget's own kinds of job."""

_IDLE = ("look", "prefetch")
"""Kinds that wait until nothing else is done."""

_AFTERWARDS: tuple[JobKind, ...] = ("outline", "brush")
"""Kinds that need no thread, and are done when the screen was drawn."""

_SILENT = ("ahead", "hover", "ready", *_IDLE, *OWN_KINDS)
"""Kinds that nobody asked for: what goes wrong with them isn't said."""

AFTERWARDS = 150
"""Milliseconds that are left for painting the mask before anything else is drawn."""

MOMENT = {"predict": 0.02, "hover": 0.02}
"""Seconds that the window waits for what is mostly done by then.

Painting a window takes about as long as a prediction and keeps threads from Python meanwhile. What
is painted before the mask, the prompt itself, would double the time until the mask is seen.
"""


class JobRunner(QObject):
    """A runner for sessions.

    Signals
    -------
    busy
        What is being done, in words; empty when nothing is.
    encoded
        Seconds that a frame's encoding took, after its result was delivered.
    failed
        An exception that is about what was given, not a bug.
    """

    busy = Signal(str)
    encoded = Signal(float)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        kinds = (*get_args(JobKind), *OWN_KINDS)
        self._lanes: dict[str, _Lane | _Afterwards] = {kind: _Lane(self) for kind in kinds}
        for kind in _AFTERWARDS:
            self._lanes[kind] = _Afterwards(self)

    def __call__(self, job: Job) -> None:
        """Run a job when its turn comes."""
        self._lanes[job.kind].add(job)
        self.tell()

    @property
    def is_busy(self) -> bool:
        """Whether anything runs, or waits for that."""
        return any(lane.job is not None or lane.waits for lane in self._lanes.values())

    def cancel(self, *kinds: str) -> None:
        """Drop the jobs of some kinds, or all. What a thread is in the middle of ends unheard."""
        for kind in kinds or self._lanes:
            self._lanes[kind].cancel()
        self.tell()

    def tell(self) -> None:
        """Say what is being done; predictions are too short to be worth it."""
        job = self._lanes["encode"].job
        self.busy.emit("" if job is None else job.text)

    def may_start(self, job: Job) -> bool:
        """Whether a job need not wait for those of other kinds."""
        others = (lane for kind, lane in self._lanes.items() if kind != job.kind)
        return job.kind not in _IDLE or all(lane.job is None for lane in others)

    def ended(self, job: Job, error: Exception | None, seconds: float) -> None:
        """Tell what became of a job."""
        if error is not None and job.kind in _SILENT:
            _log.info("%s: %s", job.kind, error)
        elif error is not None and is_about_input(error):
            # napari shows others.
            self.failed.emit(error)
        elif error is None and job.kind == "encode":
            self.encoded.emit(seconds)

    def wake(self) -> None:
        """Start what waited until nothing else ran."""
        for kind in _IDLE:
            self._lanes[kind].start()
        self.tell()


class _Lane:
    """One job at a time, and the latest of those that wait."""

    def __init__(self, runner: JobRunner) -> None:
        self._runner = runner
        self.job: Job | None = None
        self._waiting: Job | None = None
        self._worker: GeneratorWorker | None = None
        self._running: _Running | None = None

    @property
    def waits(self) -> bool:
        """Whether a job waits for its turn."""
        return self._waiting is not None

    def add(self, job: Job) -> None:
        if self._waiting is not None:
            self._waiting.drop()
        self._waiting = job
        self.start()

    def start(self) -> None:
        """Begin the job that waits, if it may."""
        job = self._waiting
        if job is None or self.job is not None or not self._runner.may_start(job):
            return
        self.job, self._waiting = job, None
        self._running = running = _Running(job, self._finish)
        # Not create_worker(): each of its workers stays in the window's list of tasks.
        self._worker = GeneratorWorker(running.steps)
        self._worker.yielded.connect(running.take)
        self._worker.errored.connect(running.take_bug)
        # The threads of other plugins, and our own long jobs, must not keep a click waiting: room
        # for one more thread, given back when this one ends.
        pool = QThreadPool.globalInstance()
        pool.releaseThread()
        self._worker.finished.connect(pool.reserveThread, type=Qt.ConnectionType.DirectConnection)
        # Not by the worker's own start(): that waits for the event loop, which paints first.
        pool.start(self._worker)
        if job.kind in MOMENT and running.ended.wait(MOMENT[job.kind]):
            # Not when the thread tells of it: the window would be painted first.
            running.take()

    def cancel(self) -> None:
        dropped = [job for job in (self._waiting, self.job) if job is not None]
        self._waiting = self.job = None
        for job in dropped:
            job.drop()
        if self._worker is not None and self._running is not None:
            self._worker.quit()
            self._running.let_go()
            self._worker = self._running = None

    def _finish(self, job: Job, result: object, error: Exception | None, seconds: float) -> None:
        if job is not self.job:
            return
        try:
            if error is None:
                job.deliver(result)
            else:
                job.fail(error)
        finally:
            if job is self.job:
                self._end()
        self._runner.ended(job, error, seconds)

    def _end(self) -> None:
        self.job = self._worker = self._running = None
        self.start()
        self._runner.wake()


def is_about_input(error: Exception) -> bool:
    """Whether an exception says what is wrong with what was given; others are bugs."""
    ours = type(error).__module__.startswith("napari_cutout.")
    return ours or isinstance(error, OSError | MemoryError)


class _Afterwards:
    """What is done when the mask or the view is on the screen, the latest only."""

    def __init__(self, runner: JobRunner) -> None:
        self._runner = runner
        self.job: Job | None = None
        self.waits = False
        self._timer = QTimer(runner)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AFTERWARDS)
        self._timer.timeout.connect(self.start)

    def add(self, job: Job) -> None:
        self.cancel()
        self.job = job
        self._timer.start()

    def start(self) -> None:
        """Do it now."""
        job, self.job = self.job, None
        if job is not None:
            job.deliver(job.compute())
            self._runner.wake()

    def cancel(self) -> None:
        job, self.job = self.job, None
        self._timer.stop()
        if job is not None:
            job.drop()


class _Running:
    """A job in a thread, and what becomes of it.

    It lets go of both, and of whom it tells, at its end: a worker may live longer.

    Parameters
    ----------
    job
        What to compute.
    tell
        Called in the window's thread with the job, its result or what is wrong, and the seconds.
    """

    def __init__(self, job: Job, tell: Callable[..., None]) -> None:
        self._job: Job | None = job
        self._tell: Callable[..., None] | None = tell
        self._outcome: Outcome | None = None
        self.ended = Event()

    def steps(self) -> Iterator[None]:
        self._compute()
        self.ended.set()
        yield

    def take(self, _: object = None) -> None:
        """Tell what became of the job, once."""
        job, outcome, tell = self._job, self._outcome, self._tell
        if job is None or outcome is None or tell is None:
            return
        self.let_go()
        tell(job, *outcome)

    def take_bug(self, error: Exception) -> None:
        """Tell it; napari shows its traceback."""
        job, tell = self._job, self._tell
        self.let_go()
        if job is not None and tell is not None:
            tell(job, None, error, 0.0)

    def let_go(self) -> None:
        """Tell nothing any more."""
        self._job = self._outcome = self._tell = None

    def _compute(self) -> None:
        job = self._job
        if job is None:
            return
        if job.kind not in OWN_KINDS:
            bring_torch(in_window=True)
        begun = perf_counter()
        try:
            result = job.compute()
        except Exception as error:
            if not is_about_input(error) and job.kind not in _SILENT:
                raise
            self._outcome = None, error, 0.0
        else:
            self._outcome = result, None, perf_counter() - begun
        if self._job is None:
            # Let go of in the meantime.
            self._outcome = None
