"""What the marks of a strip stand for, how many there are of each, and the way to the next.

A button for each state that occurs: nobody has to aim at a narrow mark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QSize, Qt, Signal
from qtpy.QtGui import QPalette
from qtpy.QtWidgets import QWidget
from superqt import QFlowLayout

from napari_cutout.widgets.controls import Button
from napari_cutout.widgets.stacks.pooling import STATES, counted
from napari_cutout.widgets.stacks.symbols import symbol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TEXTS = {
    "embedded": "The embedding of these frames is in the store: prompts are answered at once",
    "found": "All objects of these frames were looked for",
    "linked": "The same objects have the same ids here as in the frames before",
    "carried": "Objects were carried here from another frame",
    "corrected": "A person cut an object out here, or corrected it: it is carried from here",
    "stopped": "An object was carried no further; the tooltip of the mark says why",
    "failed": "These frames couldn't be read or worked on; the tooltip of the mark says why",
}


class Legend(QWidget):
    """The buttons.

    Signals
    -------
    asked
        The state whose next frame the person wants to see.
    """

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[str, Button] = {}
        for state in filter(None, STATES):
            self.buttons[state] = self._button(state)
        self._lines = QFlowLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setHorizontalSpacing(4)
        self._lines.setVerticalSpacing(4)
        self._shown: list[str] = []
        self._draw()

    def show_codes(self, codes: NDArray[np.uint8]) -> None:
        """Show how many frames there are of each state."""
        numbers = counted(codes)
        for state, button in self.buttons.items():
            button.setText(f"{numbers.get(state, 0):,} {state}")
        self._lay_out([state for state in self.buttons if state in numbers])

    def changeEvent(self, event: QEvent) -> None:
        """Draw the symbols anew in another theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.PaletteChange):
            self._draw()

    def _button(self, state: str) -> Button:
        button = Button("", f"{TEXTS[state]}. Click for the next one")
        button.setParent(self)
        button.setIconSize(QSize(14, 14))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.asked.emit(state))
        button.hide()
        return button

    def _lay_out(self, shown: list[str]) -> None:
        """Put the buttons of some states in their place; hidden ones would leave gaps."""
        if shown == self._shown:
            return
        for state in self._shown:
            self._lines.removeWidget(self.buttons[state])
        for state, button in self.buttons.items():
            button.setVisible(state in shown)
            if state in shown:
                self._lines.addWidget(button)
        self._shown = shown
        # The layout doesn't see by itself that its first line came, or its last one went.
        self._lines.invalidate()
        self.updateGeometry()

    def _draw(self) -> None:
        for state, button in self.buttons.items():
            palette = button.palette()
            ground = palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Button)
            text = palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.ButtonText)
            button.setIcon(symbol(state, ground, text))
