"""Training as a job of a runner: how far it is, an end at any time, what came of it.

What it does is in steps.py; what is going to be done, in planning.py.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace as replace_fields
from functools import partial
from typing import TYPE_CHECKING

from napari_cutout.layers.learning.course import Course, Outcome
from napari_cutout.layers.learning.examples import Looked
from napari_cutout.layers.learning.files import STATE, in_words
from napari_cutout.layers.learning.planning import LOOKING, LearningPlanning
from napari_cutout.layers.learning.steps import Planned, modified, training_steps
from napari_cutout.layers.long_jobs import LongJob, LongRunner, run_through
from napari_cutout.train.tuning import TuningProgress

if TYPE_CHECKING:
    from pathlib import Path
    from threading import Event

    from napari_cutout.layers.learning.examples import Gathered
    from napari_cutout.layers.learning.task import Task
    from napari_cutout.layers.session import Session

_ENCODING = "Encoding what it learns from"
_STAGES = {"encoding": _ENCODING, "training": "Training", "validating": "Judging"}


class LearningRunning(LearningPlanning):
    """As far as it runs. See :class:`.Learning`."""

    def __init__(
        self,
        session: Session | None = None,
        run: LongRunner | None = None,
        look: LongRunner | None = None,
    ) -> None:
        self._run = run or run_through
        self._course = Course()
        self._task: Task | None = None
        self._was: int | None = None
        super().__init__(session, look)

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to end, and keeps the best now."""
        return self._job is not None and self._job.cancelled.is_set()

    @property
    def course(self) -> Course:
        """How the training went so far."""
        return self._course

    def train(self, out: str | Path | None = None, *, replace: bool = False) -> None:
        """Learn, and save the model: the best so far whenever it got better.

        Parameters
        ----------
        out
            See :meth:`.save_as`. Default: :attr:`out`.
        replace
            Whether what is in that file may go.

        Raises
        ------
        SessionError
            If it is training already, or the file is there.
        TuningError, TrainError, FormatError, TargetError, WeightsError, OSError
            If it can't be learned like that, or saved. With a runner that runs elsewhere the runner
            tells of it.
        """
        self._check_idle()
        if out is not None:
            self.save_as(out, replace=replace)
            self._start = "model" if self.start == "unfinished" else self._start
        path = self.out
        if not self._may_replace:
            self._check_free_name(path)
        task = self._chosen_task(path)
        going_on = self._going_on
        if going_on is not None:
            task = replace_fields(task, options=going_on.options, device=going_on.device)
        else:
            self._drop_unfinished()
        self.stop_planning()
        self._task, self._course, self._was = task, Course(), modified(path)
        job = self._job = LongJob.held_by_none(
            LOOKING, partial(training_steps, task), self._on_step, self._on_end
        )
        self._say(job.text)
        self.events.progress()
        self._run(job)

    def stop(self) -> None:
        """End the training; the best so far is kept."""
        if self._job is not None and not self.is_stopping:
            self._job.cancel()
            self._say("Stopping; the best so far is kept …")
            self.events.progress()

    def _drop_unfinished(self) -> None:
        """What was stopped isn't gone on with."""
        task, self._unfinished = self._unfinished, None
        if task is not None and task.out is not None:
            with suppress(OSError):
                task.out.with_suffix(STATE).unlink(missing_ok=True)

    def _on_step(self, stop: Event, step: Looked | Gathered | Planned | TuningProgress) -> None:
        if self._job is None or self._job.cancelled is not stop:
            return
        if isinstance(step, Planned):
            self._planned, self._problem = step, ""
            self.events.plan()
        elif isinstance(step, TuningProgress):
            self._course.take(step)
            if not stop.is_set():
                self._say(_in_words(step))
            self.events.progress()
        elif isinstance(step, Looked) and not stop.is_set():
            self._say(step.text)

    def _on_end(self, stop: Event, error: Exception | None) -> None:
        if self._job is None or self._job.cancelled is not stop:
            return
        task, self._job = self._task, None
        assert task is not None
        assert task.out is not None
        # It can be gone on with as long as what it is about stays as it is.
        is_unfinished = error is None and task.out.with_suffix(STATE).exists()
        self._unfinished = task if is_unfinished else None
        # What was gone on with may be done, and its best be that of before.
        is_done = error is None and self._course.stage == "done"
        if is_done or modified(task.out) not in (None, self._was):
            self._finish(task, task.out, was_stopped=not is_done)
        if error is not None:
            kept = "" if self._outcome_of(task) is None else " What it learned before is kept."
            self._say(f"{error}{kept}")
        elif self._outcome_of(task) is None:
            self._say("Stopped before it was judged for the first time; nothing was saved.")
        else:
            self._say(f"Trained. Saved as {in_words(task.out)}.")
        self.events.progress()

    def _finish(self, task: Task, path: Path, *, was_stopped: bool) -> None:
        course, parent = self._course, task.parent
        name = parent if isinstance(parent, str) else parent.name
        best = None if course.best is None else course.best[1]
        self._outcome = Outcome(path, name, course.before, best, was_stopped)
        # The next one gets a name of its own.
        self._out, self._may_replace = None, False
        self.events.outcome()
        self.events.options()

    def _outcome_of(self, task: Task) -> Outcome | None:
        outcome = self._outcome
        return outcome if outcome is not None and outcome.path == task.out else None


def _in_words(progress: TuningProgress) -> str:
    """How far it is."""
    if progress.stage == "done":
        return progress.message or "Trained."
    doing = _STAGES[progress.stage]
    at = f"{doing}: {progress.step:,} of {progress.steps:,}." if progress.steps else f"{doing} …"
    return f"{at} {progress.message}".strip()
