"""The undo chain of a session: prompts, edits of labels and brush strokes in one order.

What a step does to pixels is in steps.py. What the session shows afterwards is its own affair.
"""

from __future__ import annotations

from contextlib import contextmanager
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
    from collections.abc import Callable, Generator, Sequence

    from napari.layers import Labels

    from napari_cutout.layers.run_step import RunStep
    from napari_cutout.layers.steps import Edit
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
        self._is_moving = False

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
            self._take(step, back=False)
        if isinstance(step, StrokeStep) or (isinstance(step, EditStep) and step.by_napari):
            held = self._held(step.labels)
            lost = held.done[0] if len(held.done) == NAPARI_STEPS else None
            held.push(step)
            if isinstance(lost, StrokeStep):
                self.forget(lost)
        self._tell(step, "do")

    def can_extend(self, step: RunStep) -> bool:
        """Whether nothing was done to labels since a run last wrote, nor undone."""
        below = (known for known in reversed(self._history.done) if _layers_of(known))
        return next(below, None) is step and not any(map(_layers_of, self._history.undone))

    def extend(self, step: RunStep, part: Edit) -> None:
        """A run wrote another frame: it is undone together with those before."""
        step.take(part)
        self._target.edited(step.labels, part, shows=False)
        self._tell(EditStep(part, step.labels, False, step.before, step.after), "do")

    def undo(self) -> Step | None:
        """Undo the last step; its prompts are for the caller to show."""
        self.reconcile()
        step = self._history.last_done
        if step is None:
            return None
        with self._moving():
            if isinstance(step, StrokeStep | EditStep):
                self._move(step, back=True)
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
        with self._moving():
            if isinstance(step, StrokeStep | EditStep):
                self._move(step, back=False)
            if isinstance(step, WidenStep):
                self._target.go_over(step.old, step.labels)
            self._history.mark_done()
        self._tell(step, "redo")
        return step

    def reconcile(self) -> bool:
        """Follow undos and redos of napari's that weren't ours. O(boxes of the last steps).

        Returns
        -------
        bool
            Whether there were any.
        """
        # napari tells of a stroke before it is in the pixels: they would say that it is gone.
        if self._is_moving or self._target.is_being_painted:
            return False
        followed = False
        while (step := _top(self._history.done)) is not None and step.is_gone:
            self._follow(step, back=True)
            followed = True
        while (step := _top(self._history.undone)) is not None and step.is_written:
            self._follow(step, back=False)
            followed = True
        return followed

    def forget_layer(self, labels: Labels) -> None:
        """A target went away, or its data was replaced: nothing of it can be undone."""
        self._history.keep(lambda step: not any(layer == labels for layer in _layers_of(step)))

    def forget(self, step: Step) -> None:
        """Take a step out of the chain, which nobody can undo any more."""
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

    def _lose(self, labels: Labels) -> None:
        """A difference was written as a new step of napari's: what lies below is out of reach.

        It is for us to write from now on.
        """
        self._held(labels).clear()

    def _follow(self, step: EditStep | StrokeStep, *, back: bool) -> None:
        """Napari went a step back or forth by itself."""
        history, held = self._history, self._held(step.labels)
        with self._moving():
            self._take(step, back=back)
            if step is not (history.last_done if back else history.last_undone):
                # Prompts were edited since: it has no place in the order any more.
                self.forget(step)
            else:
                _pass_over(history, back=back)
            if step is (held.last_done if back else held.last_undone):
                _pass_over(held, back=back)
        self._tell(step, "undo" if back else "redo")

    def _move(self, step: EditStep | StrokeStep, *, back: bool) -> None:
        """Take a step out of the pixels, or put it there again."""
        held = self._held(step.labels)
        is_last = step is (held.last_done if back else held.last_undone)
        is_held = is_last and not self._is_quicker_by_us(step)
        with self._target.writing():
            done = step.undo(is_held) if back else step.redo(is_held)
        self._take(step, back=back)
        if not done:
            self._lose(step.labels)
        elif is_held:
            _pass_over(held, back=back)

    @contextmanager
    def _moving(self) -> Generator[None, None, None]:
        """While it is open, pixels and chain aren't in step: who is told of it is to ask later."""
        before, self._is_moving = self._is_moving, True
        try:
            yield
        finally:
            self._is_moving = before

    def _take(self, step: EditStep | StrokeStep, *, back: bool) -> None:
        """Tell the target of a step that is in the pixels now, or isn't any more."""
        if isinstance(step, StrokeStep):
            self._target.repainted(step.labels, step.painted, back=back)
        else:
            self._target.edited(step.labels, step.edit, back=back)

    def _tell(self, step: Step, action: Action) -> None:
        if isinstance(step, EditStep | StrokeStep):
            self._told(step, action)


def _pass_over(history: History[Step], *, back: bool) -> None:
    """Say that the step that comes next was undone, or done again."""
    if back:
        history.mark_undone()
    else:
        history.mark_done()


def _top(steps: Sequence[Step]) -> EditStep | StrokeStep | None:
    """The step on pixels that napari undoes first, or does again first."""
    for step in reversed(steps):
        if isinstance(step, WidenStep):
            return None
        if isinstance(step, StrokeStep) or (isinstance(step, EditStep) and step.edit.changes):
            return step
    return None


def _layers_of(step: Step) -> tuple[Labels, ...]:
    """The Labels layers that a step needs, to be undone and done again."""
    if isinstance(step, WidenStep):
        return step.old, step.labels
    return () if isinstance(step, PromptStep | TouchStep | ReviewStep) else (step.labels,)
