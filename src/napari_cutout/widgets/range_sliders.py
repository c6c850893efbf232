"""Sliders with two ends that the keyboard moves: the left one, and with Shift the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from superqt import QDoubleRangeSlider, QRangeSlider

if TYPE_CHECKING:
    from qtpy.QtGui import QKeyEvent

STEPS, PAGE = 200, 10
"""Of a slider between its ends: the arrow keys take one, Page Up and Down more."""

_KEYS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_PageDown: -PAGE,
    Qt.Key.Key_PageUp: PAGE,
}
_TO_THE_END = {Qt.Key.Key_Home: -STEPS, Qt.Key.Key_End: STEPS}


class _MovedByKeys:
    """What the keys do to a slider of superqt, which does nothing for them."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move an end."""
        change = self._change_by(event.key())
        if change is None:
            event.ignore()
            return
        low, high = self.value()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            high = min(max(high + change, low), self.maximum())
        else:
            low = max(min(low + change, high), self.minimum())
        self.setValue((low, high))

    def _change_by(self, key: int) -> float | None:
        """How far an end goes; None for a key that is for others."""
        raise NotImplementedError


class FrameSlider(_MovedByKeys, QRangeSlider):
    """A slider for frames: a key moves an end by one or by ten."""

    def _change_by(self, key: int) -> int | None:
        return _KEYS.get(key)


class RangeSlider(_MovedByKeys, QDoubleRangeSlider):
    """A slider for numbers: a key moves an end by a step, by ten, or all the way."""

    def _change_by(self, key: int) -> float | None:
        steps = (_KEYS | _TO_THE_END).get(key)
        return None if steps is None else steps * (self.maximum() - self.minimum()) / STEPS
