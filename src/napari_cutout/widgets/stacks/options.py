"""The options of a run: which control each field of theirs has; some may be left open."""

from __future__ import annotations

from dataclasses import replace
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from qtpy.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QSizePolicy,
    QSpinBox,
    QWidget,
)
from superqt.utils import signals_blocked

from napari_cutout.widgets.option_rows import OptionRows
from napari_cutout.widgets.stacks.tabbing import tab_after

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPEN = "not set"
_DECIMALS = 3
_USUAL, _STEPPERS = "00000000", 56
"""As much of a number as is always seen, and pixels of what is beside it."""

_LOWS = (-1e9, 0.0, 1.0)
_HIGHS = (1e10, 1e6, 1.0)
_HIGHS_WHOLE = (2**31 - 1, 1_000_000, 1)
"""Ends of ranges, the farthest first. Which of them hold is said by the options, which check
themselves; of whole numbers Qt takes no larger ones."""


class Number(QDoubleSpinBox):
    """A number without zeros at its end: pixels are counted in the same way as shares."""

    def textFromValue(self, value: float) -> str:
        """``"0.05"``, ``"25000000"``."""
        text = super().textFromValue(value)
        point = self.locale().decimalPoint()
        return text.rstrip("0").removesuffix(point) if point in text else text


class RunOptions(OptionRows):
    """A section with the options of one kind of run."""

    def _make(self, options: Any) -> None:
        super()._make(options)
        tab_after(self.toggleButton(), self.controls.values())

    def _make_controls(self, options: Any) -> Iterator[tuple[str, QWidget | None]]:
        usual = _usual(options)
        for name, hint in get_type_hints(type(options)).items():
            control = self._control(name, hint)
            if isinstance(control, QAbstractSpinBox):
                with signals_blocked(control):
                    control.setRange(*limits(usual, name, control))
            yield name, control

    def _control(self, name: str, hint: Any) -> QWidget | None:
        """A control for a kind of value; none for what isn't a number, a switch or a choice."""
        may_be_open = NoneType in get_args(hint)
        kinds = [kind for kind in get_args(hint) or (hint,) if kind is not NoneType]
        if get_origin(hint) is Literal:
            box = QComboBox()
            for word in get_args(hint):
                box.addItem(str(word).replace("_", " "), word)
            box.activated.connect(lambda _place: self.changed.emit(name, box.currentData()))
            return box
        if kinds == [bool]:
            switch = QCheckBox()
            switch.toggled.connect(lambda on: self.changed.emit(name, on))
            return switch
        if kinds not in ([int], [float]):
            return None
        number = QSpinBox() if kinds == [int] else Number()
        number.setSpecialValueText(_OPEN if may_be_open else "")
        if isinstance(number, QDoubleSpinBox):
            number.setDecimals(_DECIMALS)
            number.setSingleStep(0.05)
        number.setKeyboardTracking(False)
        # As wide as there is room, whatever the largest number is.
        number.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        number.setMinimumWidth(number.fontMetrics().horizontalAdvance(_USUAL) + _STEPPERS)
        number.valueChanged.connect(
            lambda value: self.changed.emit(name, value or None if may_be_open else value)
        )
        return number


def limits(usual: Any, name: str, control: QSpinBox | QDoubleSpinBox) -> tuple[Any, Any]:
    """What a number may be, as far as its options take it.

    Parameters
    ----------
    usual
        Options that are all right.
    name
        Of the number.
    control
        Where a value may be left open, the lowest number of it stands for that: 0.
    """
    kind = int if isinstance(control, QSpinBox) else float
    highs = _HIGHS_WHOLE if kind is int else _HIGHS
    low = next((kind(end) for end in _LOWS if _takes(usual, name, kind(end))), kind(0))
    high = next((kind(end) for end in highs if _takes(usual, name, kind(end))), kind(highs[0]))
    return (kind(0) if control.specialValueText() else low), high


def _takes(usual: Any, name: str, value: float) -> bool:
    try:
        replace(usual, **{name: value})
    except ValueError:
        return False
    return True


def _usual(options: Any) -> Any:
    """Options of the same kind, of which no value is in the way of another."""
    try:
        return type(options)()
    except TypeError:  # some have no default
        return options
