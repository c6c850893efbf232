"""Pictures of some objects that nothing is learned from, with the IoU of each, three in a row.

How they are drawn is in sample_pictures.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QRect, QSize, Qt
from qtpy.QtGui import QImage, QPainter, QPalette, QPixmap
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from napari_cutout.widgets.learn.sample_pictures import sample_picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qtpy.QtGui import QHelpEvent, QPaintEvent, QResizeEvent

    from napari_cutout.train.tuning import TuningSample

COLUMNS = 3
MOST = 6
"""Pictures that are shown; of more samples these are the first."""

_GAP = 5
_WIDEST = 120


class Samples(QWidget):
    """The pictures, each above its IoU."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.samples: tuple[TuningSample, ...] = ()
        self._pictures: list[QPixmap] = []
        self.setAccessibleName("Samples")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_samples(self, samples: Sequence[TuningSample]) -> None:
        """Show other samples, or none."""
        if self.samples == tuple(samples[:MOST]):
            return
        self.samples = tuple(samples[:MOST])
        said = "; ".join(self.describe(place) for place in range(len(self.samples)))
        self.setAccessibleDescription(said)
        self._draw()

    def describe(self, place: int) -> str:
        """A sample in words."""
        sample = self.samples[place]
        return f"{sample.name}: IoU {sample.iou:.2f} after one click"

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(COLUMNS * (68 + _GAP), self._height(68))

    def minimumSizeHint(self) -> QSize:
        """Small pictures."""
        return QSize(COLUMNS * (48 + _GAP), self._height(self._side))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw them as large as there is room."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Letters of another size."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def event(self, event: QEvent) -> bool:
        """Say which object it is."""
        if event.type() == QEvent.Type.ToolTip:
            self._show_tip(event)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the pictures and what is said below."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        for place, picture in enumerate(self._pictures):
            room = self._room(place)
            painter.drawPixmap(room, picture)
            line = QRect(room.left(), room.bottom() + 1, room.width(), self._line)
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, f"{self.samples[place].iou:.2f}")
        painter.end()

    @property
    def _line(self) -> int:
        return self.fontMetrics().height() + 2

    @property
    def _side(self) -> int:
        return int(min((self.width() + _GAP) / COLUMNS - _GAP, _WIDEST))

    def _height(self, side: int) -> int:
        rows = -(-len(self.samples) // COLUMNS)
        return int(rows * (side + self._line + _GAP))

    def _room(self, place: int) -> QRect:
        row, column = divmod(place, COLUMNS)
        side = self._side
        return QRect(column * (side + _GAP), row * (side + self._line + _GAP), side, side)

    def _draw(self) -> None:
        side = max(round(self._side * self.devicePixelRatioF()), 16)
        self._pictures = [_pixmap(sample, side) for sample in self.samples]
        self._fit()
        self.update()

    def _fit(self) -> None:
        self.setFixedHeight(self._height(self._side))

    def _show_tip(self, event: QHelpEvent) -> None:
        places = range(len(self.samples))
        at = next((k for k in places if self._room(k).contains(event.pos())), None)
        QToolTip.showText(event.globalPos(), "" if at is None else self.describe(at), self)


def _pixmap(sample: TuningSample, side: int) -> QPixmap:
    pixels = sample_picture(sample, side)
    kind = QImage.Format.Format_RGB888
    return QPixmap.fromImage(QImage(pixels.tobytes(), side, side, 3 * side, kind))
