"""The controls of a review: the order, the decisions with their keys, and how far it is.

Whoever holds it connects them. The keys are the session's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from napari_cutout.widgets.controls import Button
from napari_cutout.widgets.layouts import column, group, row

if TYPE_CHECKING:
    from napari_cutout.annotate.review import Review, ReviewOrder

ORDERS: dict[ReviewOrder, tuple[str, str]] = {
    "score": ("Rising score", "What got the lowest score comes first"),
    "doubt": ("Least sure first", "What the model is least sure of when it is asked again"),
    "size": ("Rising size", "The smallest objects come first"),
    "id": ("Id", "In the order of the ids"),
}


class ReviewPanel(QWidget):
    """The group "Review"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.order = QComboBox()
        self.order.setToolTip("In which order Next goes through the objects")
        self.order.setAccessibleName("Order of the review")
        for place, (name, (text, tip)) in enumerate(ORDERS.items()):
            self.order.addItem(text, name)
            self.order.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self.actions = {
            "review_previous": Button("◀ Previous", "Go to the object before", "review_previous"),
            "review_next": Button("▶ Next", "Go to the next object", "review_next"),
            "review_accept": Button(
                "✓ Right", "The object is right; go to the next undecided one", "review_accept"
            ),
            "review_reject": Button(
                "✗ Wrong", "The object is none; it stays until Delete rejected", "review_reject"
            ),
            "review_correct": Button(
                "✎ Correct", "Take the object up again with its prompts", "review_correct"
            ),
            "delete_rejected": Button(
                "Delete re&jected", "Delete all objects that were called wrong; undo brings back"
            ),
        }
        self.decided = QLabel()
        self.decided.setToolTip("How many objects were decided on")
        self._lay_out()

    def show_review(self, review: Review | None, count: int) -> None:
        """Show how far a review of so many objects is; None: there is no session."""
        self.setEnabled(review is not None)
        decisions = {} if review is None else review.decisions
        self.decided.setText(f"{len(decisions)} of {count} decided")
        self.actions["delete_rejected"].setEnabled("rejected" in decisions.values())
        if review is not None:
            self.order.setCurrentIndex(self.order.findData(review.order))

    def _lay_out(self) -> None:
        order = QLabel("Order")
        order.setBuddy(self.order)
        buttons = QGridLayout()
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(6)
        for place, button in enumerate(self.actions.values()):
            buttons.addWidget(button, *divmod(place, 2))
        ordered = row(order, self.order, None, self.decided)
        column(self, group("Review", ordered, buttons))
