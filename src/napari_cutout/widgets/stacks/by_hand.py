"""What a person tells propagation: where an object stops, where it divides, what is corrected.

The controls only; whoever holds them connects them. Clicks on daughters are in dividing.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QSpinBox,
    QWidget,
)
from superqt.utils import signals_blocked

from napari_cutout.widgets.controls import Button
from napari_cutout.widgets.layouts import column, group, row
from napari_cutout.widgets.stacks.axis_range import NARROW

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qtpy.QtGui import QKeyEvent

    from napari_cutout.layers.stacks.stacks import Stacks

    Mark = tuple[str, int, tuple[int, ...]]

_PADDING = 6
_LARGEST = 2**31 - 1
_LINES = 5
_MARK = Qt.ItemDataRole.UserRole


class Marked(QListWidget):
    """The stops and divisions that were marked.

    Signals
    -------
    asked
        The frame of one that was clicked, or that Enter was pressed on.
    remove_asked
        The kind of one and the id that it is of, and its frame.
    """

    asked = Signal(object)
    remove_asked = Signal(str, int, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Stops and divisions")
        self.setToolTip("Click one to go there; Delete takes it away")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.itemClicked.connect(self._ask)
        self.itemActivated.connect(self._ask)

    def show_marks(self, marks: Sequence[Mark], name_of: Callable[[tuple[int, ...]], str]) -> None:
        """Show what is marked: what of which object, and in which frame."""
        if [self.item(at).data(_MARK) for at in range(self.count())] != list(marks):
            self.clear()
            for mark in marks:
                what, _, frame = mark
                item = QListWidgetItem(f"{name_of(frame)}: {what}")
                item.setData(_MARK, mark)
                self.addItem(item)
            self.updateGeometry()
        self.setVisible(bool(marks))

    def remove(self) -> None:
        """Ask that the one that is selected be taken away."""
        item = self.currentItem()
        if item is not None:
            what, number, frame = item.data(_MARK)
            self.remove_asked.emit(what, number, frame)

    def sizeHint(self) -> QSize:
        """As high as its lines are, up to some."""
        line = max(self.sizeHintForRow(0), self.fontMetrics().height())
        lines = min(max(self.count(), 1), _LINES)
        return QSize(super().sizeHint().width(), lines * line + 2 * self.frameWidth() + 4)

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes one away."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove()
        else:
            super().keyPressEvent(event)

    def _ask(self, item: QListWidgetItem) -> None:
        self.asked.emit(item.data(_MARK)[2])


class ByHand(QWidget):
    """The group "By hand"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stop = Button(
            "Stop here",
            "The selected objects are gone from this frame on, and aren't carried into it; once "
            "more, and that is taken back",
        )
        self.correct = Button(
            "Correct here",
            "Take the selected object up in this frame: correct it, commit it, and propagate it on "
            "from here",
        )
        self.mother, self.first, self.second = (self._id(what) for what in _IDS)
        self.click = Button(
            "Click daughters",
            "Click the two daughters on the canvas, in the first frame that has both; Esc ends it",
            icon="pick",
            checkable=True,
        )
        self.divide = Button(
            "Mark division", "Say that the mother divides into the two daughters in this frame"
        )
        self.marked = Marked(self)
        self._lay_out()

    @property
    def daughters(self) -> tuple[int, int]:
        """Their ids; 0 where none was said."""
        return self.first.value(), self.second.value()

    def show_stacks(self, stacks: Stacks, name_of: Callable[[tuple[int, ...]], str]) -> None:
        """Show what is marked."""
        stops = [(f"object {number} stops", number, frame) for number, frame in stacks.stops]
        divided = [
            (f"object {mother} divides into {_listed(one.daughters)}", mother, one.index)
            for mother, one in stacks.divisions.items()
        ]
        self.marked.show_marks(sorted(stops + divided, key=lambda mark: mark[2]), name_of)

    def show_ids(self, mother: int, daughters: Sequence[int] = ()) -> None:
        """Fill in ids; nobody is told."""
        numbers = (mother, *daughters, 0, 0)
        for box, number in zip((self.mother, self.first, self.second), numbers, strict=False):
            with signals_blocked(box):
                box.setValue(number)

    def _id(self, what: str) -> QSpinBox:
        box = QSpinBox()
        box.setRange(0, _LARGEST)
        box.setSpecialValueText("-")
        box.setKeyboardTracking(False)
        box.setAccessibleName(what)
        box.setToolTip(f"{what}: its id")
        box.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        box.setStyleSheet(NARROW)
        box.setFixedWidth(box.fontMetrics().horizontalAdvance("000000") + 2 * _PADDING)
        return box

    def _lay_out(self) -> None:
        mother, into = QLabel("Mother"), QLabel("into")
        box = group(
            "By hand",
            row(self.stop, self.correct),
            row(mother, self.mother, None, into, self.first, self.second),
            row(self.click, self.divide),
            self.marked,
        )
        column(self, box)


_IDS = ("Mother", "First daughter", "Second daughter")


def _listed(numbers: Sequence[int]) -> str:
    return " and ".join(str(number) for number in numbers)
