"""A session: one person cutting objects out of one image of one viewer.

It has no event loop and no Qt. Events of layers mark it dirty; encoding and predicting are asked
of a runner that is handed in. Here are commit, undo and redo; prompts are in prompting.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cutout.annotate import ObjectRecord, ObjectTable
from napari_cutout.layers import writing
from napari_cutout.layers.answers import Answers
from napari_cutout.layers.errors import SessionError, ViewError
from napari_cutout.layers.prompting import Prompting
from napari_cutout.layers.steps import CommitStep, PromptStep, StrokeStep
from napari_cutout.layers.targets import find_frame
from napari_cutout.segment import PromptError

if TYPE_CHECKING:
    from collections.abc import Callable

_NAMES = {PromptStep: "Prompt", CommitStep: "Commit", StrokeStep: "Brush stroke"}


class Session(Prompting):
    """One image of one viewer being cut.

    Parameters
    ----------
    viewer
        ``napari.Viewer``, the viewer that a plugin is handed, or ``ViewerModel``.
    image
        An Image layer of it.
    model
        A :class:`~napari_cutout.Segmenter`, or the name or path of a model, which is loaded when
        it is first needed.
    labels
        The Labels layer to commit to. Without one, the first commit makes a new one.
    run
        Takes each :class:`~napari_cutout.layers.Job`. Default: at once, in the caller's thread.
    intensity
        How intensities are mapped: ``"percentile"``, ``"stack"``, ``"contrast_limits"`` or
        ``"dtype"``.
    policy
        What happens where a new object meets old ones: ``"new_on_top"`` or ``"keep_existing"``.
    report
        Takes what an action that a key called raises on bad input. Default: it is raised.

    Attributes
    ----------
    events
        ``dirty`` (prompts or the frame changed: call :meth:`update`), ``answer`` (candidates or
        the choice changed), ``status``, ``polarity``, ``labels`` (the target changed),
        ``objects`` and ``closed``.
    policy
        See the parameter; may be changed at any time.

    Examples
    --------
    >>> from napari.components import ViewerModel
    >>> from napari_cutout import Session
    >>> from napari_cutout.sample_data import fluorescence
    >>> viewer = ViewerModel()
    >>> session = Session(viewer, viewer.add_image(fluorescence()))
    >>> session.add_point((200, 200))
    >>> session.commit()
    1
    """

    @property
    def objects(self) -> ObjectTable:
        """The objects that this session committed, those that were undone left out."""
        self._undo.reconcile()
        return self._objects

    def commit(self) -> int:
        """Write what is shown into the target, as one undo step.

        Returns
        -------
        int
            The object's id.

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
        answer = self._answer
        if (
            self.preview is None
            or answer is None
            or answer.prompts != self._state.of_frame(self.frame)
        ):
            raise SessionError(self._why_nothing())
        mask, origin = answer.crop()
        if not mask.size:
            raise SessionError("the mask is empty; add a point or choose another candidate")
        index = answer.source.index
        labels = self._target.ensure()
        self._bind_keys()
        frame = find_frame(labels, self.image, index, self.viewer.dims)
        number = self._target.next_id(frame)
        change = writing.plan(labels, frame, mask, origin, number, self.policy)
        model = self._predictor.model_name
        record = ObjectRecord(number, index, mask, origin, answer.score, answer.prompts, model)
        after = self._state.without_frame(index)
        with self._target.writing():
            by_napari = writing.write(labels, change)
        self._undo.push(
            CommitStep(
                record, change, labels, by_napari, self._state, after, self._put_answers_aside()
            )
        )
        self._answers = Answers()
        self._show_prompts(after)
        self._drop_answer()
        self._say(f"Object {number} committed to {labels.name!r}. Click the next one.")
        self.events.labels()
        self.events.objects()
        return number

    def undo(self) -> bool:
        """Undo the last edit of prompts, commit or brush stroke. Returns whether there was one."""
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

    def _go(self, move: Callable[[], Any], word: str, *, back: bool) -> bool:
        self._check_open()
        self._sync()
        step = move()
        if step is None:
            self._say(f"Nothing to be {word}.")
            return False
        if isinstance(step, PromptStep | CommitStep):
            kept = None if step.answers is None else step.answers()
            self._answers = kept if back and kept is not None else self._answers
            self._show_prompts(step.before if back else step.after)
            if not back and step.answers is not None:
                self._answers = Answers()
        self._set_dirty()
        self.events.objects()
        self._say(f"{_NAMES[type(step)]} {word}.")
        if isinstance(step, PromptStep | CommitStep):
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
