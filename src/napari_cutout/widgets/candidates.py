"""The preview: its candidates as buttons with a thumbnail and a score each, and the brushes.

How the pictures are made is in thumbnails.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QRect, QSize, Qt, Signal
from qtpy.QtGui import QImage, QPalette, QPixmap
from qtpy.QtWidgets import (
    QButtonGroup,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QWidget,
)

from napari_cutout.widgets.controls import Button
from napari_cutout.widgets.layouts import column, group, row

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from qtpy.QtGui import QPaintEvent

COUNT = 3
SIDE = 68
"""Of a thumbnail, in pixels of the screen at 100 %."""

_ROOM = 5


class CandidateButton(Button):
    """One candidate: its picture above its number and score."""

    def __init__(self, place: int) -> None:
        super().__init__("", f"Show candidate {place + 1}; its score is the IoU that the model "
                         "expects", checkable=True)  # fmt: skip
        self._place = place
        self._picture: QPixmap | None = None
        self._score: float | None = 0.0
        self.show_score(None)

    def show_score(self, score: float | None) -> None:
        """Show the predicted IoU; None for no candidate, and then no picture."""
        if score == self._score:
            return
        self._score = score
        self.setEnabled(score is not None)
        self.setText(
            f"{self._place + 1}:  -" if score is None else f"{self._place + 1}:  {score:.2f}"
        )
        if score is None:
            self.show_picture(None)

    def show_picture(self, picture: NDArray[np.uint8] | None) -> None:
        """Show RGB pixels ``(side, side, 3)``, or nothing."""
        if picture is None and self._picture is None:
            return
        self._picture = None
        if picture is not None:
            height, width = picture.shape[:2]
            kind = QImage.Format.Format_RGB888
            image = QImage(picture.tobytes(), width, height, 3 * width, kind)
            self._picture = QPixmap.fromImage(image)
        self.update()

    @property
    def has_picture(self) -> bool:
        """Whether there is a thumbnail."""
        return self._picture is not None

    def sizeHint(self) -> QSize:
        """Room for a picture and a line."""
        return QSize(SIDE + 2 * _ROOM, SIDE + 3 * _ROOM + self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """As large as it is best."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the button as the theme does, with its own contents."""
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        left = (self.width() - SIDE) // 2
        square = QRect(left, _ROOM, SIDE, SIDE)
        painter.setPen(option.palette.color(QPalette.ColorRole.ButtonText))
        if self._picture is None:
            painter.setPen(Qt.PenStyle.DotLine)
            painter.drawRect(square.adjusted(0, 0, -1, -1))
            painter.setPen(option.palette.color(QPalette.ColorRole.ButtonText))
        else:
            painter.drawPixmap(square, self._picture)
        font = self.font()
        font.setBold(self.isChecked())
        painter.setFont(font)
        line = QRect(0, SIDE + _ROOM, self.width(), self.height() - SIDE - _ROOM)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, self.text())


class Candidates(QWidget):
    """The group "Candidates".

    Signals
    -------
    chosen
        The person chose another one, by its place.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons = [CandidateButton(k) for k in range(COUNT)]
        self._exclusive = QButtonGroup(self)
        for k, button in enumerate(self.buttons):
            self._exclusive.addButton(button, k)
        self._exclusive.idClicked.connect(self.chosen)
        self.brushes = {
            "paint": Button("Brush", "Paint into the preview: what is shown is committed. Without "
                            "one: into labels that are too large for napari's brushes",
                            icon="paint", checkable=True, shortcut="Alt+8"),
            "erase": Button("Eraser", "Erase from the preview: what is shown is committed. Without "
                            "one: from labels that are too large for napari's brushes",
                            icon="erase", checkable=True, shortcut="Alt+9"),
        }  # fmt: skip
        self.next = Button("&Next", "Show the next candidate", "next_candidate")
        touching_up = row(self.next, *self.brushes.values())
        box = group("Candidates, with predicted IoU", row(*self.buttons), touching_up)
        self.column = box.layout()
        column(self, box)
        self.show_scores([], 0)
        self.show_brushes(False)

    @property
    def side(self) -> int:
        """Of a picture in pixels of this screen."""
        return round(SIDE * self.devicePixelRatioF())

    def show_scores(self, scores: Sequence[float], chosen: int) -> None:
        """Show the candidates' scores and which is shown."""
        self._exclusive.setExclusive(False)
        for k, button in enumerate(self.buttons):
            there = k < len(scores)
            button.show_score(scores[k] if there else None)
            button.setChecked(there and k == chosen)
        self._exclusive.setExclusive(True)
        self.next.setEnabled(len(scores) > 1)

    def show_brushes(self, there: bool) -> None:
        """Show whether there is anything to paint in."""
        for brush in self.brushes.values():
            brush.setEnabled(there)

    def show_pictures(self, pictures: Sequence[NDArray[np.uint8]]) -> None:
        """Show the thumbnails, as many as there are."""
        for k, button in enumerate(self.buttons):
            button.show_picture(pictures[k] if k < len(pictures) else None)
