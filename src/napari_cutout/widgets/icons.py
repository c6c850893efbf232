"""The icons of "Cut Out", drawn in the colour of the theme's text.

Prompts have the colours and shapes that they have on the canvas. Which button shows which icon is
said in the rooms of the buttons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from napari_cutout.layers.prompts import BLUE, VERMILLION

if TYPE_CHECKING:
    from collections.abc import Callable

_SIZE = 64
"""Pixels of a drawing; it is shown at 16 to 20, twice that at 200 %."""


def icon(name: str, color: QColor) -> QIcon:
    """An icon of :data:`NAMES`, with its lines in a colour."""
    pixmap = QPixmap(_SIZE, _SIZE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(_pen(color))
    _DRAWINGS[name](painter, color)
    painter.end()
    return QIcon(pixmap)


def _pen(color: str | QColor, width: float = 6) -> QPen:
    pen = QPen(QColor(color), width)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen


def _polygon(*corners: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in corners])


def _inside(painter: QPainter, _color: QColor) -> None:
    painter.setPen(_pen(BLUE, 3))
    painter.setBrush(QColor(BLUE))
    painter.drawEllipse(QRectF(10, 10, 44, 44))


def _outside(painter: QPainter, _color: QColor) -> None:
    painter.setPen(_pen(VERMILLION, 13))
    painter.drawLine(QPointF(32, 12), QPointF(32, 52))
    painter.drawLine(QPointF(12, 32), QPointF(52, 32))


def _points(painter: QPainter, _color: QColor) -> None:
    painter.setPen(_pen(VERMILLION, 9))
    painter.drawLine(QPointF(46, 34), QPointF(46, 58))
    painter.drawLine(QPointF(34, 46), QPointF(58, 46))
    painter.setPen(_pen(BLUE, 1))
    painter.setBrush(QColor(BLUE))
    painter.drawEllipse(QRectF(4, 4, 32, 32))


def _boxes(painter: QPainter, _color: QColor) -> None:
    painter.drawRect(QRectF(8, 14, 48, 36))


def _ellipses(painter: QPainter, _color: QColor) -> None:
    painter.drawEllipse(QRectF(6, 13, 52, 38))


def _polygons(painter: QPainter, color: QColor) -> None:
    corners = [(12.0, 24.0), (36.0, 9.0), (55.0, 30.0), (43.0, 54.0), (16.0, 50.0)]
    painter.setPen(_pen(color, 4))
    painter.drawPolygon(_polygon(*corners))
    painter.setBrush(color)
    for x, y in corners:
        painter.drawRect(QRectF(x - 4, y - 4, 8, 8))


def _lasso(painter: QPainter, _color: QColor) -> None:
    path = QPainterPath(QPointF(24, 44))
    path.cubicTo(-4, 40, 4, 8, 34, 8)
    path.cubicTo(64, 8, 66, 42, 32, 44)
    path.cubicTo(20, 45, 18, 52, 28, 58)
    painter.drawPath(path)


def _scribbles(painter: QPainter, _color: QColor) -> None:
    path = QPainterPath(QPointF(8, 44))
    path.cubicTo(14, 4, 28, 4, 27, 28)
    path.cubicTo(26, 56, 38, 58, 42, 34)
    path.cubicTo(45, 18, 52, 16, 57, 22)
    painter.drawPath(path)


def _pick(painter: QPainter, color: QColor) -> None:
    painter.setPen(_pen(color, 4))
    painter.drawEllipse(QRectF(4, 4, 38, 34))
    painter.setBrush(color)
    painter.setPen(_pen(color, 2))
    painter.drawPolygon(
        _polygon((28, 24), (58, 40), (45, 44), (53, 57), (46, 61), (38, 48), (30, 57))
    )


def _brush(painter: QPainter, color: QColor) -> None:
    painter.setPen(_pen(color, 9))
    painter.drawLine(QPointF(55, 9), QPointF(34, 34))
    painter.setPen(_pen(color, 2))
    painter.setBrush(color)
    path = QPainterPath(QPointF(26, 34))
    path.cubicTo(40, 40, 36, 58, 6, 57)
    path.cubicTo(18, 52, 10, 38, 26, 34)
    painter.drawPath(path)


def _eraser(painter: QPainter, color: QColor) -> None:
    painter.setPen(_pen(color, 5))
    painter.drawPolygon(_polygon((36, 8), (56, 28), (32, 52), (20, 52), (8, 38)))
    painter.drawLine(QPointF(22, 23), QPointF(43, 42))
    painter.drawLine(QPointF(20, 56), QPointF(56, 56))


def _folded(painter: QPainter, color: QColor) -> None:
    painter.setBrush(color)
    painter.drawPolygon(_polygon((24, 16), (44, 32), (24, 48)))


def _unfolded(painter: QPainter, color: QColor) -> None:
    painter.setBrush(color)
    painter.drawPolygon(_polygon((16, 24), (48, 24), (32, 44)))


_DRAWINGS: dict[str, Callable[[QPainter, QColor], None]] = {
    "inside": _inside,
    "outside": _outside,
    "points": _points,
    "boxes": _boxes,
    "ellipses": _ellipses,
    "polygons": _polygons,
    "lasso": _lasso,
    "scribbles": _scribbles,
    "pick": _pick,
    "paint": _brush,
    "erase": _eraser,
    "folded": _folded,
    "unfolded": _unfolded,
}

NAMES = tuple(_DRAWINGS)
