"""What is going to be learned: looking through the examples as a job of a runner.

What it does is in steps.py; what was chosen, in choosing.py; the training itself, in running.py.
"""

from __future__ import annotations

from dataclasses import replace as replace_fields
from functools import partial
from typing import TYPE_CHECKING

from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.learning.choosing import LearningChosen
from napari_cutout.layers.learning.steps import Planned, plan_steps
from napari_cutout.layers.learning.task import Task, task_of
from napari_cutout.layers.long_jobs import LongJob, LongRunner, run_through

if TYPE_CHECKING:
    from pathlib import Path
    from threading import Event

    from napari_cutout.layers.learning.examples import Gathered, Looked
    from napari_cutout.layers.session import Session
    from napari_cutout.segment import Segmenter

LOOKING = "Looking through what there is to learn from …"


class LearningPlanning(LearningChosen):
    """As far as it is planned. See :class:`.Learning`."""

    def __init__(self, session: Session | None = None, look: LongRunner | None = None) -> None:
        self._look = look or run_through
        self._job: LongJob | None = None
        self._planning: LongJob | None = None
        self._planned: Planned | None = None
        self._problem = ""
        self._is_current = False
        self._planned_for: str | Path | Segmenter | None = None
        super().__init__(session)

    @property
    def is_running(self) -> bool:
        """Whether it is training, or about to."""
        return self._job is not None

    @property
    def is_planning(self) -> bool:
        """Whether the examples are looked through for a plan."""
        return self._planning is not None

    @property
    def planned(self) -> Planned | None:
        """What is going to be done; None while nobody knows."""
        return self._planned

    @property
    def is_current(self) -> bool:
        """Whether nothing was chosen or committed since that was planned, or could not be."""
        session = self.session
        return self._is_current and (session is None or session.model == self._planned_for)

    @property
    def problem(self) -> str:
        """Why it can't be done as it is chosen, and what to do; empty where it can."""
        return self._problem

    def plan(self) -> None:
        """Look through the examples, and say what is going to be done: see :attr:`planned`.

        Raises
        ------
        SessionError, TuningError, TrainError, FormatError, TargetError, WeightsError
            If it can't be learned like that. With a runner that runs elsewhere it is in
            :attr:`problem`.
        """
        self._check_idle()
        self.stop_planning()
        self._is_current = True
        self._planned_for = None if self.session is None else self.session.model
        try:
            task = self._chosen_task()
        except (ValueError, SessionError) as error:
            self._take_problem(error)
            raise
        job = self._planning = LongJob.held_by_none(
            LOOKING, partial(plan_steps, task), self._on_plan_step, self._on_plan_end
        )
        self.events.plan()
        self._look(job)

    def stop_planning(self) -> None:
        """Don't look through the examples any more."""
        job, self._planning = self._planning, None
        if job is not None:
            job.cancel()
            self._is_current = False
            self.events.plan()

    def _check_idle(self) -> None:
        self._check_open()
        if self.is_running:
            raise SessionError("it is training; stop that first, or wait")

    def _chosen_task(self, out: Path | None = None) -> Task:
        task = task_of(self._with_session(), self.examples, self.parent, self.options, out)
        is_planned = out is not None and self._planned is not None and self.is_current
        return replace_fields(task, is_planned=is_planned)

    def _on_plan_step(self, stop: Event, step: Looked | Gathered | Planned) -> None:
        if self._planning is None or self._planning.cancelled is not stop:
            return
        if isinstance(step, Planned):
            self._planned, self._problem = step, ""

    def _on_plan_end(self, stop: Event, error: Exception | None) -> None:
        if self._planning is None or self._planning.cancelled is not stop:
            return
        self._planning = None
        if error is not None:
            self._take_problem(error)
        else:
            self.events.plan()

    def _take_problem(self, error: Exception) -> None:
        self._planned, self._problem = None, str(error)
        self.events.plan()

    def _examples_changed(self, _event: object = None) -> None:
        self._is_current = False
        super()._examples_changed()

    def _options_changed(self) -> None:
        self._is_current = False
        super()._options_changed()
