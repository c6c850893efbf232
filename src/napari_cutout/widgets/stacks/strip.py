"""A strip with a mark for each frame: what became of it, where one is, what is being worked on.

Which marks there are is said in pooling.py, where they lie in places.py, how they look in
symbols.py. What going to a frame means is for others to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from qtpy.QtGui import QColor, QPainter, QPalette, QPen
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from napari_cutout.widgets.stacks.places import Places, height_for, marks_in
from napari_cutout.widgets.stacks.pooling import (
    NOTABLE,
    STATES,
    Marks,
    counted,
    in_words,
    next_of,
    pooled,
    worst_frame,
)
from napari_cutout.widgets.stacks.symbols import OUTLINE, color_of, draw

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from qtpy.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPaintEvent

_TIP = (
    "One mark for each frame, or for several where there are many: then it shows the worst. Click "
    "one to go there. Left and Right go on by a frame, Page Up and Down by ten, with Ctrl to what "
    "stopped, failed or was corrected"
)


class FrameStrip(QWidget):
    """The strip.

    Signals
    -------
    asked
        The position of a frame that the person wants to see.
    """

    asked = Signal(int)

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
        self.setAccessibleName("Frames")
        self.setAccessibleDescription(_TIP)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
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

    def go_to_next(self, wanted: frozenset[int], step: int = 1) -> None:
        """Ask for the next frame with one of some codes, or for the one before."""
        frame = next_of(self._codes, self._current or 0, wanted, step)
        if frame is not None:
            self.asked.emit(frame)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(20 * self.fontMetrics().height(), height_for(self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        """A few marks."""
        return QSize(6 * self.fontMetrics().height(), height_for(self.fontMetrics().height()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the marks that there is room for."""
        painter, palette = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = palette.color(QPalette.ColorRole.Window)
        text = palette.color(QPalette.ColorRole.WindowText)
        marks, places = self.marks, self._places
        if self.hasFocus():
            painter.setPen(QPen(QColor(OUTLINE), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        for mark, code in enumerate(marks.codes.tolist()):
            room, state = places.room(mark), STATES[code]
            if mark == self._hovered:
                pale = color_of("", ground, text)
                pale.setAlphaF(0.2)
                painter.fillRect(room.adjusted(-1, -1, 1, 1), pale)
            draw(painter, state, room, color_of(state, ground, text))
        self._underline(painter, text)
        painter.setPen(QPen(text, 1))
        for frame, brush in (
            (self._working, Qt.BrushStyle.NoBrush),
            (self._current, Qt.BrushStyle.SolidPattern),
        ):
            if frame is not None and frame < len(self._codes):
                painter.setBrush(text if brush == Qt.BrushStyle.SolidPattern else brush)
                painter.drawPolygon(places.pointer(marks.mark_of(frame)))
        painter.end()

    def _underline(self, painter: QPainter, text: QColor) -> None:
        """Draw a line below the marks with chosen frames, without seams between them."""
        edges, places = self.marks.edges[:-1], self._places
        if not self._chosen.any():
            return
        has = np.maximum.reduceat(self._chosen.astype(np.uint8), edges)
        ends = np.flatnonzero(np.diff(np.pad(has, 1).astype(np.int8)))
        for first, end in zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True):
            painter.fillRect(places.below(first, end), text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the frame of a mark."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._ask_at(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along while the button is held."""
        mark = self._places.mark_at(event.position())
        if mark != self._hovered:
            self._hovered = mark
            self.update()
            if event.buttons() & Qt.MouseButton.LeftButton:
                self._ask_at(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at any more."""
        super().leaveEvent(event)
        self._hovered = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on by a frame, by ten, to an end, or to what wants to be looked at."""
        key, last = event.key(), len(self._codes) - 1
        at = 0 if self._current is None else self._current
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_PageUp: -10,
            Qt.Key.Key_PageDown: 10,
            Qt.Key.Key_Home: -last - 1,
            Qt.Key.Key_End: last + 1,
        }
        if key not in steps or last < 0:
            event.ignore()
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.go_to_next(NOTABLE, 1 if steps[key] > 0 else -1)
        else:
            self.asked.emit(min(max(at + steps[key], 0), last))

    def event(self, event: QEvent) -> bool:
        """Say in words what a mark stands for."""
        if event.type() == QEvent.Type.ToolTip:
            self._show_tip(event)
            return True
        return super().event(event)

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

    def _ask_at(self, event: QMouseEvent) -> None:
        mark = self._places.mark_at(event.position())
        if mark is not None:
            self.asked.emit(self.frame_of(mark))

    def _show_tip(self, event: QHelpEvent) -> None:
        mark = self._places.mark_at(QPointF(event.pos()))
        QToolTip.showText(event.globalPos(), _TIP if mark is None else self.describe(mark), self)
