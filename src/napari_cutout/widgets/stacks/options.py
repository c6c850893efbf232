"""The options of a run: a row for each field of their dataclass; some may be left open.

What they mean is said where they are defined; that is what their tooltips show.
"""

from __future__ import annotations

from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QSpinBox,
    QWidget,
)
from superqt.utils import signals_blocked

from napari_cutout.widgets.controls import Section
from napari_cutout.widgets.everything.options import parameter_tips
from napari_cutout.widgets.stacks.tabbing import tab_after

_LARGEST = 1_000_000
_OPEN = "not set"


class RunOptions(Section):
    """A section with the options of one kind of run.

    Parameters
    ----------
    title
        With a mnemonic.
    tip
        What is in it.

    Signals
    -------
    changed
        The name of an option and the value that the person gave it.
    """

    changed = Signal(str, object)

    def __init__(self, title: str, tip: str) -> None:
        super().__init__(title, tip)
        self._kind: type[Any] | None = None
        self._form: QWidget | None = None
        self.controls: dict[str, QWidget] = {}

    def show_options(self, options: Any) -> None:
        """Show the options; nobody is told."""
        if type(options) is not self._kind:
            self._make(type(options))
        for name, control in self.controls.items():
            with signals_blocked(control):
                _show(control, getattr(options, name))

    def _make(self, kind: type[Any]) -> None:
        self._kind = kind
        if self._form is not None:
            self.content().layout().removeWidget(self._form)
            self._form.deleteLater()
        tips = parameter_tips(kind)
        self._form, self.controls = QWidget(), {}
        form = QFormLayout(self._form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(4)
        for name, hint in get_type_hints(kind).items():
            control = self._control(name, hint)
            if control is None:
                continue
            control.setToolTip(tips.get(name, name))
            control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.controls[name] = control
            label = QLabel(name.replace("_", " "))
            label.setToolTip(control.toolTip())
            label.setBuddy(control)
            form.addRow(label, control)
        self.addWidget(self._form)
        tab_after(self.toggleButton(), self.controls.values())
        if self.isExpanded():
            self.expand(animate=False)

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
        number = QSpinBox() if kinds == [int] else QDoubleSpinBox()
        # Where a value may be left open, 0 stands for that.
        number.setRange(0, _LARGEST)
        number.setSpecialValueText(_OPEN if may_be_open else "")
        if isinstance(number, QDoubleSpinBox):
            number.setDecimals(3)
            number.setSingleStep(0.05)
        number.setKeyboardTracking(False)
        number.setMinimumWidth(96)
        number.valueChanged.connect(
            lambda value: self.changed.emit(name, value or None if may_be_open else value)
        )
        return number


def _show(control: QWidget, value: Any) -> None:
    if isinstance(control, QCheckBox):
        control.setChecked(value)
    elif isinstance(control, QComboBox):
        control.setCurrentIndex(control.findData(value))
    else:
        shown = control.minimum() if value is None else value
        if control.value() != shown:
            control.setValue(shown)
