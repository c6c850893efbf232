"""The controls of writing the preview into the labels: which id, what overlaps, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QLabel, QWidget

from napari_cutout.widgets.choices import choice
from napari_cutout.widgets.controls import Button, check_box
from napari_cutout.widgets.layouts import column, group, row

if TYPE_CHECKING:
    from napari_cutout.annotate import OverlapPolicy

POLICIES: dict[OverlapPolicy, tuple[str, str]] = {
    "new_on_top": ("New on top", "Where it meets other objects, the new one takes the pixels"),
    "keep_existing": ("Keep existing", "Where it meets other objects, they keep their pixels"),
    "only_background": ("Only background", "No pixel that has a label changes, not even its own"),
}


class CommitOptions(QWidget):
    """The group "On commit". Whoever holds it connects the controls."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.same_object = check_box(
            "Same object",
            "The next commits, in this or another slice, keep the id of the last one",
            "toggle_same_object",
        )
        self.policy = choice(POLICIES, "What happens where a new object meets others", letters=0)
        overlaps = row(QLabel("Overlaps"), self.policy)
        column(self, group("On commit", self.same_object, overlaps))

    def show_options(self, same_object: bool, policy: str) -> None:
        """Show the switches as they are."""
        self.same_object.setChecked(same_object)
        self.policy.setCurrentIndex(self.policy.findData(policy))


class Finishing(QWidget):
    """Commit, undo and redo. Whoever holds it connects the buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.commit = Button("&Commit", "Write the preview into the labels", "commit")
        self.undo = Button("&Undo", "Undo the last prompt, commit or brush stroke", "undo")
        self.redo = Button("&Redo", "Do again what was undone", "redo")
        column(self, self.commit, row(self.undo, self.redo))

    def show_state(self, can_commit: bool, can_undo: bool, can_redo: bool) -> None:
        """Show what can be done."""
        self.commit.setEnabled(can_commit)
        self.undo.setEnabled(can_undo)
        self.redo.setEnabled(can_redo)
