"""The undo chain of a session: prompts, commits and brush strokes in one order.

What a step does to pixels is in steps.py. What the session shows afterwards is its own affair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.annotate import History
from napari_cutout.layers.steps import CommitStep, PromptStep, Step, StrokeStep

if TYPE_CHECKING:
    from napari.layers import Labels

    from napari_cutout.annotate import ObjectTable
    from napari_cutout.layers.target import Target

NAPARI_STEPS = 100
"""The steps that napari's history of a Labels layer holds."""


class Undo:
    """The chain, with the object table kept in step.

    Parameters
    ----------
    objects
        Records come and go with their commits.
    target
        Is told that what is written isn't a stroke.
    """

    def __init__(self, objects: ObjectTable, target: Target) -> None:
        self._objects, self._target = objects, target
        self._history: History[Step] = History()
        self._in_napari: list[tuple[Labels, History[Step]]] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to be undone."""
        return self._history.last_done is not None

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to be done again."""
        return self._history.last_undone is not None

    def push(self, step: Step) -> None:
        """Add what was just done."""
        self._history.push(step)
        if isinstance(step, CommitStep):
            self._enter(step)
        if isinstance(step, StrokeStep) or (isinstance(step, CommitStep) and step.by_napari):
            held = self._held(step.labels)
            lost = held.done[0] if len(held.done) == NAPARI_STEPS else None
            held.push(step)
            if isinstance(lost, StrokeStep):
                self._forget(lost)

    def undo(self) -> Step | None:
        """Undo the last step; its prompts are for the caller to show."""
        self.reconcile()
        step = self._history.last_done
        if step is None:
            return None
        if isinstance(step, StrokeStep | CommitStep):
            held = self._held(step.labels)
            is_held = held.last_done is step
            with self._target.writing():
                done = True
                if isinstance(step, CommitStep):
                    done = step.undo(is_held)
                elif is_held:
                    step.labels.undo()
            if not done:
                self._lose(step)
            elif is_held:
                held.mark_undone()
        if isinstance(step, CommitStep):
            self._leave(step)
        self._history.mark_undone()
        return step

    def redo(self) -> Step | None:
        """Do the last undone step again; its prompts are for the caller to show."""
        self.reconcile()
        step = self._history.last_undone
        if step is None:
            return None
        if isinstance(step, StrokeStep | CommitStep):
            held = self._held(step.labels)
            is_held = held.last_undone is step
            with self._target.writing():
                done = True
                if isinstance(step, CommitStep):
                    done = step.redo(is_held)
                elif is_held:
                    step.labels.redo()
            if not done:
                self._lose(step)
            elif is_held:
                held.mark_done()
        if isinstance(step, CommitStep):
            self._enter(step)
        self._history.mark_done()
        return step

    def reconcile(self) -> bool:
        """Follow undos and redos of napari's that weren't ours. O(box of the last commits).

        Returns
        -------
        bool
            Whether there were any.
        """
        gone = [step for step in self._top_commits() if step.is_gone]
        for step in gone:
            self._leave(step)
            self._follow(step, back=True)
            if step is self._history.last_done:
                self._history.mark_undone()
            else:
                # Prompts were edited since: it has no place in the order any more.
                self._forget(step)
        if gone:
            return True
        undone = self._history.last_undone
        if isinstance(undone, CommitStep) and undone.is_written:
            self._enter(undone)
            self._follow(undone, back=False)
            self._history.mark_done()
            return True
        return False

    def _top_commits(self) -> list[CommitStep]:
        """The last commits, up to the last brush stroke: those that napari undoes first."""
        found = []
        for step in reversed(self._history.done):
            if isinstance(step, StrokeStep):
                break
            if isinstance(step, CommitStep):
                found.append(step)
                if not step.is_gone:
                    break
        return found

    def forget_layer(self, labels: Labels) -> None:
        """A target went away, or its data was replaced: nothing of it can be undone."""
        for step in self._history.done:
            if isinstance(step, CommitStep) and step.labels == labels:
                self._objects.remove(step.record)
        self._history.keep(lambda step: isinstance(step, PromptStep) or step.labels != labels)

    def _forget(self, step: Step) -> None:
        self._history.keep(lambda kept: kept is not step)

    def _held(self, labels: Labels) -> History[Step]:
        """The steps that napari's history of a layer holds, in its order."""
        for layer, held in self._in_napari:
            if layer == labels:
                return held
        held = History[Step](NAPARI_STEPS)
        self._in_napari.append((labels, held))
        return held

    def _lose(self, step: StrokeStep | CommitStep) -> None:
        """A difference was written as a new step of napari's: what lies below is out of reach."""
        self._held(step.labels).clear()
        self._history.keep(
            lambda kept: (
                kept is step or not isinstance(kept, StrokeStep) or kept.labels != step.labels
            )
        )

    def _follow(self, step: CommitStep, *, back: bool) -> None:
        """Napari went a step back or forth by itself."""
        held = self._held(step.labels)
        if back and held.last_done is step:
            held.mark_undone()
        elif not back and held.last_undone is step:
            held.mark_done()

    def _enter(self, step: CommitStep) -> None:
        self._objects.add(step.record)
        self._target.added(step.labels, step.record)

    def _leave(self, step: CommitStep) -> None:
        self._objects.remove(step.record)
        self._target.taken_out(step.labels, step.record)
