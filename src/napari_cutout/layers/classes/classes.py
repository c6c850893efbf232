"""Classes of a session's objects: learned from those that a person gave, as a job of a runner.

What is proposed, and how it is accepted, is in choosing.py.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from napari_cutout.layers.classes.choosing import ClassesChosen
from napari_cutout.layers.classes.laying_out import Frames, lay_out
from napari_cutout.layers.classes.steps import ClassStep, class_steps
from napari_cutout.layers.everything.choosing import counted
from napari_cutout.layers.long_jobs import LongJob, LongRunner, run_through

if TYPE_CHECKING:
    from threading import Event

    from napari_cutout.layers.classes.proposals import Proposals
    from napari_cutout.layers.session import Session


class Classes(ClassesChosen):
    """Learns the classes that a person gave to some objects, and proposes them for the rest.

    Proposals are kept apart from classes until they are accepted: in two features of the labels,
    ``proposed class`` and ``class confidence``. A class that a person gave is never changed.

    Parameters
    ----------
    session
        Whose image, model and objects.
    run
        Takes the :class:`.LongJob` of proposing. Default: through at once, in the caller's thread.

    Attributes
    ----------
    events
        ``progress``, ``proposed`` (other proposals, or fewer), ``status``, ``closed``.

    Examples
    --------
    >>> from napari.components import ViewerModel
    >>> from napari_cutout import Session
    >>> from napari_cutout.layers.classes import Classes
    >>> from napari_cutout.layers.everything import Everything
    >>> from napari_cutout.sample_data import fluorescence
    >>> viewer = ViewerModel()
    >>> session = Session(viewer, viewer.add_image(fluorescence()))
    >>> everything = Everything(session)
    >>> everything.find()
    >>> ids = everything.commit()
    >>> by_area = sorted(session.objects.rows(), key=lambda row: row.area)
    >>> session.set_class([row.id for row in by_area[:4]], "small")
    >>> session.set_class([row.id for row in by_area[-4:]], "large")
    >>> classes = Classes(session)
    >>> classes.propose()
    >>> accepted = classes.accept(above=0.6)
    >>> {session.objects.class_of(number) for number in accepted} <= {"small", "large"}
    True
    """

    def __init__(self, session: Session, run: LongRunner | None = None) -> None:
        super().__init__(session)
        self._run = run or run_through
        self._job: LongJob | None = None
        self._step = ClassStep(0, 0)
        session.events.objects.connect(self._on_objects)
        session.events.closed.connect(self.close)

    @property
    def is_running(self) -> bool:
        """Whether objects are being looked at."""
        return self._job is not None

    @property
    def progress(self) -> tuple[int, int]:
        """Objects that were looked at, and all; (0, 0) before it began."""
        return self._step.done, self._step.total

    def propose(self, frames: Frames = "all") -> None:
        """Learn the classes that are given, and propose one for each object without.

        What was proposed before goes.

        Parameters
        ----------
        frames
            For the objects of the ``"shown"`` frame, or of ``"all"``. Examples are taken from all.

        Raises
        ------
        TargetError, ViewError
            If there are no labels, or they can't be looked at.
        ClassError, ...
            With the runner that runs at once, whatever is wrong with what was given.
        """
        self._check_open()
        task = lay_out(self.session, frames)
        self.cancel()
        self.dismiss()
        self._labels, self._step = self.session.labels, ClassStep(0, len(task))
        job = self._job = LongJob.held_by_none(
            "Looking at the objects …", partial(class_steps, task), self._on_step, self._on_end
        )
        self._say(job.text)
        self.events.progress()
        self._run(job)

    def cancel(self) -> None:
        """Stop looking; nothing is proposed."""
        if self._job is not None:
            self._job.cancel()

    def close(self, _event: object = None) -> None:
        """Stop looking; proposals go with it."""
        if self.is_closed:
            return
        self.cancel()
        self._job = None
        if not self.session.is_closed:
            self.dismiss()
        self.session.events.objects.disconnect(self._on_objects)
        self.session.events.closed.disconnect(self.close)
        self.is_closed = True
        self.events.closed()

    def _on_step(self, stop: Event, step: ClassStep) -> None:
        if self._job is None or self._job.cancelled is not stop:
            return
        self._step = step
        if step.made is not None and step.where is not None:
            step.where.keep(step.made)
        if step.proposals is not None:
            self._proposals = step.proposals
            self._on_objects()
        else:
            self._say(f"Looking at the objects: {step.done} of {step.total}.")
        self.events.progress()

    def _on_end(self, stop: Event, error: Exception | None) -> None:
        if self._job is None or self._job.cancelled is not stop:
            return
        self._job = None
        if error is not None:
            self._say(str(error))
        elif stop.is_set():
            self._say("Cancelled; nothing is proposed.")
        elif self._proposals is not None:
            self._say(_told(self._proposals))
        self.events.progress()


def _told(proposals: Proposals) -> str:
    examples = ", ".join(f"{count} {name}" for name, count in proposals.counts.items())
    if not proposals.by_id:
        return f"All objects have a class already ({examples})."
    return (
        f"Classes proposed for {counted(len(proposals.by_id))}, learned from {examples}; of "
        f"examples that were left out, {proposals.accuracy:.0%} were named right."
    )
