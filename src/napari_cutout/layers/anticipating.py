"""Asking the model while the mouse button is still down, so that the mask is there when it is up.

napari adds a point when the button is released, a tenth of a second after it was pressed, and takes
as long over it as the model over an answer. Off, nothing listens; what is dragged costs an answer
that nobody uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.layers.errors import ViewError
from napari_cutout.layers.weak import weak_call
from napari_cutout.segment import PromptError

if TYPE_CHECKING:
    from collections.abc import Callable
    from weakref import ReferenceType

    from napari_cutout.layers.pointing import Pointing

_LEFT = 1


class Anticipation:
    """Listens for buttons that go down over a session's points.

    Parameters
    ----------
    session
        Held weakly.
    """

    def __init__(self, session: ReferenceType[Any]) -> None:
        self._session: ReferenceType[Pointing] = session
        self._callback: Callable[..., None] | None = None

    @property
    def is_on(self) -> bool:
        """Whether it listens."""
        return self._callback is not None

    def switch(self, on: bool) -> None:
        """Listen, or don't."""
        session = self._session()
        if session is None or on == self.is_on:
            return
        callbacks = session.viewer.mouse_drag_callbacks
        if on:
            press = weak_call(self._on_press)
            self._callback = lambda viewer, event: press(viewer, event)
            callbacks.append(self._callback)
            return
        if self._callback in callbacks:
            callbacks.remove(self._callback)
        self._callback = None

    def _on_press(self, _viewer: Any, event: Any) -> None:
        session = self._session()
        if session is None or session.is_closed or event.button != _LEFT or event.modifiers:
            return
        if session.tool != "points":
            return
        place = np.asarray(session.points_layer.world_to_data(event.position), float)
        try:
            session.anticipate(place)
        except (ViewError, PromptError):
            # It is said of the point, if there comes to be one.
            return
