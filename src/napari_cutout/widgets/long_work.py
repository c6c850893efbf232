"""Long work in a thread, step by step: how far it is, and an end to it at any time.

Short jobs, of which the latest wins, are run by workers.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.qt.threading import create_worker
from qtpy.QtCore import QObject, Signal

from napari_cutout.layers.weak import weak_call
from napari_cutout.widgets.workers import is_about_input

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable


class LongWork(QObject):
    """Runs one work at a time.

    Signals
    -------
    advanced
        What the work yielded last.
    done
        The work, after its last step.
    failed
        An exception that is about what was given, not a bug.
    ended
        It is over, however it ended.
    """

    advanced = Signal(object)
    done = Signal(object)
    failed = Signal(object)
    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run: _Run | None = None

    @property
    def is_running(self) -> bool:
        """Whether there is work under way."""
        return self._run is not None

    def begin(self, work: Iterable[object]) -> None:
        """Iterate over some work in a thread. What ran before is cancelled."""
        self.cancel()
        run = self._run = _Run(work)
        take, end = weak_call(self._take), weak_call(self._end)
        create_worker(
            run.steps,
            _connect={
                "yielded": lambda step: take(run, step),
                "returned": lambda errors: end(run, *errors),
                # napari shows its traceback.
                "errored": lambda _error: end(run, is_done=False),
            },
            _start_thread=True,
        )

    def cancel(self) -> None:
        """Go no further than the step under way; nothing is told of it any more."""
        if self._run is not None:
            self._run.work, self._run = None, None
            self.ended.emit()

    def _take(self, run: _Run, step: object) -> None:
        if run is self._run:
            self.advanced.emit(step)

    def _end(self, run: _Run, error: Exception | None = None, *, is_done: bool = True) -> None:
        if run is not self._run:
            return
        work, run.work, self._run = run.work, None, None
        if error is not None:
            self.failed.emit(error)
        elif is_done:
            self.done.emit(work)
        self.ended.emit()


class _Run:
    """One work under way. It lets go of it at its end: napari's workers are never collected."""

    def __init__(self, work: Iterable[object]) -> None:
        self.work: Iterable[object] | None = work

    def steps(self) -> Generator[object, None, tuple[Exception, ...]]:
        """Returns what was wrong with what was given: napari takes a bare exception for a bug."""
        steps = iter(self.work or ())
        try:
            while self.work is not None:
                yield next(steps)
        except StopIteration:
            return ()
        except Exception as error:
            if not is_about_input(error):
                raise
            return (error,)
        return ()
