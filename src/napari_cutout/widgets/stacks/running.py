"""How far a run is: the bar, the frame under way, the time that is left, pause and cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QWidget

from napari_cutout.layers.words import time_in_words
from napari_cutout.widgets.controls import Button, progress_bar, small_label
from napari_cutout.widgets.layouts import column, row

if TYPE_CHECKING:
    from napari_cutout.layers.stacks.stacks import Stacks


class Running(QWidget):
    """Shown while something runs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.progress = progress_bar("How many of the frames are done")
        self.text = small_label()
        self.text.setToolTip("How far it is")
        self.pause = Button("Pa&use", "Rest after the frame under way; what is done stays")
        self.cancel = Button("Ca&ncel", "End it; what is done stays, and is one undo step")
        bar = row(self.progress, self.pause, self.cancel)
        bar.setStretch(0, 1)
        column(self, self.text, bar)

    def show_stacks(self, stacks: Stacks, name: str) -> None:
        """Show how far it is, and in which frame."""
        done, total = stacks.progress
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.pause.setText("Go &on" if stacks.is_paused else "Pa&use")
        self.text.setText(progress_in_words(done, total, name, self._left(stacks)))
        self.setVisible(stacks.is_running)

    def _left(self, stacks: Stacks) -> str:
        if stacks.is_paused:
            return "paused"
        seconds = stacks.seconds_left
        return "" if seconds is None else f"about {time_in_words(seconds)} left"


def progress_in_words(done: int, total: int, name: str, left: str) -> str:
    """``"12 of 36 frames, at t=11, about 2 min left"``; what isn't known is left out."""
    said = [f"{done:,} of {total:,} frames" if total else "Beginning …"]
    if name:
        said.append(f"at {name}")
    return ", ".join([*said, left] if left else said)
