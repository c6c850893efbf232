"""What is learned from: a row for each example, and the controls that add some.

Whoever holds these connects them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QFileDialog,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from napari_cutout.widgets.controls import Button, Section, check_box, small_label
from napari_cutout.widgets.layer_choice import LayerChoice
from napari_cutout.widgets.layouts import column, form, row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_cutout.layers.learning.examples import Example
    from napari_cutout.layers.learning.learning import Learning

_OWN = "This image's objects"
_NO_LABELS = "This image has no objects yet: cut some out and commit them in Cut Out."


class ExampleRow(QWidget):
    """An example that was added, what there is in it, and a button that takes it away.

    Signals
    -------
    removed
        The example.
    """

    removed = Signal(object)

    def __init__(self, example: Example) -> None:
        super().__init__()
        self.example = example
        self.text = small_label()
        self.text.setToolTip(_about(example))
        self.remove = Button("Remove", f"Don't learn from {example.name}")
        self.remove.setAccessibleName(f"Remove {example.name}")
        self.remove.clicked.connect(self._on_remove)
        line = row(self.text, self.remove)
        line.setStretch(0, 1)
        self.setLayout(line)

    def show_found(self, text: str) -> None:
        """Show what there is in it, where that is known."""
        self.text.setText(f"{self.example.name}: {text}" if text else self.example.name)

    def _on_remove(self) -> None:
        self.removed.emit(self.example)


class LearningFromPanel(QWidget):
    """The rows, and a section that adds more.

    Signals
    -------
    own_wanted
        Whether the session's own labels are learned from.
    layers_asked
        An Image and a Labels layer to be added.
    folder_asked
        A folder of images and one of labels, or None, to be added.
    removed
        An example to be taken away.
    """

    own_wanted = Signal(bool)
    layers_asked = Signal(object, object)
    folder_asked = Signal(object, object)
    removed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.own = check_box(_OWN, "Learn from what is committed to the labels of Cut Out")
        self.own.clicked.connect(self.own_wanted)
        self.rows: list[ExampleRow] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2)
        self.more = Section("&Other layers and folders", "Learn from other labels and files too")
        self.image = LayerChoice("Choose an image", self)
        self.labels = LayerChoice("Choose labels", self)
        self.add_layers = Button("Add layers", "Learn from these labels on this image too")
        self.images, self.masks = QLineEdit(self), QLineEdit(self)
        self.choose_images = Button("Choose ...", "Choose a folder of labelled images")
        self.choose_masks = Button("Choose ...", "Choose the folder of their labels")
        self.add_folder = Button("A&dd folder", "Learn from these files too")
        self._set_up()
        self._lay_out()

    def show_examples(self, learning: Learning) -> None:
        """Show what is learned from."""
        session, planned = learning.session, learning.planned
        has_labels = session is not None and session.labels is not None
        self.own.setEnabled(has_labels)
        self.own.setChecked(learning.uses_session and has_labels)
        found = _found_in(learning.examples, planned)
        own = learning.examples[0] if has_labels and learning.uses_session else None
        said = found.get(own, "") if own is not None else ""
        self.own.setText(f"{_OWN}: {said}" if said else _OWN)
        self.nothing.setVisible(not has_labels)
        if [row.example for row in self.rows] != list(learning.added):
            self._make_rows(learning.added)
        for one in self.rows:
            one.show_found(found.get(one.example, ""))

    def _make_rows(self, examples: Sequence[Example]) -> None:
        for one in self.rows:
            self._rows.removeWidget(one)
            one.deleteLater()
        self.rows = [ExampleRow(example) for example in examples]
        for one in self.rows:
            one.removed.connect(self.removed)
            self._rows.addWidget(one)

    def _ask_layers(self) -> None:
        self.layers_asked.emit(self.image.layer, self.labels.layer)

    def _ask_folder(self) -> None:
        masks = self.masks.text().strip()
        self.folder_asked.emit(self.images.text().strip(), masks or None)

    def _choose_images(self) -> None:
        _choose(self.images, "A folder of labelled images")

    def _choose_masks(self) -> None:
        _choose(self.masks, "The folder of their labels")

    def _set_up(self) -> None:
        self.nothing = small_label()
        self.nothing.setText(_NO_LABELS)
        self.nothing.setToolTip("What is needed first")
        self.image.setToolTip("An image that other labels lie on")
        self.labels.setToolTip("Labels whose objects are learned from")
        self.images.setPlaceholderText("a folder")
        self.masks.setPlaceholderText("found by itself")
        self.images.setToolTip(
            "A folder with images/ and labels/, of SA-1B, of COCO, of OME-Zarr, or of prompt logs"
        )
        self.masks.setToolTip("Where the labels lie elsewhere: files of the same names")
        for box in (self.image, self.labels):
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.add_layers.clicked.connect(self._ask_layers)
        self.add_folder.clicked.connect(self._ask_folder)
        self.images.returnPressed.connect(self._ask_folder)
        self.choose_images.clicked.connect(self._choose_images)
        self.choose_masks.clicked.connect(self._choose_masks)

    def _lay_out(self) -> None:
        images, masks = row(self.images, self.choose_images), row(self.masks, self.choose_masks)
        for line in (images, masks):
            line.setStretch(0, 1)
        lines = form(
            ("Image", self.image),
            ("Labels", self.labels),
            ("", row(None, self.add_layers)),
            (_named("Folder", self.images), images),
            (_named("Labels in", self.masks), masks),
            ("", row(None, self.add_folder)),
        )
        others = QWidget()
        others.setLayout(lines)
        self.more.addWidget(others)
        column(self, self.own, self.nothing, self._rows, self.more)


def _found_in(examples: Sequence[Example], planned: object) -> Mapping[Example, str]:
    """What there is in each example, in words, where it was looked through."""
    if planned is None:
        return {}
    known = {found.name: found.text for found in planned.gathered.found}
    return {example: known.get(example.name, "") for example in examples}


def _about(example: Example) -> str:
    labels = getattr(example, "labels", None)
    if isinstance(getattr(example, "images", None), Path):
        return f"{example.images}" + (f", labels in {labels}" if labels else "")
    return example.name


def _named(title: str, control: QWidget) -> QLabel:
    label = QLabel(title)
    label.setBuddy(control)
    return label


def _choose(field: QLineEdit, title: str) -> None:
    folder = QFileDialog.getExistingDirectory(field, title, field.text())
    if folder:
        field.setText(folder)
