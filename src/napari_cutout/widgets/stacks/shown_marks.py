"""A mark for each frame, in a strip: what became of it, where one is, what is being worked on.

Which marks there are is said in pooling.py, where they lie in places.py, how they are drawn in
strip_painting.py. What the mouse and the keyboard do there is in strip.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QEvent, QPointF, QRectF, QSize
from qtpy.QtGui import QPainter
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_cutout.widgets.stacks.places import Places, height_for, marks_in
from napari_cutout.widgets.stacks.pooling import (
    STATES,
    Marks,
    counted,
    in_words,
    pooled,
    worst_frame,
)
from napari_cutout.widgets.stacks.strip_painting import Look, outline, paint

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from qtpy.QtGui import QPaintEvent


class ShownMarks(QWidget):
    """The marks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._codes = np.zeros(0, np.uint8)
        self._chosen = np.zeros(0, bool)
        self._current: int | None = None
        self._working: int | None = None
        self._hovered: int | None = None
        self._marks: Marks | None = None
        self._name_of: Callable[[int], str] = str
        self._text_of: Callable[[int], str] = lambda _frame: ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def codes(self) -> NDArray[np.uint8]:
        """``(N,)`` uint8: what became of each frame, see pooling.py."""
        return self._codes

    @property
    def current(self) -> int | None:
        """The frame that is shown; None where it isn't among these."""
        return self._current

    @property
    def working(self) -> int | None:
        """The frame that is being worked on."""
        return self._working

    @property
    def marks(self) -> Marks:
        """As many as there is room for."""
        if self._marks is None:
            room = marks_in(self.width(), self.fontMetrics().height())
            self._marks = pooled(self._codes, room)
        return self._marks

    def name_frames(self, name_of: Callable[[int], str], text_of: Callable[[int], str]) -> None:
        """Say how a frame is called, and what is said of it, where anything happened in it."""
        self._name_of, self._text_of = name_of, text_of

    def show_codes(self, codes: NDArray[np.uint8]) -> None:
        """Show other frames, or what became of them all."""
        self._codes = np.array(codes, np.uint8)
        if len(self._chosen) != len(codes):
            self._chosen = np.zeros(len(codes), bool)
        self._redraw()

    def show_code(self, frame: int, code: int) -> None:
        """Show what became of one frame."""
        if self._codes[frame] != code:
            self._codes[frame] = code
            self._redraw()

    def show_chosen(self, chosen: NDArray[np.bool_]) -> None:
        """Underline the frames that were chosen, ``(N,)`` bool."""
        if not np.array_equal(self._chosen, chosen):
            self._chosen = np.array(chosen, bool)
            self.update()

    def show_current(self, frame: int | None) -> None:
        """Point at the frame that is shown."""
        if frame != self._current:
            self._current = frame
            self.update()

    def show_working(self, frame: int | None) -> None:
        """Point at the frame that is being worked on."""
        if frame != self._working:
            self._working = frame
            self.update()

    def frame_of(self, mark: int) -> int:
        """The frame that a click on a mark goes to: the first with what the mark shows."""
        return worst_frame(self._codes, self.marks.frames_of(mark))

    def describe(self, mark: int) -> str:
        """What a mark says, in words."""
        frames, frame = self.marks.frames_of(mark), self.frame_of(mark)
        state = STATES[self._codes[frame]] or "nothing yet"
        text = self._text_of(frame) or f"{self._name_of(frame)}: {state}"
        if len(frames) == 1:
            return text
        numbers = counted(self._codes[frames.start : frames.stop])
        ends = f"{self._name_of(frames[0])} to {self._name_of(frames[-1])}"
        return f"{ends}: {in_words(numbers)}. A click goes to {text}"

    def place_of(self, frame: int) -> QPointF:
        """The middle of the mark that a frame is in."""
        return self._places.room(self.marks.mark_of(frame)).center()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(20 * self.fontMetrics().height(), height_for(self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        """A few marks."""
        return QSize(6 * self.fontMetrics().height(), height_for(self.fontMetrics().height()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the marks that there is room for."""
        look = Look(
            self.marks,
            self._places,
            self._chosen,
            self._current,
            self._working,
            self._hovered,
        )
        painter = QPainter(self)
        if self.hasFocus():
            outline(painter, QRectF(self.rect()))
        paint(painter, look, self.palette())
        painter.end()

    def resizeEvent(self, _event: QEvent) -> None:
        """There is room for more marks, or for fewer."""
        self._redraw()

    def changeEvent(self, event: QEvent) -> None:
        """Letters of another size, or other colours."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()
            self._redraw()

    @property
    def _places(self) -> Places:
        return Places(self.width(), self.fontMetrics().height(), len(self.marks))

    def _redraw(self) -> None:
        self._marks = None
        self.update()
