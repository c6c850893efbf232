"""The table of objects on the screen: columns, selection by id, keys, editing a class in place.

What stands in it is in object_table.py and object_cells.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from qtpy.QtGui import QFontMetrics, QKeyEvent, QPalette
from qtpy.QtWidgets import (
    QAbstractItemView,
    QCompleter,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QTableView,
    QWidget,
)

from napari_cutout.widgets.object_cells import AREA, CLASS, ID, REVIEW
from napari_cutout.widgets.object_table import ObjectRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WIDEST = ("00000", "some class", "000000", "Score ▾", "00-00, 0", "Prompts ▾", "✎ corrected")


class ObjectView(QTableView):
    """The table.

    Signals
    -------
    asked
        The id of the one object that was clicked, or that Enter was pressed on.
    selected
        Other objects are selected.
    delete_asked
        The Delete key was pressed.
    """

    asked = Signal(int)
    selected = Signal()
    delete_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.objects = ObjectRows(self)
        self.classes = _ClassEditor(self)
        self._is_telling = True
        self._before: tuple[int, ...] = ()
        self.setModel(self.objects)
        self._set_up()
        self._size()
        self.clicked.connect(self._on_clicked)
        self.selectionModel().selectionChanged.connect(self._on_selected)
        self.objects.modelAboutToBeReset.connect(self._remember)
        self.objects.modelReset.connect(self._put_back)

    @property
    def ids(self) -> tuple[int, ...]:
        """The objects that are selected, from top to bottom. O(ranges) and O(their rows)."""
        rows = self.objects.rows
        places = {
            at
            for part in self.selectionModel().selection()
            for at in range(part.top(), part.bottom() + 1)
        }
        return tuple(rows[at].id for at in sorted(places) if at < len(rows))

    def select(self, numbers: Iterable[int], *, show: bool = False) -> None:
        """Select objects; those that aren't there are left out. Signals are given as by hand."""
        places = [self.objects.place_of(number) for number in numbers]
        chosen = QItemSelection()
        known = [at for at in places if at is not None]
        for at in known:
            cell = self.objects.index(at, ID)
            chosen.select(cell, cell)
        flags = QItemSelectionModel.SelectionFlag
        model = self.selectionModel()
        if known:
            model.setCurrentIndex(self.objects.index(known[0], ID), flags.NoUpdate)
        model.select(chosen, flags.ClearAndSelect | flags.Rows)
        if show and known:
            self.scrollTo(self.objects.index(known[0], ID))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes there, Delete deletes; letters are the session's keys and go on."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._ask()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_asked.emit()
        elif key == Qt.Key.Key_Escape or (event.text().isprintable() and event.text().strip()):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Make room for letters of another size."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._size()

    def _set_up(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(_Cells(self))
        self.setItemDelegateForColumn(CLASS, self.classes)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSortingEnabled(True)
        self.sortByColumn(ID, Qt.SortOrder.AscendingOrder)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        # What is looked at most has to be there in a narrow dock.
        header.moveSection(REVIEW, AREA)
        self.setToolTip("Click: go there. Double click or F2: edit the class")
        self.setAccessibleName("Objects")

    def _size(self) -> None:
        letters = QFontMetrics(self.font())
        rows = self.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(1)
        rows.setDefaultSectionSize(round(1.5 * letters.height()))
        for column, text in enumerate(_WIDEST):
            self.setColumnWidth(column, letters.horizontalAdvance(text + "m"))
        self.setMinimumHeight(8 * letters.lineSpacing())

    def _on_clicked(self, _index: QModelIndex) -> None:
        self._ask()

    def _ask(self) -> None:
        numbers = self.ids
        if len(numbers) == 1:
            self.asked.emit(numbers[0])

    def _on_selected(self, *_: Any) -> None:
        if self._is_telling:
            self.selected.emit()

    def _remember(self) -> None:
        self._before, self._is_telling = self.ids, False

    def _put_back(self) -> None:
        self.select(self._before)
        self._is_telling = True


class _Cells(QStyledItemDelegate):
    """Cells whose text has the theme's colour when they are selected too."""

    def initStyleOption(self, option: Any, index: Any) -> None:
        """Napari's themes colour what is behind, and leave the text black."""
        super().initStyleOption(option, index)
        text = option.widget.palette().color(QPalette.ColorRole.WindowText)
        option.palette.setColor(QPalette.ColorRole.HighlightedText, text)


class _ClassEditor(_Cells):
    """A line to type a class in, which offers those that there are."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.names: Sequence[str] = ()

    def createEditor(self, parent: Any, option: Any, index: Any) -> QWidget:
        """The line."""
        editor = QLineEdit(parent)
        completer = QCompleter(list(self.names), editor)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        editor.setCompleter(completer)
        editor.setAccessibleName("Class")
        # napari's style makes room around lines that a row of the table hasn't.
        editor.setStyleSheet("padding: 0px; margin: 0px; min-height: 0px;")
        return editor
