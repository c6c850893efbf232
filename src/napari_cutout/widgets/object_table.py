"""The objects of a session as a table for Qt: rows, sorting, and what changed since the last time.

What stands in its cells is in object_cells.py, how it is shown in object_view.py. It holds rows,
which are values, and no session.
"""

from __future__ import annotations

from operator import attrgetter, is_
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal
from qtpy.QtWidgets import QApplication

from napari_cutout.widgets.object_cells import (
    CLASS,
    FRAMES,
    ID,
    REVIEW,
    TIPS,
    TITLES,
    alignment,
    cell_text,
    proposed_text,
    runs,
    sorted_by,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cutout.annotate.objects import ObjectRow
    from napari_cutout.annotate.review import Decision
    from napari_cutout.layers.classes import Proposal

_FEW = 32
"""Runs of rows that come or go one by one; with more the table is shown anew."""


class ObjectRows(QAbstractTableModel):
    """A row for each object, in the order that was chosen.

    Showing other rows tells Qt only of what changed: O(objects) comparisons of identity.

    Signals
    -------
    renamed
        An id and the class that the person gave it.
    """

    renamed = Signal(int, str)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._rows: list[ObjectRow] = []
        self._place: dict[int, int] = {}
        self._decisions: Mapping[int, Decision] = {}
        self._current: int | None = None
        self._proposals: Mapping[int, Proposal] = {}
        self._column, self._down = ID, False

    @property
    def rows(self) -> Sequence[ObjectRow]:
        """What is shown, from top to bottom."""
        return self._rows

    def place_of(self, number: int) -> int | None:
        """The row of an id; None when it isn't there."""
        return self._place.get(number)

    def show_objects(
        self,
        rows: Sequence[ObjectRow],
        decisions: Mapping[int, Decision],
        current: int | None = None,
    ) -> None:
        """Show other rows.

        Parameters
        ----------
        rows
            Of the objects; one that is the same object as before is taken not to have changed.
        decisions
            Of the review.
        current
            The id that is under review.
        """
        told = self._changed_reviews(decisions, current)
        self._decisions, self._current = dict(decisions), current
        self._show_rows(self._in_order(rows))
        places = [self._place[number] for number in told if number in self._place]
        if places:
            self.dataChanged.emit(self.index(min(places), ID), self.index(max(places), REVIEW))

    def show_proposals(self, proposals: Mapping[int, Proposal]) -> None:
        """Show what is proposed for objects without a class; editing one begins with it."""
        told = self._proposals.items() ^ proposals.items()
        self._proposals = dict(proposals)
        if told and self._rows:
            last = self.index(len(self._rows) - 1, CLASS)
            self.dataChanged.emit(self.index(0, CLASS), last)

    def sort(self, column: int, order: Any = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, those without a value last."""
        self._column, self._down = max(column, ID), order == Qt.SortOrder.DescendingOrder
        self._reorder(self._in_order(self._rows))

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """The number of objects."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """The number of titles."""
        return 0 if parent is not None and parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Any, role: int = 0) -> Any:
        """The titles and what they mean."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            # The arrow of the sorting has the right end.
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return TIPS[section] if role == Qt.ItemDataRole.ToolTipRole else None

    def flags(self, index: QModelIndex) -> Any:
        """Classes can be edited."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == CLASS else flags

    def data(self, index: QModelIndex, role: int = 0) -> Any:
        """What stands in a cell."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.EditRole:
            return self._class_to_edit(row) if column == CLASS else self._text(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment(column)
        if role == Qt.ItemDataRole.FontRole and row.id == self._current:
            return _bold()
        if role == Qt.ItemDataRole.FontRole and column == CLASS and self._proposed(row):
            return _italic()
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._text(row, column) if column in (CLASS, FRAMES, REVIEW) else row.model
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = 2) -> bool:
        """Tell of a class that was typed. The row changes when the session says so."""
        if role != Qt.ItemDataRole.EditRole or index.column() != CLASS:
            return False
        row = self._rows[index.row()]
        name = str(value).strip()
        if name != row.class_name:
            self.renamed.emit(row.id, name)
        return True

    def _proposed(self, row: ObjectRow) -> Proposal | None:
        return None if row.class_name else self._proposals.get(row.id)

    def _class_to_edit(self, row: ObjectRow) -> str:
        proposed = self._proposed(row)
        return row.class_name if proposed is None else proposed.name

    def _text(self, row: ObjectRow, column: int) -> str:
        proposed = self._proposed(row) if column == CLASS else None
        if proposed is not None:
            return proposed_text(proposed)
        return cell_text(row, column, self._decisions.get(row.id), row.id == self._current)

    def _changed_reviews(
        self, decisions: Mapping[int, Decision], current: int | None
    ) -> set[int | None]:
        before = self._decisions
        told = {number for number, word in decisions.items() if before.get(number) != word}
        told.update(before.keys() - decisions.keys())
        return told | ({current, self._current} if current != self._current else set())

    def _in_order(self, rows: Sequence[ObjectRow]) -> list[ObjectRow]:
        if self._column == ID:
            return sorted(rows, key=attrgetter("id"), reverse=self._down)
        value = sorted_by(self._column, self._decisions)
        keyed = [(value(row), row.id, row) for row in rows]
        known = sorted((key for key in keyed if key[0] is not None), reverse=self._down)
        return [key[-1] for key in known] + [key[-1] for key in keyed if key[0] is None]

    def _show_rows(self, rows: list[ObjectRow]) -> None:
        if len(rows) == len(self._rows) and all(map(is_, rows, self._rows)):
            return
        here = {row.id for row in rows}
        gone = runs([at for at, row in enumerate(self._rows) if row.id not in here])
        come = runs([at for at, row in enumerate(rows) if row.id not in self._place])
        if len(gone) + len(come) > _FEW:
            self._reset(rows)
            return
        for first, last in reversed(gone):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._rows[first : last + 1]
            self.endRemoveRows()
        self._find_places()
        self._reorder([row for row in rows if row.id in self._place] if come else rows)
        for first, last in come:
            self.beginInsertRows(QModelIndex(), first, last)
            self._rows[first:first] = rows[first : last + 1]
            self.endInsertRows()
        self._find_places()

    def _reorder(self, rows: list[ObjectRow]) -> None:
        """Show rows of the same objects, which may have changed, in their order."""
        before = [row.id for row in self._rows]
        if before != [row.id for row in rows]:
            self.layoutAboutToBeChanged.emit()
            kept = self.persistentIndexList()
            self._rows, old = list(rows), self._rows
            self._find_places()
            moved = [self.index(self._place[old[index.row()].id], index.column()) for index in kept]
            self.changePersistentIndexList(kept, moved)
            self.layoutChanged.emit()
            return
        pairs = enumerate(zip(self._rows, rows, strict=True))
        changed = [at for at, (was, row) in pairs if was is not row]
        self._rows = list(rows)
        if changed:
            self.dataChanged.emit(
                self.index(changed[0], ID), self.index(changed[-1], len(TITLES) - 1)
            )

    def _reset(self, rows: list[ObjectRow]) -> None:
        self.beginResetModel()
        self._rows = list(rows)
        self._find_places()
        self.endResetModel()

    def _find_places(self) -> None:
        self._place = {row.id: at for at, row in enumerate(self._rows)}


def _bold() -> Any:
    font = QApplication.font()
    font.setBold(True)
    return font


def _italic() -> Any:
    font = QApplication.font()
    font.setItalic(True)
    return font
