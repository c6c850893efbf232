"""The advanced options of "Everything": which control each field of the options of a mode has."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QCheckBox, QDoubleSpinBox, QSpinBox, QWidget

from napari_cutout.widgets.option_rows import OptionRows

if TYPE_CHECKING:
    from collections.abc import Iterator

_LARGEST = 1_000_000


class OptionsSection(OptionRows):
    """The section "Advanced"."""

    def __init__(self) -> None:
        super().__init__(
            "Ad&vanced", "The options of the chosen mode, under the names of the library"
        )

    def _make_controls(self, options: Any) -> Iterator[tuple[str, QWidget | None]]:
        for field in fields(options):
            yield field.name, self._control(field.name, getattr(options, field.name))

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
