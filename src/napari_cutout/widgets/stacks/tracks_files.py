"""The controls that write tracks into a folder, and read them. Whoever holds them connects them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_cutout.widgets.controls import Button
from napari_cutout.widgets.layouts import column, group, row
from napari_cutout.widgets.stacks.pages import volumes_box

if TYPE_CHECKING:
    from napari_cutout.layers.stacks.stacks import Stacks


class TracksFiles(QWidget):
    """The group "Tracks".

    Signals
    -------
    open_asked, export_asked
        The folder that the person chose.
    """

    open_asked = Signal(str)
    export_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.open = Button(
            "Open tracks…",
            "Read a folder of the Cell Tracking Challenge, with man_track.txt or res_track.txt, "
            "into new labels of the chosen frames, or of the chosen planes of volumes",
        )
        self.export = Button(
            "Export tracks…",
            "Write the labels of the chosen frames, and what came of what, into a folder of the "
            "Cell Tracking Challenge",
        )
        self.volumes = volumes_box()
        self.open.clicked.connect(self._ask_what_to_open)
        self.export.clicked.connect(self._ask_where_to)
        self._folder = ""
        column(self, group("Tracks", self.volumes, row(self.open, self.export)))

    def show_stacks(self, stacks: Stacks) -> None:
        """Show what can be done now."""
        self.open.setEnabled(not stacks.is_running)
        self.export.setEnabled(not stacks.is_running and stacks.session.labels is not None)
        self.volumes.setEnabled(not stacks.is_running)

    def show_volumes(self, stacks: Stacks, *, may_choose: bool) -> None:
        """Show whether whole volumes are exported; where that is chosen elsewhere, not here."""
        self.volumes.setVisible(may_choose and bool(stacks.depth))
        self.volumes.setChecked(stacks.volumes)

    def _ask_what_to_open(self) -> None:
        folder = self._asked("A folder with man_track.txt or res_track.txt")
        if folder:
            self.open_asked.emit(folder)

    def _ask_where_to(self) -> None:
        folder = self._asked("An empty folder for the tracks")
        if folder:
            self.export_asked.emit(folder)

    def _asked(self, title: str) -> str:
        """The folder that was chosen; empty where none was."""
        folder = str(QFileDialog.getExistingDirectory(self, title, self._folder))
        self._folder = folder or self._folder
        return folder
