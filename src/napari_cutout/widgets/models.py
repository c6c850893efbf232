"""The choice of a model: what is in the package and on disk, or a file."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QComboBox, QFileDialog, QWidget

from napari_cutout.sam.catalogue import catalogue
from napari_cutout.sam.download import is_on_disk

_FROM_FILE = "From file ..."
_FILTER = "Weights (*.safetensors *.pth *.pt *.bin);;All files (*)"


class ModelChoice(QComboBox):
    """A combo box of models.

    Signals
    -------
    model_changed
        The name or path that was chosen.
    """

    model_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        for row in catalogue().values():
            if is_on_disk(row):
                self.addItem(row.name, row.name)
                tip = f"{row.good_for} Licence: {row.licence}."
                self.setItemData(self.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.addItem(_FROM_FILE, _FROM_FILE)
        self._last = 0
        self.activated.connect(self._on_activated)

    @property
    def model(self) -> str | Path:
        """What is chosen."""
        return self.itemData(self._last)

    def choose_file(self, path: Path) -> None:
        """Choose a checkpoint file."""
        self.insertItem(self.count() - 1, path.name, path)
        self.setItemData(self.count() - 2, str(path), Qt.ItemDataRole.ToolTipRole)
        self.setCurrentIndex(self.count() - 2)
        self._on_activated(self.count() - 2)

    def _on_activated(self, index: int) -> None:
        if self.itemData(index) == _FROM_FILE:
            self.setCurrentIndex(self._last)
            name, _ = QFileDialog.getOpenFileName(self, "Choose weights", "", _FILTER)
            if name:
                self.choose_file(Path(name))
        elif index != self._last:
            self._last = index
            self.model_changed.emit(self.model)
