"""The advanced options of "Everything": a row for each field of the options of a mode.

What they mean is said where they are defined; that is what their tooltips show.
"""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QCheckBox, QDoubleSpinBox, QFormLayout, QLabel, QSpinBox, QWidget
from superqt.utils import signals_blocked

from napari_cutout.widgets.controls import Section

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST = 1_000_000


class OptionsSection(Section):
    """The section "Advanced".

    Signals
    -------
    changed
        The name of an option and the value that the person gave it.
    """

    changed = Signal(str, object)

    def __init__(self) -> None:
        super().__init__(
            "Ad&vanced", "The options of the chosen mode, under the names of the library"
        )
        self._kind: type[Any] | None = None
        self._form: QWidget | None = None
        self.controls: dict[str, QWidget] = {}

    def show_options(self, options: Any) -> None:
        """Show the options of a mode; nobody is told."""
        if type(options) is not self._kind:
            self._make(options)
        for name, control in self.controls.items():
            value = getattr(options, name)
            with signals_blocked(control):
                if isinstance(control, QCheckBox):
                    control.setChecked(value)
                elif control.value() != value:
                    control.setValue(value)

    def _make(self, options: Any) -> None:
        self._kind = type(options)
        if self._form is not None:
            self.content().layout().removeWidget(self._form)
            self._form.deleteLater()
        tips = parameter_tips(self._kind)
        self._form, self.controls = QWidget(), {}
        form = QFormLayout(self._form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(4)
        for field in fields(options):
            control = self._control(field.name, getattr(options, field.name))
            if control is None:
                continue
            control.setToolTip(tips.get(field.name, field.name))
            control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.controls[field.name] = control
            label = QLabel(field.name.replace("_", " "))
            label.setToolTip(control.toolTip())
            label.setBuddy(control)
            form.addRow(label, control)
        self.addWidget(self._form)
        if self.isExpanded():
            self.expand(animate=False)

    def _control(self, name: str, value: object) -> QWidget | None:
        """A control for a value; none for what isn't a number or a switch."""
        if isinstance(value, bool):
            switch = QCheckBox()
            switch.toggled.connect(self._teller(name))
            return switch
        if not isinstance(value, int | float):
            return None
        box = QSpinBox() if isinstance(value, int) else QDoubleSpinBox()
        box.setRange(-_LARGEST if isinstance(value, float) else 0, _LARGEST)
        if isinstance(box, QDoubleSpinBox):
            box.setDecimals(3)
            box.setSingleStep(0.05)
        box.setKeyboardTracking(False)
        box.setMinimumWidth(96)
        box.valueChanged.connect(self._teller(name))
        return box

    def _teller(self, name: str) -> Any:
        changed = self.changed
        return lambda value: changed.emit(name, value)


def parameter_tips(kind: type[Any]) -> Mapping[str, str]:
    """What the docstring of a dataclass says of each of its parameters, on one line each."""
    tips: dict[str, list[str]] = {}
    names: list[str] = []
    is_inside = False
    for line in (inspect.getdoc(kind) or "").splitlines():
        if line == "Parameters":
            is_inside = True
        elif line == "Raises":
            break
        elif is_inside and line and not line.startswith((" ", "-")):
            names = [name.strip() for name in line.split(",")]
        elif is_inside and line.startswith(" "):
            for name in names:
                tips.setdefault(name, []).append(line.strip())
    return {name: " ".join(lines).replace("`", "") for name, lines in tips.items()}
