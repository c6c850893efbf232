"""Prompts, candidates and the model of a session: what is asked, and what is shown of the answer.

What happens without being asked for is in watching.py; committing and undoing, in session.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from napari_cutout.layers.answers import Answers, as_asked
from napari_cutout.layers.coordinates import frame_shape, in_data
from napari_cutout.layers.errors import SessionError, ViewError
from napari_cutout.layers.frames import frame_source
from napari_cutout.layers.prompts import box_vertices
from napari_cutout.layers.steps import PromptStep
from napari_cutout.layers.watching import Watching
from napari_cutout.segment import PromptError, Prompts

if TYPE_CHECKING:
    from pathlib import Path

    from napari.layers import Labels
    from numpy.typing import ArrayLike

    from napari_cutout.annotate import PromptState
    from napari_cutout.segment import Prediction, Segmenter


class Prompting(Watching):
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
    def prompts(self) -> PromptState:
        """The prompts in the shown frame, in data coordinates of the image."""
        return self._layers.read().of_frame(self.frame)

    @property
    def has_prompts(self) -> bool:
        """Whether there are any in the shown frame; there are none where no frame is shown."""
        try:
            return len(self.prompts) > 0
        except ViewError:
            return False

    @property
    def candidates(self) -> Prediction | None:
        """The candidates for the prompts in the shown frame, as last updated."""
        return None if self._answer is None else self._answer.prediction

    @property
    def chosen(self) -> int:
        """Which candidate is shown."""
        return 0 if self._answer is None else self._answer.chosen

    @property
    def preview(self) -> Labels | None:
        """The layer that shows the chosen candidate; None once it was deleted."""
        return self._preview.layer

    @property
    def points_layer(self) -> Any:
        """The layer of points; None once it was deleted."""
        return self._layers.points

    @property
    def boxes_layer(self) -> Any:
        """The layer of boxes; None once it was deleted."""
        return self._layers.boxes

    @property
    def polarity(self) -> bool:
        """Whether the next point says "inside the object"."""
        return self._positive

    @polarity.setter
    def polarity(self, positive: bool) -> None:
        self._positive = bool(positive)
        self._layers.set_polarity(self._positive)
        self.events.polarity()

    def toggle_polarity(self) -> None:
        """Make the next point say the opposite."""
        self.polarity = not self.polarity

    def add_point(self, point: ArrayLike, positive: bool | None = None) -> None:
        """Add a point to the shown frame.

        Parameters
        ----------
        point
            (row, col) of the frame.
        positive
            Whether it lies inside the object. Default: :attr:`polarity`.

        Raises
        ------
        PromptError
            If it isn't one, or lies outside the frame.
        """
        self._check_open()
        index = self.frame
        asked = Prompts(points=np.asarray(point, float).reshape(-1, 2)[:1])
        asked.check(frame_shape(self.image, index))
        if self._layers.points is None:
            raise SessionError("the points layer was deleted; restore_layers() makes it again")
        inside = self._positive if positive is None else bool(positive)
        self._edit(self._layers.read().with_point(in_data(asked.points, index)[0], inside))

    def add_box(self, box: ArrayLike) -> None:
        """Add a box to the shown frame; the latest one counts.

        Parameters
        ----------
        box
            (row0, col0, row1, col1) of the frame, both corners inside.

        Raises
        ------
        PromptError
            If it isn't one, or lies outside the frame.
        """
        self._check_open()
        index = self.frame
        asked = Prompts(box=np.asarray(box, float))
        asked.check(frame_shape(self.image, index))
        if self._layers.boxes is None:
            raise SessionError("the boxes layer was deleted; restore_layers() makes it again")
        assert asked.box is not None
        vertices = box_vertices(asked.box, index)
        self._edit(self._layers.read().with_box(vertices))

    def clear(self) -> None:
        """Take away all prompts of the shown frame, and the preview with them."""
        self._check_open()
        self._sync()
        after = self._state.without_frame(self.frame)
        if after != self._state:
            self._undo.push(PromptStep(self._state, after, self._put_answers_aside()))
            self._show_prompts(after)
        self._answers = Answers()
        self._drop_answer()
        self._set_dirty()

    def use_points(self) -> None:
        """Make clicks add points."""
        self._select(self._layers.make_points(), "add")

    def use_boxes(self) -> None:
        """Make drags draw boxes."""
        self._select(self._layers.make_boxes(), "add_rectangle")

    @property
    def tool(self) -> str | None:
        """What the mouse does: ``"points"``, ``"boxes"``, or None for something else."""
        active = self.viewer.layers.selection.active
        if active is not None and active == self._layers.points:
            return "points"
        return "boxes" if active is not None and active == self._layers.boxes else None

    def restore_layers(self) -> None:
        """Make the layers of the session again that were deleted."""
        self._preview.make()
        self._layers.make_boxes()
        self._layers.make_points()
        self._bind_keys()
        self._set_dirty()

    @property
    def model(self) -> str | Path | Segmenter:
        """The model: a segmenter, or the name or path of one."""
        return self._predictor.model

    @model.setter
    def model(self, model: str | Path | Segmenter) -> None:
        self._predictor.model = model
        self._start_over()

    @property
    def segmenter(self) -> Segmenter | None:
        """The model once it is loaded. Sessions of the same name or path share it."""
        return self._predictor.segmenter

    @property
    def intensity(self) -> str:
        """Name of the intensity mapping."""
        return self._predictor.intensity

    @intensity.setter
    def intensity(self, name: str) -> None:
        self._predictor.intensity = name
        self._start_over()

    def encode(self) -> None:
        """Make the shown frame ready, before anything is asked of it."""
        self._check_open()
        self._predictor.encode(frame_source(self.image, self.frame))

    def cancel(self) -> None:
        """Drop the encoding and the prediction under way."""
        self._predictor.cancel()
        self._say("Cancelled. Press S to go on.")

    def update(self) -> None:
        """Ask for the candidates of the prompts as they are now.

        Raises
        ------
        ViewError, PromptError, FrameError, WeightsError, ...
            With the runner that runs at once, whatever is wrong with what was given.
        """
        self._check_open()
        self._sync()
        self._dirty, self._refused = False, ""
        index = self.frame
        prompts = self._state.of_frame(index)
        if not len(prompts):
            self._predictor.withdraw()
            self._answers = Answers()
            self._drop_answer()
            return
        source = frame_source(self.image, index)
        known = self._answers.find(prompts)
        if known is not None:
            self._predictor.withdraw()
            self._on_answer(known, self._answers)
            return
        try:
            as_asked(prompts, index).check(source.shape)
        except PromptError as error:
            self._predictor.withdraw()
            self._drop_answer()
            self._refused = f"{error}; take it back with Ctrl+Z"
            raise PromptError(self._refused) from error
        self._predictor.ask(prompts, source, self._answers)

    predict = update

    def choose(self, k: int) -> None:
        """Show another candidate.

        Raises
        ------
        SessionError
            If there is no such candidate.
        """
        answer = self._answer
        count = 0 if answer is None else len(answer.prediction.scores)
        if answer is None or not 0 <= k < count:
            raise SessionError(f"there are {count} candidates; candidate {k + 1} isn't one of them")
        answer.chosen = k
        self._show(answer)

    def next_candidate(self) -> None:
        """Show the next candidate, after the last the first."""
        if self._answer is not None:
            self.choose((self._answer.chosen + 1) % len(self._answer.prediction.scores))

    def _edit(self, state: PromptState) -> None:
        self._sync()
        self._undo.push(PromptStep(self._state, state))
        self._show_prompts(state)
        self._set_dirty()

    def _put_answers_aside(self) -> ref[Answers]:
        self._kept_answers.append(self._answers)
        return ref(self._answers)

    def _select(self, layer: Any, mode: str) -> None:
        self._bind_keys()
        self.viewer.layers.selection.active = layer
        layer.mode = mode
