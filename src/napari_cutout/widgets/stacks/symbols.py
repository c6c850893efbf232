"""How what became of a frame looks: a shape and a colour for each state, on light and on dark.

The shapes alone tell the states apart, however narrow they are. Where they are drawn is for others
to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

if TYPE_CHECKING:
    from collections.abc import Callable

ON_DARK = {
    "embedded": "#a9a9b8",
    "found": "#5ab4ee",
    "linked": "#c79bf2",
    "carried": "#3fcfa4",
    "corrected": "#f0e442",
    "stopped": "#f5a623",
    "failed": "#ff7f6a",
}
ON_LIGHT = {
    "embedded": "#66667a",
    "found": "#0072b2",
    "linked": "#7a3fb0",
    "carried": "#00755a",
    "corrected": "#806600",
    "stopped": "#b35900",
    "failed": "#c4231c",
}

OUTLINE = "#3d95cf"
"""Of what has the keyboard; it is told from the background of every theme."""

_ICON, _DARK = 64, 128
"""Pixels of an icon, and the lightness up to which a background is a dark one."""


def color_of(state: str, background: QColor, text: QColor) -> QColor:
    """The colour of a state on a background."""
    if not state:
        pale = QColor(text)
        pale.setAlphaF(0.6)
        return pale
    return QColor((ON_DARK if background.lightness() < _DARK else ON_LIGHT)[state])


def draw(painter: QPainter, state: str, room: QRectF, color: QColor) -> None:
    """Draw a state's shape into a rectangle, as wide and as high as it is."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    _SHAPES[state](painter, room)


def symbol(state: str, background: QColor, text: QColor) -> QIcon:
    """A state's shape as an icon."""
    pixmap = QPixmap(_ICON, _ICON)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    room = QRectF(_ICON * 0.2, _ICON * 0.06, _ICON * 0.6, _ICON * 0.88)
    draw(painter, state, room, color_of(state, background, text))
    painter.end()
    return QIcon(pixmap)


def _nothing(painter: QPainter, room: QRectF) -> None:
    height = max(room.height() / 10, 1.0)
    painter.drawRect(QRectF(room.left(), room.bottom() - height, room.width(), height))


def _ring(painter: QPainter, room: QRectF) -> None:
    side = min(room.width(), room.height() / 2)
    width = max(side / 5, 1.0)
    painter.setPen(QPen(painter.brush().color(), width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    middle = QPointF(room.center().x(), room.bottom() - side / 2)
    painter.drawEllipse(middle, (side - width) / 2, (side - width) / 2)


def _lower_half(painter: QPainter, room: QRectF) -> None:
    painter.drawRect(QRectF(room.left(), room.center().y(), room.width(), room.height() / 2))


def _rails(painter: QPainter, room: QRectF) -> None:
    height = room.height() / 5
    for share in (0.25, 0.65):
        top = room.top() + share * room.height()
        painter.drawRect(QRectF(room.left(), top, room.width(), height))


def _forward(painter: QPainter, room: QRectF) -> None:
    tip = QPointF(room.right(), room.center().y())
    painter.drawPolygon(QPolygonF([room.topLeft(), tip, room.bottomLeft()]))


def _diamond(painter: QPainter, room: QRectF) -> None:
    middle = room.center()
    corners = [
        QPointF(middle.x(), room.top()),
        QPointF(room.right(), middle.y()),
        QPointF(middle.x(), room.bottom()),
        QPointF(room.left(), middle.y()),
    ]
    painter.drawPolygon(QPolygonF(corners))


def _full(painter: QPainter, room: QRectF) -> None:
    painter.drawRect(room)


def _cross(painter: QPainter, room: QRectF) -> None:
    width = min(max(room.width() / 4, 1.5), room.height() / 4)
    painter.setPen(QPen(painter.brush().color(), width))
    inner = room.adjusted(width / 2, width / 2, -width / 2, -width / 2)
    painter.drawLine(inner.topLeft(), inner.bottomRight())
    painter.drawLine(inner.bottomLeft(), inner.topRight())


_SHAPES: dict[str, Callable[[QPainter, QRectF], None]] = {
    "": _nothing,
    "embedded": _ring,
    "found": _lower_half,
    "linked": _rails,
    "carried": _forward,
    "corrected": _diamond,
    "stopped": _full,
    "failed": _cross,
}
