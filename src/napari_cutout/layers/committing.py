"""Committing what is shown, and the undo chain of a session. Objects are edited in curating.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cutout.annotate import ObjectRecord
from napari_cutout.layers import object_edits
from napari_cutout.layers.answers import Answers, apart
from napari_cutout.layers.errors import SessionError, ViewError
from napari_cutout.layers.image.coordinates import layer_shape
from napari_cutout.layers.pointing import Pointing
from napari_cutout.layers.steps import Edit, EditStep, PromptStep, ReviewStep, TouchStep, WidenStep
from napari_cutout.layers.target import writing
from napari_cutout.layers.target.targets import can_be_shown, find_frame
from napari_cutout.segment import PromptError

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.layers import Labels

    from napari_cutout.annotate import PromptState
    from napari_cutout.layers.answers import Answer, Crop


class Committing(Pointing):
    """A session as far as commits and undo. See :class:`.Session`."""

    def commit(self) -> int:
        """Write what is shown into the target, as one undo step.

        Several objects get ids that follow each other. With :attr:`same_object`, or after an
        object was taken up again, the object keeps its id.

        Returns
        -------
        int
            The object's id; of several, the first one's.

        Raises
        ------
        SessionError
            If nothing is shown.
        TargetError
            If the target can't be written, with what to do.
        """
        self._check_open()
        self._sync()
        self._undo.reconcile()
        if self._dirty:
            self.update()
        shown = self._shown
        if self.preview is None or not shown:
            raise SessionError(self._why_nothing())
        if tuple(answer.prompts for answer in shown) != self._groups():
            raise SessionError(self._why_nothing())
        crops = apart([answer.crop(self._options) for answer in shown])
        kept = [(answer, crop) for answer, crop in zip(shown, crops, strict=True) if crop[0].any()]
        if not kept:
            raise SessionError("the mask is empty; add a point or choose another candidate")
        labels = self._target.ensure()
        self._bind_keys()
        edit = self._plan(labels, kept)
        after = self._state.without_frame(self.frame)
        self._apply(edit, after, self._put_answers_aside)
        self._answers = Answers()
        self._show_prompts(after)
        self._drop_answer()
        first, last = edit.added[0].id, edit.added[-1].id
        self._last_id, self.reopened = last, None
        what = f"Object {first}" if first == last else f"Objects {first} to {last}"
        self._say(f"{what} committed to {labels.name!r}.{_note_on(labels)} Click the next one.")
        return first

    def toggle_same_object(self) -> None:
        """Make the next commits keep the id of the last one, or not: :attr:`same_object`."""
        self.same_object = not self.same_object
        self.events.options()

    def undo(self) -> bool:
        """Undo the last prompt, touch-up, edit or brush stroke. Returns whether there was one."""
        return self._go(self._undo.undo, "undone", back=True)

    def redo(self) -> bool:
        """Do again what was undone last. Returns whether there was anything."""
        return self._go(self._undo.redo, "done again", back=False)

    @property
    def can_undo(self) -> bool:
        """Whether there is anything to undo."""
        return self._undo.can_undo or self._layers.read() != self._state

    @property
    def can_redo(self) -> bool:
        """Whether there is anything to do again."""
        return self._undo.can_redo

    def _plan(self, labels: Labels, kept: list[tuple[Answer, Crop]]) -> Edit:
        """The commit of some objects as an edit; nothing is written."""
        index = kept[0][0].source.index
        frame = find_frame(labels, self.image, index, self.viewer.dims)
        kept_id = self._continued() if len(kept) == 1 else None
        boxes = [frame.crop(*crop)[1] for _, crop in kept]
        number = self._target.next_id(frame, boxes) if kept_id is None else kept_id
        changes: list[writing.Change] = []
        added: list[ObjectRecord] = []
        removed: tuple[ObjectRecord, ...] = ()
        for answer, (mask, origin) in kept:
            if kept_id is not None and kept_id == self.reopened:
                changes += object_edits.replace(
                    labels, frame, mask, origin, number, self.policy, self._target.objects, index
                )
                removed = self._target.objects.records_of(number, index)
            else:
                changes.append(writing.plan(labels, frame, mask, origin, number, self.policy))
            added.append(self._record(number, answer, mask, origin))
            number += 1
        return Edit("Commit", tuple(changes), tuple(added), removed)

    def _continued(self) -> int | None:
        """The id that the next commit keeps; None for a new one."""
        if self.reopened is not None:
            return self.reopened
        return self._last_id if self.same_object else None

    def _record(
        self, number: int, answer: Answer, mask: Any, origin: tuple[int, int]
    ) -> ObjectRecord:
        segmenter = self._predictor.segmenter
        return ObjectRecord(
            number,
            answer.source.index,
            mask,
            origin,
            answer.score,
            answer.prompts,
            self._predictor.model_name,
            fingerprint="" if segmenter is None else segmenter.fingerprint,
            candidate=answer.chosen,
            options=self._options,
        )

    def _apply(
        self,
        edit: Edit,
        after: PromptState | None = None,
        put_aside: Callable[[], Any] | None = None,
    ) -> None:
        """Write an edit as one undo step. ``after``: the prompts that it leaves."""
        labels = self._target.ensure()
        with self._target.writing():
            by_napari = bool(edit.changes) and writing.write(labels, edit.changes)
        aside = None if put_aside is None else put_aside()
        before = self._state
        left = before if after is None else after
        step = EditStep(edit, labels, by_napari, before, left, aside, self.reopened)
        self._undo.push(step)
        self.events.labels()
        self.events.objects()

    def _go(self, move: Callable[[], Any], word: str, *, back: bool) -> bool:
        self._check_open()
        self._sync()
        step = move()
        if step is None:
            self._say(f"Nothing to be {word}.")
            return False
        if isinstance(step, TouchStep | ReviewStep):
            step.show(back=back)
            self._show()
        if isinstance(step, EditStep):
            self.reopened = step.reopened if back else None
        if isinstance(step, WidenStep):
            self._bind_keys()
            self.events.labels()
        if isinstance(step, PromptStep | EditStep):
            kept = None if step.answers is None else step.answers()
            self._answers = kept if back and kept is not None else self._answers
            self._show_prompts(step.before if back else step.after)
            if not back and step.answers is not None:
                self._answers = Answers()
        self._set_dirty()
        self.events.objects()
        self._say(f"{step.text} {word}.")
        if isinstance(step, PromptStep | EditStep):
            self._show_again()
        return True

    def _show_again(self) -> None:
        """Show the answer to the prompts as they are now. Without one, the undo stands."""
        try:
            self.update()
        except (PromptError, ViewError) as error:
            self._say(str(error))

    def _why_nothing(self) -> str:
        if not len(self._state.of_frame(self.frame)):
            return "there is nothing to commit; click inside an object, or draw a box around it"
        if self._refused:
            return self._refused
        if self._preview.layer is None:
            return "the preview layer was deleted; restore_layers() makes it again"
        return "the mask is still being computed; commit it when it shows"


def _note_on(labels: Labels) -> str:
    """What a person should know of labels that are too large for napari to handle as usual."""
    if can_be_shown(layer_shape(labels)):
        return ""
    if labels.multiscale:
        return " It is too large for napari's brushes; those of Cut Out paint in it."
    return "" if labels.visible else " It is hidden: napari would read all of it to show it."
