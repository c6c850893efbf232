"""Two clicks on the canvas that say which objects are the daughters of a division.

What a division means is the session's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QObject, Signal

from napari_cutout.annotate.frame_index import frame_axes
from napari_cutout.layers.image.coordinates import from_world
from napari_cutout.layers.picking import number_at
from napari_cutout.widgets.everything.picking import Picking

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

    from napari_cutout.layers import Session


class Dividing(QObject):
    """Waiting for the daughters. Meanwhile clicks do nothing else.

    Signals
    -------
    said
        What to do next, or what was wrong.
    clicked
        The daughters' ids so far, one or two.
    ended
        Nothing is waited for any more.
    """

    said = Signal(str)
    clicked = Signal(object)
    ended = Signal()

    def __init__(self, viewer: Any, parent: QWidget) -> None:
        super().__init__(parent)
        self._picking = Picking(viewer, parent)
        self._session: Session | None = None
        self._mother = 0
        self._daughters: tuple[int, ...] = ()
        self._picking.clicked.connect(self._on_click)
        self._picking.ended.connect(self._on_ended)

    @property
    def is_on(self) -> bool:
        """Whether clicks are waited for."""
        return self._picking.is_on

    def begin(self, session: Session, mother: int) -> None:
        """Wait for a click on each daughter of an object."""
        if session.labels is None:
            self.ended.emit()
            self.said.emit("Nothing is labelled yet: commit the mother and her daughters first.")
            return
        self._session, self._mother, self._daughters = session, mother, ()
        self._picking.begin(session.labels)
        self._ask("one daughter")

    def end(self) -> None:
        """Wait no longer."""
        self._picking.end()

    def _ask(self, which: str) -> None:
        self.said.emit(f"Click {which} of object {self._mother}. Esc ends it.")

    def _on_click(self, position: Any) -> None:
        session = self._session
        if session is None or session.is_closed or session.labels is None:
            self.end()
            return
        try:
            number = _number_at(session, position)
        except ValueError as error:
            self.said.emit(str(error))
            return
        if number in self._daughters:
            self.said.emit(f"Object {number} is the first daughter already; click the other one.")
            return
        self._daughters = (*self._daughters, number)
        self.clicked.emit(self._daughters)
        if len(self._daughters) == 2:
            self.end()
        else:
            self._ask("the other daughter")

    def _on_ended(self) -> None:
        self._session = None
        self.ended.emit()


def _number_at(session: Session, position: Any) -> int:
    index, image, dims = session.frame, session.image, session.viewer.dims
    data = np.asarray(from_world(image, dims, position))
    return number_at(session.labels, image, index, dims, data[list(frame_axes(index))])
