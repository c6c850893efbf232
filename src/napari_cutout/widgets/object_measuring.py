"""Measuring objects while the window stays free: how far it is, and a button that stops it.

What is measured is the session's matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QWidget

from napari_cutout.widgets.controls import Button, progress_bar
from napari_cutout.widgets.layouts import row
from napari_cutout.widgets.long_work import LongWork

if TYPE_CHECKING:
    from napari_cutout.layers.measured import Measuring


class MeasuringRow(QWidget):
    """A progress bar and a button, shown while something is measured.

    Signals
    -------
    done
        The work, when all was measured.
    said
        What happened instead, in words.
    failed
        An exception about what was given.
    changed
        It began or ended.
    """

    done = Signal(object)
    said = Signal(str)
    failed = Signal(object)
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.progress = progress_bar("How far measuring is")
        self.cancel = Button("Cancel", "Stop measuring; nothing is written")
        self.setLayout(row(self.progress, self.cancel))
        self.hide()
        self._work = LongWork(self)
        self._work.advanced.connect(self.progress.setValue)
        self._work.done.connect(self.done)
        self._work.failed.connect(self.failed)
        self._work.ended.connect(self._on_ended)
        self.cancel.clicked.connect(self._on_cancel)

    @property
    def is_running(self) -> bool:
        """Whether something is being measured."""
        return self._work.is_running

    def begin(self, work: Measuring) -> None:
        """Measure."""
        self._work.begin(work)
        self.progress.setRange(0, max(len(work), 1))
        self.progress.setValue(0)
        self.show()
        self.changed.emit()

    def stop(self) -> None:
        """Measure no further."""
        self._work.cancel()

    def _on_cancel(self) -> None:
        self.stop()
        self.said.emit("Measuring was cancelled; nothing was written.")

    def _on_ended(self) -> None:
        self.hide()
        self.changed.emit()
