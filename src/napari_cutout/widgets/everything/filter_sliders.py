"""A slider below the histogram of what it is about: the least, the most, or a range.

Which there are is in filters.py.
"""

from __future__ import annotations

import numpy as np
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QLabel, QSlider, QWidget
from superqt.utils import signals_blocked

from napari_cutout.widgets.everything.histogram import Histogram
from napari_cutout.widgets.layouts import column, row
from napari_cutout.widgets.range_sliders import PAGE, STEPS, RangeSlider


class Least(QWidget):
    """A slider for the least value of a quantity.

    Signals
    -------
    changed
        The person moved it.

    Parameters
    ----------
    title
        With a mnemonic.
    tip
        What the quantity is.
    high
        The right end; the left one is 0.
    most
        Whether it is for the largest value: the part to the left is kept.
    """

    changed = Signal()

    def __init__(self, title: str, tip: str, high: float = 1.0, *, most: bool = False) -> None:
        super().__init__()
        self._least_high, self._high, self._most = high, high, most
        self._value = high if most else 0.0
        # Whole steps: the sliders for floats take no keys.
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(PAGE)
        self.histogram, self.value_text = Histogram(), QLabel()
        _set_up(self, title, tip, self.slider)
        self.show_values(())
        self.slider.valueChanged.connect(self._on_slider)

    @property
    def value(self) -> float:
        """Where it stands; at its end everything is kept."""
        return self._value

    @value.setter
    def value(self, value: float) -> None:
        self._value = value
        self._show()

    def show_values(self, values: object) -> None:
        """Show the quantity of all objects."""
        numbers = np.asarray(values, float)
        self._high = max(self._least_high, float(numbers.max(initial=0.0)))
        self.histogram.show_values(numbers, 0.0, self._high)
        self._show()

    def _on_slider(self, place: int) -> None:
        self._value = round(place / STEPS * self._high, 4)
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        with signals_blocked(self.slider):
            self.slider.setValue(round(self._value / self._high * STEPS))
        kept = (-np.inf, self._value) if self._most else (self._value, np.inf)
        self.histogram.show_kept(*kept)
        sign = "≤" if self._most else "≥"
        is_any = self._value >= self._least_high if self._most else self._value <= 0
        self.value_text.setText("any" if is_any else f"{sign} {self._value:.2f}")


class AreaRange(QWidget):
    """A slider with two ends for the area, which goes up in ratios rather than steps.

    Signals
    -------
    changed
        The person moved it.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.slider = RangeSlider(Qt.Orientation.Horizontal)
        self.histogram, self.value_text = Histogram(), QLabel()
        tip = "Pixels of an object, from the least to the most; the arrow keys move the left end, "
        _set_up(self, "Are&a", tip + "with Shift the right one", self.slider)
        self.show_values(())
        self.slider.valueChanged.connect(self._on_value)

    @property
    def value(self) -> tuple[float, float | None]:
        """Pixels at least, and at most; None where the right end is not used."""
        first, last = self.slider.value()
        low = 0.0 if first <= self.slider.minimum() else float(np.round(np.exp(first)))
        return low, None if last >= self.slider.maximum() else float(np.round(np.exp(last)))

    @value.setter
    def value(self, value: tuple[float, float | None]) -> None:
        low, high = value
        ends = self.slider.minimum(), self.slider.maximum()
        first = ends[0] if low <= 0 else float(np.log(low))
        last = ends[1] if high is None else float(np.log(max(high, 1)))
        with signals_blocked(self.slider):
            self.slider.setValue((np.clip(first, *ends), np.clip(last, *ends)))
        self._show()

    def show_values(self, values: object) -> None:
        """Show the areas of all objects."""
        logs = np.log(np.maximum(np.asarray(values, float), 1))
        low = float(logs.min()) if logs.size else 0.0
        high = float(logs.max()) if logs.size else 1.0
        high = max(high, low + 0.1)
        kept = self.value
        with signals_blocked(self.slider):
            self.slider.setRange(low, high)
        self.histogram.show_values(logs, low, high)
        self.value = kept

    def _on_value(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        self.histogram.show_kept(*self.slider.value())
        low, high = self.value
        match low > 0, high is not None:
            case False, False:
                text = "any"
            case True, False:
                text = f"≥ {low:,.0f} px"
            case False, True:
                text = f"≤ {high:,.0f} px"
            case _:
                text = f"{low:,.0f} to {high:,.0f} px"
        self.value_text.setText(text)


def _set_up(whole: QWidget, title: str, tip: str, slider: QWidget) -> None:
    """Lay out a title and what is kept, the histogram, and the slider that it belongs to."""
    label = QLabel(title)
    label.setBuddy(slider)
    label.setToolTip(tip)
    slider.setToolTip(tip)
    slider.setAccessibleName(title.replace("&", ""))
    slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    whole.value_text.setAccessibleName(f"{title.replace('&', '')}, what is kept")
    named = row(label, None, whole.value_text)
    column(whole, named, whole.histogram, slider, spacing=0)
