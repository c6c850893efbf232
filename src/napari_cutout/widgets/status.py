"""The foot of the widget: what is going on in words, how far, and where it is computed."""

from __future__ import annotations

from qtpy.QtWidgets import QWidget

from napari_cutout.widgets.controls import Button, keep_lines, progress_bar, small_label
from napari_cutout.widgets.layouts import column, row


class Status(QWidget):
    """Progress, the status line, and the facts of the last encoding."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.progress = progress_bar("")
        self.progress.setRange(0, 0)
        self.cancel = Button("Cancel", "Drop the encoding under way")
        self.line = small_label()
        self.line.setToolTip("What is going on, and what to do next")
        keep_lines(self.line, 3)
        self.facts = small_label()
        self.facts.setToolTip("Where the model computes, and how long the last frame took")
        self._busy = QWidget()
        self._busy.setLayout(row(self.progress, self.cancel))
        column(self, self._busy, self.line, self.facts)
        self.show_busy("")

    def show_busy(self, text: str) -> None:
        """Show what is being done; nothing when the text is empty."""
        self.progress.setToolTip(text or "Nothing is being computed")
        self._busy.setVisible(bool(text))

    def show_facts(self, model: str, device: str, seconds: float | None, loaded: bool) -> None:
        """Show where the model computes.

        Parameters
        ----------
        model, device
            In words; no device before the model is loaded.
        seconds
            That the last encoding took; None before there was one.
        loaded
            Whether loading the model was part of it.
        """
        if not device:
            self.facts.setText(f"{model}: not loaded yet")
            return
        time = "" if seconds is None else "under 0.1 s" if seconds < 0.05 else f"{seconds:.1f} s"
        took = f"; last frame encoded in {time}" if time else ""
        note = ", with loading the model" if loaded and seconds is not None else ""
        self.facts.setText(f"{model} on {device}{took}{note}")
