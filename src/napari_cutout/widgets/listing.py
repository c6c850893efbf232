"""Files or images as a table for Qt, of which one is shown: drawn when it is looked at.

What stands in the cells is said in folder_list.py and browse_list.py.
"""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, QSize, Qt
from qtpy.QtGui import QFont, QFontMetrics
from qtpy.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTreeView, QWidget


class Listing(QAbstractTableModel):
    """A row for each. It asks what it lists when it is drawn, and keeps nothing."""

    TITLES: tuple[str, ...] = ()

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._listed: Any = None
        self._count = 0

    def show_listed(self, listed: Any) -> None:
        """List something else, or nothing."""
        self.beginResetModel()
        self._listed = listed
        self._count = 0 if listed is None else self._length(listed)
        self.endResetModel()

    def refresh(self) -> None:
        """Draw the cells again; rows may have come and gone."""
        listed = self._listed
        if listed is not None and self._length(listed) != self._count:
            self.show_listed(listed)
        elif self._count:
            self.dataChanged.emit(self.index(0, 0), self.index(self._count - 1, self._last))

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """The number of rows."""
        return 0 if parent is not None and parent.isValid() else self._count

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """The number of titles."""
        return 0 if parent is not None and parent.isValid() else len(self.TITLES)

    def headerData(self, section: int, orientation: Any, role: int = 0) -> Any:
        """The titles."""
        is_title = orientation == Qt.Orientation.Horizontal
        return self.TITLES[section] if is_title and role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: QModelIndex, role: int = 0) -> Any:
        """What stands in a cell."""
        listed, row = self._listed, index.row()
        if listed is None or row >= self._length(listed):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(listed, row, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(listed, row)
        if role == Qt.ItemDataRole.FontRole and self._is_shown(listed, row):
            return _bold()
        if role == Qt.ItemDataRole.SizeHintRole:
            letters, text = QFontMetrics(_bold()), self._text(listed, row, index.column())
            return QSize(letters.horizontalAdvance(f"{text}MM"), round(1.5 * letters.height()))
        return None

    @property
    def _last(self) -> int:
        return len(self.TITLES) - 1

    def _length(self, listed: Any) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def _text(self, listed: Any, row: int, column: int) -> str:
        """What stands in a cell."""
        raise NotImplementedError

    def _tip(self, listed: Any, row: int) -> str:
        """What is said of a row besides."""
        raise NotImplementedError

    def _is_shown(self, listed: Any, row: int) -> bool:
        """Whether a row is the one that is shown."""
        raise NotImplementedError


class ListView(QTreeView):
    """Such a table on the screen: the first column takes the room that there is."""

    def __init__(self, table: Listing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(table)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setMinimumHeight(6 * self.fontMetrics().lineSpacing())
        header = self.header()
        header.setStretchLastSection(False)
        # As wide as what is in view, for which alone the cells are asked.
        header.setResizeContentsPrecision(0)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)


def _bold() -> QFont:
    font = QApplication.font()
    font.setBold(True)
    return font
