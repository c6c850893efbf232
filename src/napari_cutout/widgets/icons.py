"""The icons of prompts, drawn in the colours and shapes that they have on the canvas."""

from __future__ import annotations

from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from napari_cutout.layers.prompts import BLUE, BOX_COLOR, VERMILLION

_SIZE = 64


def disc() -> QIcon:
    """A blue disc: inside the object."""
    pixmap, painter = _begin(BLUE)
    painter.setBrush(QColor(BLUE))
    painter.drawEllipse(QRectF(10, 10, _SIZE - 20, _SIZE - 20))
    return _end(pixmap, painter)


def points() -> QIcon:
    """A disc and a cross."""
    pixmap, painter = _begin(VERMILLION, 9)
    painter.drawLine(QPointF(46, 30), QPointF(46, 62))
    painter.drawLine(QPointF(30, 46), QPointF(62, 46))
    painter.setPen(QPen(QColor(BLUE), 1))
    painter.setBrush(QColor(BLUE))
    painter.drawEllipse(QRectF(3, 3, 34, 34))
    return _end(pixmap, painter)


def cross() -> QIcon:
    """A vermillion cross: outside the object."""
    pixmap, painter = _begin(VERMILLION, 14)
    middle, low, high = _SIZE / 2, 10.0, _SIZE - 10.0
    painter.drawLine(QPointF(middle, low), QPointF(middle, high))
    painter.drawLine(QPointF(low, middle), QPointF(high, middle))
    return _end(pixmap, painter)


def box() -> QIcon:
    """A rectangle: around the object."""
    pixmap, painter = _begin(BOX_COLOR, 7)
    painter.drawRect(QRectF(8, 14, _SIZE - 16, _SIZE - 28))
    return _end(pixmap, painter)


def _begin(color: str, width: float = 3) -> tuple[QPixmap, QPainter]:
    pixmap = QPixmap(_SIZE, _SIZE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(color), width))
    return pixmap, painter


def _end(pixmap: QPixmap, painter: QPainter) -> QIcon:
    painter.end()
    return QIcon(pixmap)
