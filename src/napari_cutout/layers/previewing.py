"""Asking the model of a session, and what is shown of its answers: candidates, options, brushes.

Which model is asked, and what it sees, is in looking.py; prompts are in prompting.py, what is under
the cursor in hovering.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.annotate import as_prompts, group_prompts
from napari_cutout.layers.answers import Answers
from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.image.coordinates import layer_shape
from napari_cutout.layers.image.frames import frame_source, neighbours
from napari_cutout.layers.looking import Looking
from napari_cutout.layers.model.predictor import Question
from napari_cutout.segment import PromptError

if TYPE_CHECKING:
    from napari.layers import Labels
    from numpy.typing import ArrayLike

    from napari_cutout.annotate import PromptState
    from napari_cutout.layers.answers import Answer
    from napari_cutout.segment import MaskOptions, Prediction


class Previewing(Looking):
    """A session as far as its previews. See :class:`.Session`."""

    @property
    def status(self) -> str:
        """What is going on, in words."""
        return self._status

    @property
    def is_dirty(self) -> bool:
        """Whether prompts changed since the last :meth:`update`."""
        return self._dirty

    @property
    def answers_shown(self) -> tuple[Answer, ...]:
        """The answers that are shown, one for each object that is prompted."""
        return self._shown

    @property
    def candidates(self) -> Prediction | None:
        """The candidates of the object that was prompted last; None while nothing is shown."""
        return self._shown[self._active].prediction if self._shown else None

    @property
    def chosen(self) -> int:
        """Which of them is shown."""
        return self._shown[self._active].chosen if self._shown else 0

    @property
    def preview(self) -> Labels | None:
        """The layer that shows the chosen candidates; None once it was deleted."""
        return self._preview.layer

    @property
    def mask_options(self) -> MaskOptions:
        """How logits become masks. Changing it changes what is shown; the model isn't asked."""
        return self._options

    @mask_options.setter
    def mask_options(self, options: MaskOptions) -> None:
        if options == self._options:
            return
        self._options = options
        self._show()
        self.events.options()

    def set_mask_options(self, **values: float) -> None:
        """Change some of :attr:`mask_options` by name.

        Raises
        ------
        PromptError
            If a value is out of its range.
        """
        self.mask_options = replace(self._options, **values)  # type: ignore[arg-type]

    def encode(self) -> None:
        """Make the shown frame ready, before anything is asked of it."""
        self._check_open()
        self._predictor.encode(self._source())

    def prefetch(self) -> None:
        """Encode what may be asked about next: around the last window, and neighbouring frames.

        A runner does it when nothing else is to be done; anything asked ends it.
        """
        self._check_open()
        index, axes = self.frame, [] if self._channels is None else [self._channels.axis]
        near = neighbours(index, layer_shape(self.image), leave_out=axes)
        ahead = [frame_source(self.image, at, self._channels) for at in near]
        self._predictor.prefetch([self._source(), *ahead])

    def cancel(self) -> None:
        """Drop the encoding and the prediction under way."""
        self._predictor.cancel()
        self._say("Cancelled. Press S to go on.")

    def update(self) -> None:
        """Ask for the candidates of the prompts as they are now, all objects in one batch.

        Raises
        ------
        ViewError, PromptError, FrameError, WeightsError, ...
            With the runner that runs at once, whatever is wrong with what was given.
        """
        self._check_open()
        self._sync()
        self._dirty, self._refused = False, ""
        groups = self._groups()
        if not groups:
            self._predictor.withdraw()
            self._answers = Answers()
            self._drop_answer()
            return
        source = self._source()
        known = [self._answers.find(group) for group in groups]
        found = tuple(answer for answer in known if answer is not None)
        if len(found) == len(groups):
            self._predictor.withdraw()
            self._on_answers(found, self._answers)
            return
        try:
            for group in groups:
                as_prompts(group, source.index, source.shape).check(source.shape)
        except PromptError as error:
            self._predictor.withdraw()
            self._drop_answer()
            self._refused = f"{error}; take it back with Ctrl+Z"
            raise PromptError(self._refused) from error
        self._predictor.ask(Question(groups, source, self._answers, self._options))

    predict = update

    def anticipate(self, place: ArrayLike) -> None:
        """Begin to answer a point that is about to be added, so that its mask is there sooner.

        Parameters
        ----------
        place
            ``(ndim,)``, in data coordinates of the image. It has the next point's polarity.

        Raises
        ------
        ViewError, PromptError
            If no frame is shown, or the point lies outside of it.
        """
        self._check_open()
        point = np.asarray(place, float)
        state = self._layers.read().with_point(point, self._positive, self._group)
        groups, source = self._groups_of(state), self._source()
        for group in groups:
            as_prompts(group, source.index, source.shape).check(source.shape)
        self._predictor.anticipate(Question(groups, source, self._answers, self._options))

    def choose(self, k: int) -> None:
        """Show another candidate of the object that was prompted last.

        Raises
        ------
        SessionError
            If there is no such candidate.
        """
        prediction = self.candidates
        count = 0 if prediction is None else len(prediction.scores)
        if not 0 <= k < count:
            raise SessionError(f"there are {count} candidates; candidate {k + 1} isn't one of them")
        answer = self._shown[self._active]
        answer.chosen, answer.touched = k, None
        self._show()

    def next_candidate(self) -> None:
        """Show the next candidate, after the last the first."""
        prediction = self.candidates
        if prediction is not None:
            self.choose((self.chosen + 1) % len(prediction.scores))

    def touch_up(self, brush: str = "paint") -> None:
        """Take a brush to the preview: what is shown is what will be committed.

        Parameters
        ----------
        brush
            ``"paint"``, ``"erase"``, ``"fill"`` or ``"polygon"``, napari's own.

        Raises
        ------
        SessionError
            If nothing is shown.
        """
        layer = self._preview.layer
        if layer is None or not self._preview.is_shown:
            raise SessionError("there is no preview to touch up; click inside an object first")
        self.viewer.layers.selection.active = layer
        layer.selected_label = self._active + 1
        layer.mode = brush

    def _groups(self) -> tuple[PromptState, ...]:
        """The prompts of each object of the shown frame, as they are now."""
        return self._groups_of(self._state)

    def _groups_of(self, state: PromptState) -> tuple[PromptState, ...]:
        index = self.frame
        return group_prompts(state.of_frame(index), index, self._separate)
