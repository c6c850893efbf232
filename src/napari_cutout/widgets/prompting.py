"""The controls of prompts: what the next one means, and when it is answered."""

from __future__ import annotations

from qtpy.QtWidgets import QLabel, QSpinBox, QWidget
from superqt.utils import signals_blocked

from napari_cutout.widgets.controls import Button, check_box, number_width, with_key
from napari_cutout.widgets.layouts import column, group, row
from napari_cutout.widgets.tools import Tools

_MOST = 999


class Prompts(QWidget):
    """The group "Prompts". Whoever holds it connects the controls."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tools = Tools(self)
        self.polarity = Button(
            "", "What the next point or scribble says about where it lies", "toggle_polarity"
        )
        self.clear = Button("Cl&ear", "Take away this frame's prompts", "clear")
        self.live = check_box("Live", "Show the mask as soon as a prompt changes; otherwise, S")
        self.live.setChecked(True)
        self.hovering = check_box(
            "&Outline",
            "Outline what a click would cut out, as the mouse moves; hold the key, or tap it",
            "toggle_hovering",
        )
        self.update_now = Button("&Segment", "Find the object for the prompts", "update")
        self.separate = check_box(
            "One object per prompt",
            "Every prompt without a number is an object of its own; one commit writes them all",
        )
        self.number = QSpinBox()
        self.number.setRange(0, _MOST)
        self.number.setSpecialValueText("\N{EN DASH}")
        self.number.setToolTip(
            "The number of the object that the next prompts belong to; prompts with the same "
            "number are one object, \N{EN DASH} is for none in particular"
        )
        number_width(self.number, "888")
        name = QLabel("Num&ber of the next object")
        name.setBuddy(self.number)
        box = group(
            "Prompts",
            self.tools,
            row(self.polarity, self.clear),
            row(self.live, self.hovering, None, self.update_now),
            self.separate,
            row(name, None, self.number),
        )
        column(self, box)
        self.show_polarity(True)

    def show_polarity(self, positive: bool) -> None:
        """Show what the next point will be."""
        word = "inside" if positive else "outside"
        text = with_key(f"Next: {word}", "toggle_polarity")
        if self.polarity.text() == text:
            return
        self.polarity.set_icon(word)
        self.polarity.setText(text)

    def show_options(self, hovering: bool, separate: bool, number: int) -> None:
        """Show the switches as they are; nobody is told."""
        self.hovering.setChecked(hovering)
        self.separate.setChecked(separate)
        if self.number.value() == number:
            return
        with signals_blocked(self.number):
            self.number.setValue(number)
