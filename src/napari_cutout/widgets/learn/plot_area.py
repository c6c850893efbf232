"""Where values of a curve lie in a rectangle of the screen, and what range of them is shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtpy.QtCore import QPointF, QRectF

if TYPE_CHECKING:
    from collections.abc import Sequence

    Values = Sequence[tuple[int, float]]


@dataclass(frozen=True)
class PlotArea:
    """A rectangle with steps from left to right and values from below.

    Parameters
    ----------
    room
        The rectangle.
    last
        The step at its right; 0 is at its left.
    low, high
        The values at its bottom and its top. Alike where there are none.
    """

    room: QRectF
    last: int
    low: float
    high: float

    @property
    def has_values(self) -> bool:
        """Whether there is a range of values."""
        return self.high > self.low

    def x(self, step: float) -> float:
        """Where a step is."""
        return float(self.room.left() + self.room.width() * step / max(self.last, 1))

    def y(self, value: float) -> float:
        """Where a value is."""
        share = (value - self.low) / (self.high - self.low) if self.has_values else 0.5
        return float(self.room.bottom() - self.room.height() * min(max(share, 0), 1))

    def point(self, step: float, value: float) -> QPointF:
        """Where both are."""
        return QPointF(self.x(step), self.y(value))

    def number(self, value: float) -> str:
        """A value in as many digits as tell the ends of the range apart."""
        span = self.high - self.low
        digits = min(max(1 - math.floor(math.log10(span)), 0), 3) if self.has_values else 2
        return f"{value:.{digits}f}"


def range_of(
    values: Sequence[float], least: float = 0.0, most: float = math.inf
) -> tuple[float, float]:
    """The range that shows values with some room around them; none of it below 0.

    Parameters
    ----------
    values
        Those that are finite count.
    least
        The range is no smaller.
    most
        It goes no further up.
    """
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return 0.0, 0.0
    low, high = min(finite), max(finite)
    spare = max((high - low) * 0.15, (least - (high - low)) / 2, abs(high) * 0.02, 1e-6)
    return max(low - spare, 0.0), min(high + spare, max(most, high))


def thinned(values: Values, most: int) -> list[tuple[float, float]]:
    """No more values than that: the means of some that follow each other. NaN are left out."""
    finite = [(step, value) for step, value in values if math.isfinite(value)]
    each = -(-len(finite) // max(most, 1)) or 1
    parts = [finite[at : at + each] for at in range(0, len(finite), each)]
    return [
        (sum(step for step, _ in part) / len(part), sum(value for _, value in part) / len(part))
        for part in parts
    ]
