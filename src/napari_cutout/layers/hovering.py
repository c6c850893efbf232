"""What would be cut out under the cursor, outlined before any click.

At most one question is under way; the cursor's latest place is asked next. Off, nothing listens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate import PromptState, frame_axes
from napari_cutout.layers.answers import Answers
from napari_cutout.layers.errors import ViewError
from napari_cutout.layers.image.coordinates import frame_shape, from_world, in_data
from napari_cutout.layers.model.predictor import Question
from napari_cutout.layers.preview import Preview
from napari_cutout.layers.selecting import keeping_selection
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable
    from weakref import ReferenceType

    from numpy.typing import NDArray

    from napari_cutout.layers.answers import Answer
    from napari_cutout.layers.watching import Watching

_STILL = 0.5
"""Pixels that the cursor must move to be asked about again."""


class Hover:
    """The outline under the cursor of a session.

    Parameters
    ----------
    session
        Held weakly.
    """

    def __init__(self, session: ReferenceType[Watching]) -> None:
        self._session = session
        self._outline: Preview | None = None
        self._callback: Callable[..., None] | None = None
        self._asked: NDArray[np.float64] | None = None
        self._waiting: NDArray[np.float64] | None = None
        self._under_way = False

    @property
    def is_on(self) -> bool:
        """Whether the cursor is followed."""
        return self._callback is not None

    @property
    def layer(self) -> Any:
        """The layer of the outline; None while there is none."""
        return None if self._outline is None else self._outline.layer

    @property
    def is_shown(self) -> bool:
        """Whether something is outlined."""
        return self._outline is not None and self._outline.is_shown

    def switch(self, on: bool) -> None:
        """Follow the cursor, or don't."""
        session = self._session()
        if session is None or on == self.is_on:
            return
        callbacks = session.viewer.mouse_move_callbacks
        if on:
            move = weak_call(self._on_move)
            self._callback = lambda viewer, event: move(viewer, event)
            callbacks.append(self._callback)
            return
        if self._callback in callbacks:
            callbacks.remove(self._callback)
        self._callback = None
        self.drop()
        if self._outline is not None:
            self._outline.close()
            self._outline = None

    def drop(self) -> None:
        """Outline nothing; an answer under way isn't shown."""
        self._asked = self._waiting = None
        if self._outline is not None:
            self._outline.hide()

    def forget(self, layer: object) -> bool:
        """Let go of the outline's layer, which was deleted. Returns whether it was that one."""
        outline = self._outline
        if outline is None or outline.layer is None or layer != outline.layer:
            return False
        outline.layer = self._outline = None
        return True

    def ask(self, point: NDArray[np.float64]) -> None:
        """Outline the object at (row, col) of the shown frame, at once or when there is time."""
        if self._asked is not None and np.abs(point - self._asked).max() < _STILL:
            return
        self._waiting = point
        if not self._under_way:
            self._next()

    def _on_move(self, _viewer: Any, event: Any) -> None:
        session = self._session()
        if session is None or session.is_closed:
            return
        try:
            index = session.frame
        except ViewError:
            return
        data = from_world(session.image, session.viewer.dims, event.position)
        point = data[list(frame_axes(index))]
        inside = (point >= -0.5) & (point < np.array(frame_shape(session.image, index)) - 0.5)
        if not inside.all() or event.buttons:
            self.drop()
            return
        self.ask(point)

    def _next(self) -> None:
        session, point = self._session(), self._waiting
        if session is None or session.is_closed or point is None:
            return
        self._asked, self._waiting, self._under_way = point, None, True
        try:
            index = session.frame
        except ViewError:
            self._under_way = False
            return
        prompts = PromptState.empty(session.image.ndim).with_point(in_data([point], index)[0], True)
        source = session._source()
        question = Question((prompts,), source, Answers(), session._options)
        session._predictor.hover(question, weak_call(self._show), weak_call(self._end))

    def _show(self, answer: Answer) -> None:
        session = self._session()
        self._under_way = False
        if session is None or session.is_closed or not self.is_wanted(answer):
            return
        if self._outline is None:
            self._outline = Preview(session.viewer, session.image, "hover")
        if self._outline.layer is None:
            with keeping_selection(session.viewer):
                self._outline.make()
        crop = answer.crop(session._options)
        self._outline.show([crop], answer.source.index, session.viewer.dims)
        self._next()

    def _end(self) -> None:
        self._under_way = False
        self._asked = None

    def is_wanted(self, answer: Answer) -> bool:
        """Whether the cursor is still followed, and in the same frame."""
        session = self._session()
        assert session is not None
        return self._asked is not None and session._frame == answer.source.index
