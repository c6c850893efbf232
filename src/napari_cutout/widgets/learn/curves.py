"""The curves of a training, one above the other: the loss, and the IoU on what isn't learned from.

They are drawn in the colours of the theme, and told apart by their place and their titles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from qtpy.QtGui import QColor, QPainter, QPalette, QPen, QPolygonF
from qtpy.QtWidgets import QSizePolicy, QToolTip, QWidget

from napari_cutout.layers.learning.course import Course
from napari_cutout.widgets.learn.plot_area import PlotArea, range_of, thinned
from napari_cutout.widgets.stacks.symbols import color_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qtpy.QtGui import QHelpEvent, QPaintEvent

LOSS, IOU = "Loss", "IoU after one click, held out"

_LINES, _TITLE = 4.5, 2.0
"""Lines of text that a plot is high, and those above it for its title."""


class Curves(QWidget):
    """Two plots with one axis of steps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.course = Course()
        self.setAccessibleName("Curves")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_course(self, course: Course) -> None:
        """Show how a training went so far."""
        self.course = course
        self.setAccessibleDescription(self.describe())
        self.update()

    def describe(self) -> str:
        """What the curves say, in words."""
        course, said = self.course, []
        if course.losses:
            step, loss = course.losses[-1]
            said.append(f"Loss {loss:.3g} at step {step:,}")
        if course.before is not None:
            said.append(f"IoU {course.before:.2f} before")
        if course.best is not None:
            said.append(f"IoU {course.best[1]:.2f} at best, at step {course.best[0]:,}")
        return "; ".join(said) or "Nothing was learned yet"

    def at(self, x: float) -> str:
        """What was measured at a place, in words."""
        area, said = self._areas()[0], []
        for name, values in (("loss", self.course.losses), ("IoU", self.course.ious)):
            near = min(values, key=lambda pair: abs(area.x(pair[0]) - x), default=None)
            if near is not None:
                said.append(f"{name} {near[1]:.3g} at step {near[0]:,}")
        return "; ".join(said) or self.describe()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        line = self.fontMetrics().lineSpacing()
        return QSize(18 * line, round((2 * (_LINES + _TITLE) + 0.9) * line))

    def minimumSizeHint(self) -> QSize:
        """Room for some steps."""
        return QSize(10 * self.fontMetrics().lineSpacing(), self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Say what was measured under the cursor."""
        if event.type() == QEvent.Type.ToolTip:
            self._show_tip(event)
            return True
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        """Letters of another size, or other colours."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw both plots."""
        painter, course = QPainter(self), self.course
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for area, title in zip(self._areas(), (LOSS, IOU), strict=True):
            self._draw_frame(painter, area, title)
        upper, lower = self._areas()
        painter.setPen(QPen(self._text, 1.5))
        painter.drawPolyline(_line(upper, thinned(course.losses, int(upper.room.width()))))
        self._draw_before(painter, lower)
        self._draw_ious(painter, lower)
        if not course.ious and course.before is None and course.losses:
            painter.setPen(self._text)
            painter.drawText(lower.room, Qt.AlignmentFlag.AlignCenter, "nothing was held out")
        painter.end()

    @property
    def _text(self) -> QColor:
        return self.palette().color(QPalette.ColorRole.WindowText)

    @property
    def _pale(self) -> QColor:
        pale = self._text
        pale.setAlphaF(0.45)
        return pale

    def _areas(self) -> tuple[PlotArea, PlotArea]:
        course, metrics = self.course, self.fontMetrics()
        line = metrics.lineSpacing()
        left, right = metrics.horizontalAdvance("0.000") + 6, self.width() - 6
        heights, top = _LINES * line, _TITLE * line
        rooms = [
            QRectF(left, k * heights + (k + 0.9) * top, max(right - left, 1), heights)
            for k in (0, 1)
        ]
        ious = [value for _, value in course.ious]
        if course.before is not None:
            ious.append(course.before)
        is_learning = course.stage in ("training", "done") or course.losses
        last = max([course.steps if is_learning else 0, *(step for step, _ in course.losses), 1])
        return (
            PlotArea(rooms[0], last, *range_of([value for _, value in course.losses])),
            PlotArea(rooms[1], last, *range_of(ious, least=0.1, most=1.0)),
        )

    def _draw_frame(self, painter: QPainter, area: PlotArea, title: str) -> None:
        room, line = area.room, self.fontMetrics().lineSpacing()
        painter.setPen(self._text)
        painter.drawText(QPointF(2, room.top() - 0.8 * line), title)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if area.has_values:
            for value in (area.low, area.high):
                place = QRectF(0, area.y(value) - line / 2, room.left() - 5, line)
                painter.drawText(place, right, area.number(value))
        painter.setPen(QPen(self._pale, 1))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        painter.drawLine(room.topLeft(), room.bottomLeft())
        if title == IOU:
            below = QRectF(room.left(), room.bottom() + 1, room.width(), line)
            painter.setPen(self._text)
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
            painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"step {area.last:,}")

    def _draw_before(self, painter: QPainter, area: PlotArea) -> None:
        before = self.course.before
        if before is None:
            return
        y, room = area.y(before), area.room
        painter.setPen(QPen(self._text, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
        # Below the line and at its end: what gets better goes up, from the left.
        metrics, text = self.fontMetrics(), f"before {before:.2f}"
        below = room.bottom() - y > metrics.lineSpacing()
        shift = metrics.ascent() + 2 if below else -4
        painter.setPen(self._text)
        painter.drawText(QPointF(room.right() - metrics.horizontalAdvance(text), y + shift), text)

    def _draw_ious(self, painter: QPainter, area: PlotArea) -> None:
        course = self.course
        if not course.ious:
            return
        accent = color_of("found", self.palette().color(QPalette.ColorRole.Window), self._text)
        painter.setPen(QPen(accent, 1.5))
        painter.drawPolyline(_line(area, course.ious))
        painter.setBrush(accent)
        for step, iou in course.ious:
            painter.drawEllipse(area.point(step, iou), 2.2, 2.2)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if course.best is None:
            return
        place = area.point(*course.best)
        painter.setPen(QPen(self._text, 1.5))
        painter.drawEllipse(place, 5, 5)
        text, metrics = f"best {course.best[1]:.2f}", self.fontMetrics()
        width = metrics.horizontalAdvance(text)
        x = min(max(place.x() - width / 2, area.room.left() + 4), area.room.right() - width)
        y = place.y() - 8
        if y - metrics.ascent() < area.room.top() - 2:
            y = place.y() + 8 + metrics.ascent()
        painter.drawText(QPointF(x, y), text)

    def _show_tip(self, event: QHelpEvent) -> None:
        QToolTip.showText(event.globalPos(), self.at(event.pos().x()), self)


def _line(area: PlotArea, values: Sequence[tuple[int, float]]) -> QPolygonF:
    return QPolygonF([area.point(step, value) for step, value in values])
