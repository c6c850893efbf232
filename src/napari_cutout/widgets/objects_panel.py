"""The controls of "Objects": which there are, how they lie, and what each looks like in a state.

No viewer here, and nothing is decided. The table is in object_view.py, the review in review.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QCheckBox, QComboBox, QLabel, QVBoxLayout, QWidget

from napari_cutout.widgets.beside_panel import BesidePanel
from napari_cutout.widgets.class_proposing import ClassProposing
from napari_cutout.widgets.controls import STYLE, Button, keep_lines
from napari_cutout.widgets.layouts import row
from napari_cutout.widgets.object_measuring import MeasuringRow
from napari_cutout.widgets.object_view import ObjectView
from napari_cutout.widgets.review import ReviewPanel

if TYPE_CHECKING:
    from napari_cutout.layers import Session

_NO_OBJECTS = "No objects yet. Click inside one in the image, and commit it with C."

_TABLE_STYLE = """
QTableView { border: 1px solid transparent; }
QTableView:focus { border: 1px solid #3d95cf; }
"""


class ObjectsPanel(BesidePanel):
    """The controls. A subclass connects them."""

    not_open = "Objects are cut out with the widget Cut Out, which isn't open in this window."

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = ObjectView(self)
        self.table = self.view.objects
        self.delete = Button("&Delete", "Take the selected objects out of all frames (key Del)")
        self.merge = Button("Mer&ge", "Make one object of those selected; the smallest id stays")
        self.split = Button(
            "Spli&t",
            "Make two objects of the selected one, by a click on the canvas in each half",
            checkable=True,
        )
        self.correct = Button(
            "C&orrect", "Take the selected object up again; the next commit replaces it"
        )
        self.class_name = QComboBox()
        self.set_class = Button("&Set", "Give this class to the selected objects")
        self.color_by_class = QCheckBox("Colour &by class")
        self.proposing = ClassProposing(self)
        self.measure = Button("M&easure ...", "Measure all objects, and write them to a CSV file")
        self.measuring = MeasuringRow()
        self.review = ReviewPanel(self)
        self._classes: tuple[str, ...] = ()
        self._set_up()
        self._lay_out()
        self.setStyleSheet(STYLE + _TABLE_STYLE)

    def show_nothing(self, why: str) -> None:
        """There is no session."""
        super().show_nothing(why)
        self.table.show_objects((), {})
        self.table.show_proposals({})
        self.review.show_review(None, 0)
        self.color_by_class.setEnabled(False)
        self.show_status("")
        self.show_selection(0)

    def show_session(self, session: Session) -> None:
        """Show the objects of a session, and where its review stands."""
        objects, review = session.objects, session.review
        rows = objects.rows()
        self.open_cut_out.hide()
        self.notice.setText(_NO_OBJECTS)
        self.notice.setVisible(not rows)
        self.table.show_objects(rows, review.decisions, review.state.current)
        self.table.show_proposals(self.proposing.proposals)
        self.review.show_review(review, len(rows))
        self.color_by_class.setEnabled(True)
        self.color_by_class.setChecked(session.color_by_class)
        self._offer_classes(tuple(sorted(set(objects.classes.values()), key=str.casefold)))
        self.show_selection(len(self.view.ids))

    def show_selection(self, count: int) -> None:
        """Show what can be done with so many objects."""
        for control in (self.delete, self.set_class, self.class_name):
            control.setEnabled(count > 0)
        self.merge.setEnabled(count > 1)
        self.correct.setEnabled(count == 1)
        # It also ends what it began.
        self.split.setEnabled(count == 1 or self.split.isChecked())
        self.measure.setEnabled(self.table.rowCount() > 0 and not self.measuring.is_running)
        self.proposing.show_objects(self.table.rowCount())

    def _offer_classes(self, names: tuple[str, ...]) -> None:
        if names == self._classes:
            return
        self._classes = self.view.classes.names = names
        typed = self.class_name.currentText()
        self.class_name.clear()
        self.class_name.addItems(names)
        self.class_name.setEditText(typed)

    def _set_up(self) -> None:
        # What it is in the other widgets is the key of Split here.
        self.open_cut_out.setText("&Open Cut Out")
        self.class_name.setEditable(True)
        self.class_name.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.class_name.setMinimumContentsLength(8)
        line = self.class_name.lineEdit()
        line.setPlaceholderText("type or choose")
        for control, tip in (
            (self.class_name, "A class for the selected objects; empty takes theirs away"),
            (self.color_by_class, "Show the objects of one class in one colour"),
            (self._status, "What happened, and what to do next"),
        ):
            control.setToolTip(tip)
        line.setToolTip(self.class_name.toolTip())
        self.class_name.setAccessibleName("Class")
        keep_lines(self._status, 2)

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(4, 4, 4, 4)
        whole.setSpacing(6)
        whole.addWidget(self.notice)
        whole.addWidget(self.open_cut_out)
        whole.addWidget(self.view, 1)
        whole.addLayout(row(self.delete, self.merge, self.split, self.correct))
        line = row(QLabel("Class"), self.class_name, self.set_class)
        line.setStretch(1, 1)
        whole.addLayout(line)
        whole.addWidget(self.proposing)
        whole.addLayout(row(self.color_by_class, None, self.measure))
        whole.addWidget(self.measuring)
        whole.addWidget(self.review)
        whole.addWidget(self._status)
