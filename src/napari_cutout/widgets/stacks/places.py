"""Where the marks of a strip lie, in sizes that follow the letters: as large on every screen.

From the top: the pointers, the marks, the line below those that were chosen.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtpy.QtCore import QPointF, QRectF
from qtpy.QtGui import QPolygonF

_NARROWEST, _WIDEST, _HIGH, _POINTER = 0.42, 1.5, 1.1, 0.24
"""In heights of a letter: a mark is as wide at least, at most, and as high; half a pointer."""

_SIDE, _GAP = 2, 2
"""Pixels on both sides of the strip, and between its parts."""


def marks_in(width: int, letter: int) -> int:
    """How many marks there is room for."""
    return max(int((width - 2 * _SIDE) / (_NARROWEST * letter)), 1)


def height_for(letter: int) -> int:
    """How high the strip is."""
    return round((_HIGH + 2 * _POINTER) * letter) + 5 * _GAP


@dataclass(frozen=True)
class Places:
    """The places of some marks.

    Parameters
    ----------
    width
        Of the strip.
    letter
        The height of a letter.
    count
        The number of marks.
    """

    width: int
    letter: int
    count: int

    @property
    def pitch(self) -> float:
        """From a mark to the next."""
        room = max(self.width - 2 * _SIDE, 1)
        return min(room / max(self.count, 1), _WIDEST * self.letter)

    def room(self, mark: int) -> QRectF:
        """Where a mark is drawn."""
        gap = min(max(self.pitch / 6, 1.0), 4.0)
        left = _SIDE + mark * self.pitch + gap / 2
        top = 2 * _POINTER * self.letter + 2 * _GAP
        return QRectF(left, top, self.pitch - gap, _HIGH * self.letter)

    def pointer(self, mark: int) -> QPolygonF:
        """A triangle that points at a mark from above."""
        room, half = self.room(mark), _POINTER * self.letter
        x, tip = room.center().x(), room.top() - _GAP
        top = tip - 1.6 * half
        return QPolygonF([QPointF(x - half, top), QPointF(x + half, top), QPointF(x, tip)])

    def below(self, first: int, end: int) -> QRectF:
        """A line below the marks from one to before another."""
        left, width = _SIDE + first * self.pitch, (end - first) * self.pitch
        return QRectF(left, self.room(first).bottom() + _GAP, width, _GAP)

    def mark_at(self, place: QPointF) -> int | None:
        """The mark at a place; None beside all of them."""
        mark = int((place.x() - _SIDE) // self.pitch)
        return mark if 0 <= mark < self.count else None
