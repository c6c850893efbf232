"""The files of a series as a table for Qt: their names, and what there is to say about each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, QSize, Qt
from qtpy.QtGui import QFont, QFontMetrics
from qtpy.QtWidgets import QApplication

if TYPE_CHECKING:
    from napari_cutout.layers.series.folder_session import FolderSession

_TITLES = ("File", "State")


class FileTable(QAbstractTableModel):
    """A row for each file. It asks the folder session when it is drawn, and keeps nothing."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._folder: FolderSession | None = None
        self._count = 0

    def show_folder(self, folder: FolderSession | None) -> None:
        """Show another series, or none."""
        self.beginResetModel()
        self._folder = folder
        self._count = 0 if folder is None else len(folder.series)
        self.endResetModel()

    def refresh(self) -> None:
        """Draw the states again; files may have come and gone."""
        folder = self._folder
        if folder is not None and len(folder.series) != self._count:
            self.show_folder(folder)
        elif self._count:
            self.dataChanged.emit(self.index(0, 0), self.index(self._count - 1, 1))

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """The number of files."""
        return 0 if parent is not None and parent.isValid() else self._count

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """File and state."""
        return 0 if parent is not None and parent.isValid() else len(_TITLES)

    def headerData(self, section: int, orientation: Any, role: int = 0) -> Any:
        """The titles."""
        is_title = orientation == Qt.Orientation.Horizontal
        return _TITLES[section] if is_title and role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: QModelIndex, role: int = 0) -> Any:
        """What stands in a cell."""
        folder = self._folder
        if folder is None or index.row() >= len(folder.series):
            return None
        path = folder.series.paths[index.row()]
        text = folder.series.name(path) if index.column() == 0 else _state(folder, path)
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return folder.problems.get(path, str(path))
        if role == Qt.ItemDataRole.FontRole and path == folder.path:
            return _bold()
        if role == Qt.ItemDataRole.SizeHintRole:
            letters = QFontMetrics(_bold())
            return QSize(letters.horizontalAdvance(f"{text}MM"), round(1.5 * letters.height()))
        return None


def _state(folder: FolderSession, path: Any) -> str:
    """In words, each with its sign, and never by colour."""
    words = {
        "▶ shown": path == folder.path,
        "✓ done": folder.series.is_done(path),
        "✗ can't be read": path in folder.problems,
    }
    return ", ".join(word for word, holds in words.items() if holds)


def _bold() -> QFont:
    font = QApplication.font()
    font.setBold(True)
    return font
