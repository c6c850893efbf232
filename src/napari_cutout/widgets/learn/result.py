"""What came of a training: how good it is, and a button that goes on with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QWidget

from napari_cutout.widgets.controls import Button, small_label
from napari_cutout.widgets.layouts import column, group, row

if TYPE_CHECKING:
    from napari_cutout.layers.learning.learning import Learning

_USED = "the model of Cut Out now"


class Result(QWidget):
    """A group that is seen when something was trained."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = small_label()
        self.text.setToolTip("How good the trained model is")
        self.file = small_label()
        self.use = Button("Use it (&X)", "Make it the model of Cut Out")
        self.back = Button("Go bac&k", "Take the model again that Cut Out had before")
        column(self, group("Trained", self.text, self.file, row(self.use, self.back)))
        self.hide()

    def show_learning(self, learning: Learning) -> None:
        """Show what was trained last."""
        outcome = learning.outcome
        self.setVisible(outcome is not None and not learning.is_running)
        if outcome is None:
            return
        self.text.setText(outcome.text)
        used = f": {_USED}" if learning.is_used else ""
        self.file.setText(f"{outcome.path.name}{used}")
        self.file.setToolTip(str(outcome.path))
        self.use.setEnabled(learning.session is not None and not learning.is_used)
        self.back.setEnabled(learning.can_go_back)
