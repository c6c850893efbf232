"""Going through the frames of a stack as a job: how far it is, a pause, an end, one undo step.

What is done in each frame is said by the files above this one.
"""

from __future__ import annotations

from functools import partial
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.long_jobs import LongJob, LongRunner, run_through
from napari_cutout.layers.run_step import RunStep
from napari_cutout.layers.stacks.choosing import StacksChosen, Task
from napari_cutout.layers.stacks.frame_states import FrameStates
from napari_cutout.layers.stacks.run import At, close, steps_of
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_cutout.layers.session import Session
    from napari_cutout.layers.stacks.layer_stack import LayerStack
    from napari_cutout.layers.stacks.run import Run

    Index = tuple[int, ...]


class StacksRunning(StacksChosen):
    """As far as it runs. See :class:`.Stacks`."""

    def __init__(self, session: Session, run: LongRunner | None = None) -> None:
        super().__init__(session)
        self.stack_of_run: LayerStack | None = None
        """The stack that :attr:`frame_states` are about."""
        self._run_job = run or run_through
        self._run: Run | None = None
        self._last: tuple[Sequence[RunStep], FrameStates] = ((), self._states)
        session.events.edited.connect(self._on_edited)

    @property
    def is_running(self) -> bool:
        """Whether anything is under way, be it paused or not."""
        return self._run is not None

    @property
    def is_paused(self) -> bool:
        """Whether it was told to wait."""
        return self._run is not None and self._run.is_paused

    @property
    def task(self) -> Task | None:
        """What is being done."""
        return None if self._run is None else self._run.task

    @property
    def progress(self) -> tuple[int, int]:
        """Frames done and in all; (0, 0) while that isn't known, and when nothing runs."""
        return (0, 0) if self._run is None else (self._run.at.done, self._run.at.total)

    @property
    def current(self) -> Index | None:
        """The frame that was worked on last."""
        return None if self._run is None else self._run.at.index

    @property
    def seconds_left(self) -> float | None:
        """About how long it will go on; None while that isn't known."""
        run = self._run
        if run is None or run.is_paused or run.at.done <= run.before:
            return None
        each = (monotonic() - run.began) / (run.at.done - run.before)
        return each * (run.at.total - run.at.done)

    def cancel(self) -> None:
        """Go no further. What was done stays, and is one undo step."""
        run = self._run
        if run is None:
            return
        if run.job is not None:
            run.job.cancel()
        else:
            close(run.steps)
            self._finish(run, None, cancelled=True)

    def pause(self) -> None:
        """Wait after the frame that is being worked on, until :meth:`resume`."""
        if self._run is None or self._run.is_paused:
            return
        self._run.is_paused = True
        self._say("Paused. What was done so far is there.")
        self.events.progress()

    def resume(self) -> None:
        """Go on after a pause.

        Raises
        ------
        SessionError
            If nothing was paused.
        """
        run = self._run
        if run is None or not run.is_paused:
            raise SessionError("nothing is paused")
        run.is_paused = False
        if run.job is None:
            self._go_on(run)
        self.events.progress()

    def close(self) -> None:
        """End what runs. What was done stays."""
        if self.is_closed:
            return
        run, self._run = self._run, None
        if run is not None:
            if run.job is not None:
                run.job.cancel()
            else:
                close(run.steps)
            if run.writer is not None:
                run.writer.tell()
        self.is_closed = True
        self.session.events.edited.disconnect(self._on_edited)
        self.events.closed()
        self.events.disconnect()

    def _check_free(self) -> None:
        self._check_open()
        if self._run is not None:
            raise SessionError("something is being done with the stack; cancel that, or wait")

    def _begin(self, run: Run, text: str, stack: LayerStack, frames: Sequence[Index]) -> None:
        """Go through frames of a stack, which stays :attr:`stack_of_run` afterwards."""
        self._run = run
        run.at = At(0, len(frames))
        if not run.keeps_states:
            self.stack_of_run = stack
            self._states = FrameStates(frames, stack.axes)
            self.events.frames()
        self._say(text)
        self._go_on(run)

    def _go_on(self, run: Run) -> None:
        """Have a runner make steps until they end, or the run is to wait."""
        stop = Event()
        run.began, run.before = monotonic(), run.at.done
        take, end = weak_call(self._on_step), weak_call(self._on_end)
        run.job = LongJob(
            self._status,
            partial(steps_of, run, stop),
            partial(take, run),
            partial(end, run),
            stop,
        )
        self.events.progress()
        self._run_job(run.job)

    def _on_step(self, run: Run, at: At) -> None:
        if run is not self._run or run.error is not None:
            return
        if run.job is None or run.job.cancelled.is_set():
            return
        run.at = at
        try:
            run.take(self, at)
        except Exception as error:
            # The steps end with it, so that it goes the way of all errors of a job.
            run.error = error
        if not run.keeps_states:
            self.events.frames()
        self.events.progress()

    def _on_end(self, run: Run, error: Exception | None) -> None:
        if run is not self._run or run.job is None:
            return
        cancelled, run.job = run.job.cancelled.is_set(), None
        unheard = run.error if error is None else None
        error = error or unheard
        if error is not None or cancelled or run.is_over:
            self._finish(run, error, cancelled=cancelled)
            # The steps were over before the last one was taken, and couldn't end with it.
            if unheard is not None and self.session._report is not None:
                self.session._report(unheard)
        elif run.is_paused:
            self.events.progress()
        else:
            # It was told to go on while the last frame before the pause was being made.
            self._go_on(run)

    def _finish(self, run: Run, error: Exception | None, *, cancelled: bool) -> None:
        self._run = None
        ended_early = cancelled or error is not None
        unsaid = None
        try:
            said = run.finish(self, ended_early)
        except Exception as failed:
            # What ends a run writes too. It is over all the same.
            said, ended_early = "", True
            error = unsaid = error or failed
        if run.writer is not None:
            run.writer.tell()
            self._last = run.writer.steps, self._states
        if error is not None:
            said = f"{error} {said}"
        elif cancelled:
            said = f"Cancelled. {said}"
        self._say(said.strip())
        self.events.frames()
        self.events.progress()
        if unsaid is not None:
            self._report(unsaid)
        if run.then is not None and not ended_early:
            self._go_on_with(run.then)

    def _go_on_with(self, then: Callable[[Any], None]) -> None:
        """Begin what comes after a run. Nobody waits for that, to be told what is wrong with it."""
        try:
            then(self)
        except (ValueError, RuntimeError, OSError) as error:
            self._say(str(error))
            self._report(error)

    def _report(self, error: Exception) -> None:
        """Tell of an error that no caller waits for; without a window it is raised."""
        if self.session._report is None:
            raise error
        self.session._report(error)

    def _on_edited(self, event: Any) -> None:
        """The person undid a run: one that is under way goes no further."""
        run = self._run
        steps, states = self._last
        if run is None and steps and event.step is steps[0] and event.action != "do":
            is_back = event.action == "undo"
            self._states = states.blank() if is_back else states
            self._say(f"{event.step.text} {'undone' if is_back else 'done again'}.")
            self.events.frames()
        is_ours = (
            run is not None
            and run.writer is not None
            and isinstance(event.step, RunStep)
            and any(event.step is step for step in run.writer.steps)
        )
        if is_ours and event.action == "undo":
            self.cancel()
