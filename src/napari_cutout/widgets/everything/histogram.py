"""A histogram that is drawn in the colours of the theme, with the part that is kept filled.

What it is about, and what moves the part, is for others to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import QRectF, QSize, Qt
from qtpy.QtGui import QPainter, QPalette, QPen
from qtpy.QtWidgets import QSizePolicy, QWidget

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from qtpy.QtGui import QPaintEvent

BINS = 48

_HEIGHT = 26


class Histogram(QWidget):
    """Bars: those of what is kept are filled, the others are outlines.

    Parameters
    ----------
    margin
        Pixels on both sides that a slider below it doesn't reach with its middle.
    """

    def __init__(self, margin: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._margin = margin
        self.counts = np.zeros(BINS, np.int64)
        self.kept = np.ones(BINS, bool)
        self._low, self._high = 0.0, 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(BINS * 3, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """A pixel a bar."""
        return QSize(BINS + 2 * self._margin, _HEIGHT)

    def show_values(self, values: ArrayLike, low: float, high: float) -> None:
        """Show how often values lie where between two ends."""
        self._low, self._high = low, max(high, low + 1e-9)
        inside = np.clip(np.asarray(values, float), self._low, self._high)
        self.counts, _ = np.histogram(inside, BINS, (self._low, self._high))
        self.update()

    def show_kept(self, first: float, last: float) -> None:
        """Show what part is kept: from one value to another."""
        edges = np.linspace(self._low, self._high, BINS + 1)
        kept = (edges[1:] > first) & (edges[:-1] <= last)
        if not np.array_equal(kept, self.kept):
            self.kept = kept
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bars."""
        painter, palette = QPainter(self), self.palette()
        text = palette.color(QPalette.ColorRole.WindowText)
        pale = palette.color(QPalette.ColorRole.WindowText)
        pale.setAlphaF(0.45)
        room = self.rect().adjusted(self._margin, 1, -self._margin, -1)
        painter.setPen(QPen(pale, 1))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        most, width = max(int(self.counts.max()), 1), room.width() / BINS
        for k in np.flatnonzero(self.counts).tolist():
            # A root, so that a few objects among many can be seen.
            height = max(float(np.sqrt(self.counts[k] / most)) * room.height(), 2.0)
            bar = QRectF(
                room.left() + k * width, room.bottom() + 1 - height, max(width - 1, 1), height
            )
            if self.kept[k]:
                painter.fillRect(bar, text)
            else:
                painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()
