"""What the widgets share with which a person goes through images one by one: what is said of it.

Which images, and what becomes of them, is up to each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.utils.notifications import show_warning
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QSizePolicy

from napari_cutout.widgets.controls import keep_lines, small_label
from napari_cutout.widgets.docked import Docked

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

    from napari_cutout.layers.files.browsing import Browser
    from napari_cutout.layers.series.folder_session import FolderSession

    Tip = tuple[QWidget, str, str]

_LINES = 4


class OneByOne(Docked):
    """A widget with a line for where one is, and some for what happened."""

    nothing = ""
    """What is said while no images are chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._progress, self._status = QLabel(self), small_label()
        self._status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        keep_lines(self._status, _LINES)

    @property
    def gone_through(self) -> Browser | FolderSession | None:
        """The images; None until some were chosen."""
        raise NotImplementedError

    @property
    def status(self) -> str:
        """What the status line says."""
        return self._status.text()

    @property
    def progress(self) -> str:
        """What is said of where one is."""
        return self._progress.text()

    def show_status(self, text: str) -> None:
        """Say what happened, and what to do next."""
        self._status.setText(text or self.nothing)

    def _describe(self, *tips: Tip) -> None:
        """Say of each control what it is called and what it does."""
        said = (self._status, "Status", "What happened, and what to do next")
        for control, name, tip in (*tips, said):
            control.setToolTip(tip)
            control.setAccessibleName(name)

    def _listen_to(self, images: Browser | FolderSession) -> None:
        images.events.progress.connect(self._show_progress)
        images.events.status.connect(self._show_status)
        images.events.busy.connect(self._show_busy)

    def _report(self, error: Exception) -> None:
        self.show_status(str(error))
        show_warning(str(error))

    def _show_progress(self) -> None:
        self.show_progress(self.gone_through)

    def _show_busy(self) -> None:
        if self.gone_through is not None and self.gone_through.busy:
            self.show_status(f"{self.gone_through.busy} ...")

    def _show_status(self) -> None:
        self.show_status("" if self.gone_through is None else self.gone_through.status)
