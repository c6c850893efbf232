"""A strip of marks that one goes along with the mouse and the keyboard.

What it shows is said in shown_marks.py. What going to a frame means is for others to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QPointF, Qt, Signal
from qtpy.QtWidgets import QToolTip

from napari_cutout.widgets.stacks.pooling import NOTABLE, next_of
from napari_cutout.widgets.stacks.shown_marks import ShownMarks

if TYPE_CHECKING:
    from qtpy.QtGui import QHelpEvent, QKeyEvent, QMouseEvent
    from qtpy.QtWidgets import QWidget

_TIP = (
    "One mark for each frame, or for several where there are many: then it shows the worst. Click "
    "one to go there. Left and Right go on by a frame, Page Up and Down by ten, with Ctrl to what "
    "stopped, failed or was corrected"
)


class FrameStrip(ShownMarks):
    """The strip.

    Signals
    -------
    asked
        The position of a frame that the person wants to see.
    """

    asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Frames")
        self.setAccessibleDescription(_TIP)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)

    def go_to_next(self, wanted: frozenset[int], step: int = 1) -> None:
        """Ask for the next frame with one of some codes, or for the one before."""
        frame = next_of(self._codes, self._current or 0, wanted, step)
        if frame is not None:
            self.asked.emit(frame)

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

    def _ask_at(self, event: QMouseEvent) -> None:
        mark = self._places.mark_at(event.position())
        if mark is not None:
            self.asked.emit(self.frame_of(mark))

    def _show_tip(self, event: QHelpEvent) -> None:
        mark = self._places.mark_at(QPointF(event.pos()))
        QToolTip.showText(event.globalPos(), _TIP if mark is None else self.describe(mark), self)
