"""Splitting an object by two clicks on the canvas: which comes next, and what ends it.

Cutting is the session's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QObject, Qt, Signal
from qtpy.QtWidgets import QApplication

from napari_cutout.annotate.frame_index import frame_axes
from napari_cutout.layers import ViewError
from napari_cutout.layers.image.coordinates import from_world
from napari_cutout.layers.picking import Clicks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from qtpy.QtWidgets import QWidget

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.layers import Session


class Splitting(QObject):
    """Waiting for two clicks. Meanwhile clicks do nothing else.

    Signals
    -------
    said
        What to do next, or that it is over; empty where the session says more.
    clicked
        An id and the places of both clicks, (row, col) of the frame.
    ended
        Nothing is waited for any more.
    """

    said = Signal(str)
    clicked = Signal(int, object, object)
    ended = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._clicks: Clicks | None = None
        self._number = 0
        self._first: tuple[FrameIndex, NDArray[np.float64]] | None = None
        self._before: tuple[Any, Any, str] | None = None

    @property
    def is_on(self) -> bool:
        """Whether clicks are waited for."""
        return self._session is not None

    def begin(self, session: Session, number: int) -> None:
        """Wait for a click in each half of an object of the shown frame."""
        self.end()
        labels = session.labels
        if labels is None:
            return
        layers = session.viewer.layers
        self._session, self._number, self._first = session, number, None
        self._before = (layers.selection.active, labels, str(labels.mode))
        layers.selection.active = labels
        labels.mode = "pan_zoom"
        self._clicks = Clicks(session.viewer, self._on_click)
        self._clicks.switch(True)
        # The keyboard may be anywhere: in the canvas, in the table, in another dock.
        QApplication.instance().installEventFilter(self)
        self._ask("one half")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape ends it, wherever the keyboard is."""
        if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self.give_up()
            return True
        return super().eventFilter(watched, event)

    def give_up(self) -> None:
        """Wait no longer, and say so."""
        if self.is_on:
            self.end()
            self.said.emit("Nothing was split.")

    def end(self) -> None:
        """Wait no longer; the mouse does what it did before."""
        session, before = self._session, self._before
        self._session = self._before = self._first = None
        QApplication.instance().removeEventFilter(self)
        if self._clicks is not None:
            self._clicks.switch(False)
            self._clicks = None
        if session is None or before is None:
            return
        active, labels, mode = before
        layers = session.viewer.layers
        # Whoever chose another layer or mode meanwhile wants that.
        if layers.selection.active == labels and str(labels.mode) == "pan_zoom":
            labels.mode = mode
            if active is not None and active in layers:
                layers.selection.active = active
        self.ended.emit()

    def _on_click(self, position: Any) -> None:
        session = self._session
        if session is None or session.is_closed:
            self.end()
            return
        try:
            index = session.frame
        except ViewError as error:
            self.said.emit(str(error))
            return
        data = from_world(session.image, session.viewer.dims, position)
        place = data[list(frame_axes(index))]
        if self._first is None or self._first[0] != index:
            self._first = index, place
            self._ask("the other half")
            return
        number, first = self._number, self._first[1]
        self.end()
        self.clicked.emit(number, first, place)

    def _ask(self, half: str) -> None:
        self.said.emit(f"Click in {half} of object {self._number}. Esc ends it.")
