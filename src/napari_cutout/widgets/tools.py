"""What the mouse does: a row of tools, and what to do with the one that is chosen.

Keys and gestures are written here, for whoever doesn't know them.
"""

from __future__ import annotations

from dataclasses import dataclass

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_cutout.widgets.controls import Button, keep_lines, small_label
from napari_cutout.widgets.layouts import row


@dataclass(frozen=True)
class ToolButton:
    """A tool of a session.

    Parameters
    ----------
    tool
        As :meth:`.Session.use` takes it; its icon has the same name.
    name
        In a word or two.
    gesture
        What to do on the canvas.
    """

    tool: str
    name: str
    gesture: str


TOOL_BUTTONS = (
    ToolButton("points", "Points", "click inside an object."),
    ToolButton("boxes", "Boxes", "drag a box around an object. Several boxes, several objects."),
    ToolButton("ellipses", "Ellipses", "drag an ellipse around an object."),
    ToolButton("polygons", "Polygons", "click the corners around an object; Esc or a double "
               "click ends it."),
    ToolButton("lasso", "Lasso", "drag around an object."),
    ToolButton("scribbles", "Scribbles", "drag a stroke along the inside of an object."),
    ToolButton("pick", "Pick", "click an object that is in the labels already, to refine it."),
)  # fmt: skip

_BRUSHES = {
    "paint": "Brush: paint into the preview.",
    "erase": "Eraser: erase from the preview.",
}
_IN_LABELS = {
    "paint": "Brush: paint into the labels. M takes a new id.",
    "erase": "Eraser: erase from the labels.",
}
_NAPARI = "The mouse does what napari's controls say. Choose a tool for prompts."


class Tools(QWidget):
    """The row of tools.

    Signals
    -------
    tool_chosen
        The name of a tool.
    """

    tool_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons = {
            known.tool: Button(
                "",
                f"{known.name}: {known.gesture.rstrip('.')}",
                icon=known.tool,
                checkable=True,
                shortcut=f"Alt+{place}",
            )
            for place, known in enumerate(TOOL_BUTTONS, 1)
        }
        for known in TOOL_BUTTONS:
            button = self.buttons[known.tool]
            button.setAccessibleName(known.name)
            button.setMinimumWidth(28)
            button.clicked.connect(self._on_clicked)
        self.hint = small_label()
        self.hint.setToolTip("What the mouse does on the canvas")
        keep_lines(self.hint, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        buttons = row(*self.buttons.values())
        buttons.setSpacing(4)
        column.addLayout(buttons)
        column.addWidget(self.hint)
        self.show_tool(None)

    def show_tool(
        self, tool: str | None, brush: str | None = None, in_labels: bool = False
    ) -> None:
        """Show what the mouse does: a tool, a brush, or something of napari's.

        A brush is one on the preview, unless it is said that it is one in the labels.
        """
        for name, button in self.buttons.items():
            button.setChecked(name == tool)
        hints = {known.tool: f"{known.name}: {known.gesture}" for known in TOOL_BUTTONS}
        brushes = _IN_LABELS if in_labels else _BRUSHES
        self.hint.setText((hints | brushes).get(tool or brush or "", _NAPARI))

    def _on_clicked(self) -> None:
        chosen = next(name for name, button in self.buttons.items() if button is self.sender())
        self.tool_chosen.emit(chosen)
