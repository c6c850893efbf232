"""Running what a folder session reads and saves in threads, so that the window never waits.

A session's own jobs, of which the latest wins, are run by workers.py: of these none may be lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari.qt.threading import create_worker

from napari_cutout.widgets.workers import is_about_input

if TYPE_CHECKING:
    from collections.abc import Callable


class TaskRunner:
    """A runner for folder sessions."""

    def __init__(self) -> None:
        self._tasks: set[_Task] = set()

    def __call__(
        self,
        compute: Callable[[], Any],
        deliver: Callable[[Any], None],
        fail: Callable[[Exception], None],
    ) -> None:
        """Compute in a thread; give the result or the exception on in the caller's."""
        task = _Task(self._tasks, compute, deliver, fail)
        self._tasks.add(task)
        create_worker(
            task.work,
            _connect={"returned": task.take, "errored": task.take_bug},
            _start_thread=True,
        )

    @property
    def is_busy(self) -> bool:
        """Whether anything runs."""
        return bool(self._tasks)

    def shut(self) -> None:
        """Let what runs end unheard."""
        for task in list(self._tasks):
            task.end()


class _Task:
    """One of them. It lets go of everything at its end: napari's workers are never collected."""

    def __init__(
        self,
        running: set[_Task],
        compute: Callable[[], Any],
        deliver: Callable[[Any], None],
        fail: Callable[[Exception], None],
    ) -> None:
        self._running = running
        self._calls: tuple[Callable[..., Any], ...] = (compute, deliver, fail)

    def work(self) -> tuple[Any, Exception | None]:
        calls = self._calls
        if not calls:
            return None, None
        try:
            return calls[0](), None
        except Exception as error:
            if not is_about_input(error):
                raise
            return None, error

    def take(self, found: tuple[Any, Exception | None]) -> None:
        result, error = found
        self._give(1, result) if error is None else self._give(2, error)

    def take_bug(self, error: Exception) -> None:
        # napari shows its traceback.
        self._give(2, error)

    def end(self) -> None:
        self._calls = ()
        self._running.discard(self)

    def _give(self, which: int, value: Any) -> None:
        calls = self._calls
        self.end()
        if calls:
            calls[which](value)
