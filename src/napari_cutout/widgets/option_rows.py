"""A foldable section with a row for each field of some options.

What the fields mean is said where they are defined; that is what the tooltips show. Which control
a field has is said in the rooms that use these.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QWidget
from superqt.utils import signals_blocked

from napari_cutout.widgets.controls import Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class OptionRows(Section):
    """The section.

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
            self._make(options)
        for name, control in self.controls.items():
            with signals_blocked(control):
                _show(control, getattr(options, name))

    def _make_controls(self, options: Any) -> Iterator[tuple[str, QWidget | None]]:
        """The fields and their controls; None for what no control is for."""
        raise NotImplementedError

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
        for name, control in self._make_controls(options):
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
        if self.isExpanded():
            self.expand(animate=False)


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


def _show(control: QWidget, value: Any) -> None:
    if isinstance(control, QCheckBox):
        control.setChecked(value)
    elif isinstance(control, QComboBox):
        control.setCurrentIndex(control.findData(value))
    else:
        shown = control.minimum() if value is None else value
        if control.value() != shown:
            control.setValue(shown)
