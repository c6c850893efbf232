"""Frames along one axis: from where to where, and every how many.

The numbers are the ones that napari's sliders show, both ends belong to the range. Several axes are
put together in ranges.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QCheckBox, QGridLayout, QLabel, QSpinBox, QWidget
from superqt.utils import signals_blocked

from napari_cutout.widgets.controls import number_width
from napari_cutout.widgets.layouts import row
from napari_cutout.widgets.range_sliders import FrameSlider

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NARROW = "min-width: 0px; padding: 1px 2px;"
"""napari's style asks for more room around numbers than three of them have in a line."""


@dataclass(frozen=True)
class Range:
    """Some places of an axis: both ends belong to it.

    Parameters
    ----------
    first, last
        From 0.
    step
        At least 1.
    """

    first: int
    last: int
    step: int = 1

    def within(self, length: int) -> Range:
        """The same, on an axis of another length."""
        last = min(self.last, length - 1)
        return Range(min(self.first, last), last, self.step)


def chosen(lengths: Sequence[int], ranges: Sequence[Range]) -> NDArray[np.bool_]:
    """Which frames of a stack are meant, the last axis fastest. O(frames).

    Parameters
    ----------
    lengths
        Of each axis.
    ranges
        One for each axis.

    Returns
    -------
    ndarray
        ``(N,)`` bool, N the product of the lengths.
    """
    meant = np.zeros(tuple(lengths), bool)
    meant[tuple(slice(one.first, one.last + 1, one.step) for one in ranges)] = True
    return meant.reshape(-1)


class AxisRange(QWidget):
    """The range of one axis.

    Signals
    -------
    changed
        The person chose another one.
    along_changed
        The person wants this axis to be gone along, or not to be.
    """

    changed = Signal()
    along_changed = Signal(bool)

    def __init__(self, name: str, length: int) -> None:
        super().__init__()
        self.name, self.length = name, length
        self.along = QCheckBox(name)
        self.slider = FrameSlider(Qt.Orientation.Horizontal)
        self.first, self.last, self.step = QSpinBox(), QSpinBox(), QSpinBox()
        self._set_up()
        self._lay_out()
        self.show_range(Range(0, length - 1))
        self.slider.valueChanged.connect(self._on_slider)
        for box in (self.first, self.last, self.step):
            box.valueChanged.connect(self._on_box)
        self.along.clicked.connect(self.along_changed)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """In the order in which they are read."""
        return (self.along, self.slider, self.first, self.last, self.step)

    @property
    def is_all(self) -> bool:
        """Whether all frames are chosen."""
        return self.range == Range(0, self.length - 1)

    def show_along(self, on: bool, *, may_choose: bool) -> None:
        """Show whether the axis is gone along, and whether that may be chosen."""
        self.along.setChecked(on)
        self.along.setVisible(may_choose)
        self._name.setVisible(not may_choose)
        self._boxes.setVisible(on)
        self.slider.setEnabled(on)

    @property
    def range(self) -> Range:
        """What is chosen."""
        return Range(self.first.value(), self.last.value(), self.step.value())

    def show_range(self, value: Range) -> None:
        """Choose a range; nobody is told."""
        boxes = (self.first, self.last, self.step)
        with signals_blocked(self.slider):
            self.slider.setValue((value.first, value.last))
        for box, number in zip(boxes, (value.first, value.last, value.step), strict=True):
            with signals_blocked(box):
                box.setValue(number)

    def _on_slider(self, ends: tuple[int, int]) -> None:
        first, last = (int(end) for end in ends)
        if (first, last) != (self.first.value(), self.last.value()):
            self.show_range(Range(first, last, self.step.value()))
            self.changed.emit()

    def _on_box(self) -> None:
        first, last = self.first.value(), self.last.value()
        # Whichever end was moved takes the other one along.
        if first > last and self.sender() is self.last:
            first = last
        self.show_range(Range(first, max(first, last), self.step.value()))
        self.changed.emit()

    def _set_up(self) -> None:
        end = max(self.length - 1, 1)
        self.slider.setRange(0, end)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider.setToolTip(
            f"The frames along {self.name}; the arrow keys move the left end, with Shift the right"
        )
        self.slider.setAccessibleName(f"Frames along {self.name}")
        self.along.setToolTip(
            f"Go along {self.name}; otherwise it stays where napari's slider of {self.name} is"
        )
        self.along.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for box, what, tip in (
            (self.first, "First", "The first frame"),
            (self.last, "Last", "The last frame"),
            (self.step, "Step", "Every how many frames; 1 for all of them"),
        ):
            box.setRange(0, self.length - 1)
            box.setKeyboardTracking(False)
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            box.setToolTip(f"{tip} along {self.name}")
            box.setAccessibleName(f"{what} along {self.name}")
            box.setStyleSheet(NARROW)
            number_width(box, str(self.length).rjust(3, "0"))
        self.step.setRange(1, max(self.length, 1))

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        self._name = QLabel(self.name)
        self._name.setToolTip(f"{self.length:,} frames")
        self._boxes = QWidget()
        boxes = (self.first, QLabel("to"), self.last, None, QLabel("every"), self.step)
        self._boxes.setLayout(row(*boxes))
        grid.addWidget(self._name, 0, 0)
        grid.addWidget(self.along, 0, 0)
        grid.addWidget(self.slider, 0, 1)
        grid.addWidget(self._boxes, 1, 0, 1, 2)
        grid.setColumnStretch(1, 1)
