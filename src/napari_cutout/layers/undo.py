"""The undo chain of a session: prompts, edits of labels and brush strokes in one order.

What a step does to pixels is in steps.py. What the session shows afterwards is its own affair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from napari_cutout.annotate import History
from napari_cutout.layers.steps import (
    EditStep,
    PromptStep,
    ReviewStep,
    Step,
    StrokeStep,
    TouchStep,
    WidenStep,
)
from napari_cutout.layers.target.pyramids import pixels_of
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.layers import Labels

    from napari_cutout.layers.target.target import Target

Action = Literal["do", "undo", "redo"]

LARGE_PLANE = 1 << 22
"""Pixels of a plane above which we write back what an edit changed."""

NAPARI_STEPS = 100
"""The steps that napari's history of a Labels layer holds."""


class Undo:
    """The chain, with the target kept in step.

    Parameters
    ----------
    target
        Is told that what is written isn't a stroke, and of edits and strokes that come and go.
    told
        Called with each step on labels and whether it was done, undone or done again.
    """

    def __init__(self, target: Target, told: Callable[[Step, Action], None]) -> None:
        self._target, self._told = target, weak_call(told)
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
        if isinstance(step, EditStep):
            self._enter(step)
        if isinstance(step, StrokeStep) or (isinstance(step, EditStep) and step.by_napari):
            held = self._held(step.labels)
            lost = held.done[0] if len(held.done) == NAPARI_STEPS else None
            held.push(step)
            if isinstance(lost, StrokeStep):
                self._forget(lost)
        self._tell(step, "do")

    def undo(self) -> Step | None:
        """Undo the last step; its prompts are for the caller to show."""
        self.reconcile()
        step = self._history.last_done
        if step is None:
            return None
        if isinstance(step, StrokeStep | EditStep):
            held = self._held(step.labels)
            is_held = held.last_done is step and not self._is_quicker_by_us(step)
            with self._target.writing():
                done = True
                if isinstance(step, EditStep):
                    done = step.undo(is_held)
                elif is_held:
                    step.labels.undo()
            if isinstance(step, StrokeStep):
                self._target.repainted(step.labels, step.painted, back=True)
            if not done:
                self._lose(step)
            elif is_held:
                held.mark_undone()
        if isinstance(step, EditStep):
            self._leave(step)
        if isinstance(step, WidenStep):
            self._target.go_over(step.labels, step.old)
        self._history.mark_undone()
        self._tell(step, "undo")
        return step

    def redo(self) -> Step | None:
        """Do the last undone step again; its prompts are for the caller to show."""
        self.reconcile()
        step = self._history.last_undone
        if step is None:
            return None
        if isinstance(step, StrokeStep | EditStep):
            held = self._held(step.labels)
            is_held = held.last_undone is step and not self._is_quicker_by_us(step)
            with self._target.writing():
                done = True
                if isinstance(step, EditStep):
                    done = step.redo(is_held)
                elif is_held:
                    step.labels.redo()
            if isinstance(step, StrokeStep):
                self._target.repainted(step.labels, step.painted, back=False)
            if not done:
                self._lose(step)
            elif is_held:
                held.mark_done()
        if isinstance(step, EditStep):
            self._enter(step)
        if isinstance(step, WidenStep):
            self._target.go_over(step.old, step.labels)
        self._history.mark_done()
        self._tell(step, "redo")
        return step

    def reconcile(self) -> bool:
        """Follow undos and redos of napari's that weren't ours. O(box of the last commits).

        Returns
        -------
        bool
            Whether there were any.
        """
        gone = [step for step in self._top_edits() if step.is_gone]
        for step in gone:
            self._leave(step)
            self._follow(step, back=True)
            if step is self._history.last_done:
                self._history.mark_undone()
            else:
                # Prompts were edited since: it has no place in the order any more.
                self._forget(step)
            self._tell(step, "undo")
        if gone:
            return True
        undone = self._history.last_undone
        if isinstance(undone, EditStep) and undone.is_written:
            self._enter(undone)
            self._follow(undone, back=False)
            self._history.mark_done()
            self._tell(undone, "redo")
            return True
        return False

    def _top_edits(self) -> list[EditStep]:
        """The last edits of the target, up to its last stroke: those that napari undoes first."""
        found = []
        for step in reversed(self._history.done):
            if isinstance(step, StrokeStep | WidenStep):
                break
            if isinstance(step, EditStep) and step.edit.changes:
                found.append(step)
                if not step.is_gone:
                    break
        return found

    def forget_layer(self, labels: Labels) -> None:
        """A target went away, or its data was replaced: nothing of it can be undone."""
        self._history.keep(lambda step: not any(layer == labels for layer in _layers_of(step)))

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

    def _is_quicker_by_us(self, step: Step) -> bool:
        """Whether to write an edit's difference rather than have napari undo it.

        napari draws all of a plane anew, which takes seconds on a large one. Its history is lost
        with it, so not where brush strokes are in there.
        """
        if not isinstance(step, EditStep) or not step.edit.changes:
            return False
        shape = pixels_of(step.labels).shape
        held = self._held(step.labels)
        strokes = any(isinstance(kept, StrokeStep) for kept in (*held.done, *held.undone))
        return not strokes and shape[-2] * shape[-1] > LARGE_PLANE

    def _lose(self, step: StrokeStep | EditStep) -> None:
        """A difference was written as a new step of napari's: what lies below is out of reach."""
        self._held(step.labels).clear()
        self._history.keep(
            lambda kept: (
                kept is step or not isinstance(kept, StrokeStep) or kept.labels != step.labels
            )
        )

    def _follow(self, step: EditStep, *, back: bool) -> None:
        """Napari went a step back or forth by itself."""
        held = self._held(step.labels)
        if back and held.last_done is step:
            held.mark_undone()
        elif not back and held.last_undone is step:
            held.mark_done()

    def _enter(self, step: EditStep) -> None:
        self._target.edited(step.labels, step.edit)

    def _leave(self, step: EditStep) -> None:
        self._target.edited(step.labels, step.edit, back=True)

    def _tell(self, step: Step, action: Action) -> None:
        if isinstance(step, EditStep | StrokeStep):
            self._told(step, action)


def _layers_of(step: Step) -> tuple[Labels, ...]:
    """The Labels layers that a step needs, to be undone and done again."""
    if isinstance(step, WidenStep):
        return step.old, step.labels
    return () if isinstance(step, PromptStep | TouchStep | ReviewStep) else (step.labels,)
