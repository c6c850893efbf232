"""The controls of "Folder": which there are, how they lie, and what each looks like in a state.

No viewer here, and nothing is decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cutout.widgets.folder_list import FileTable
from napari_cutout.widgets.listing import ListView
from napari_cutout.widgets.one_by_one import OneByOne

if TYPE_CHECKING:
    from napari_cutout.layers.series.folder_session import FolderSession

AS_NAPARI, OWN_READER = "", "napari-cutout"
_READERS = (
    ("As napari does", AS_NAPARI, "As File > Open does, with its preferences"),
    ("Cut Out's own", OWN_READER, "png, jpg, bmp, tif, npy and zarr; large ones aren't read whole"),
)
_NO_FILE = "Choose a folder of images, or write a glob, and press Begin."


class FolderPanel(OneByOne):
    """The controls. A subclass connects them.

    Signals
    -------
    begun
        The person asked for the images that are named.
    """

    nothing = _NO_FILE
    begun = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.images, self.results = QLineEdit(self), QLineEdit(self)
        self.choose_images, self.choose_results = _button("Choose ..."), _button("Choose ...")
        self.reader = QComboBox(self)
        self.begin = _button("Begin (&J)")
        self.table = FileTable(self)
        self.files = ListView(self.table, self)
        # "Cut Out" is open beside it, and these letters are what it and napari's menus leave.
        self.previous, self.next = _button("◀  Previous (&Z)"), _button("Ne&xt  ▶")
        self.done_and_next = _button("✓  &Done and next  ▶")
        self.done, self.skip_done = QCheckBox("This file is done"), QCheckBox("Skip done")
        self.offer_readers({})
        self._set_up()
        self._set_tips()
        self._lay_out()
        self.images.returnPressed.connect(self.begun)
        self.begin.clicked.connect(self.begun)
        self.choose_images.clicked.connect(self._choose_images)
        self.choose_results.clicked.connect(self._choose_results)
        self.show_folder(None)
        self.show_status("")

    def show_folder(self, folder: FolderSession | None) -> None:
        """Show another series, or none."""
        self.table.show_listed(folder)
        self.show_file(folder)

    def show_file(self, folder: FolderSession | None) -> None:
        """Show another file of it."""
        self.show_progress(folder)
        place = None if folder is None else folder.place
        if place is not None:
            self.files.setCurrentIndex(self.table.index(place, 0))

    def show_progress(self, folder: FolderSession | None) -> None:
        """Show what is done. Nothing is disabled for a moment: that would take the focus away."""
        self.table.refresh()
        self._progress.setText("" if folder is None else folder.text)
        self.done.blockSignals(True)
        self.done.setChecked(folder is not None and folder.is_done)
        self.done.blockSignals(False)
        for control in (self.files, self.previous, self.next):
            control.setEnabled(folder is not None)
        for control in (self.done_and_next, self.done):
            control.setEnabled(folder is not None and folder.path is not None)

    def offer_readers(self, plugins: dict[str, str]) -> None:
        """Offer readers: napari's choice, our own, and plugins by name and title."""
        chosen = self.reader.currentData()
        self.reader.clear()
        titled = ((title, name, f"Always with {title}") for name, title in plugins.items())
        for title, name, tip in (*_READERS, *titled):
            self.reader.addItem(title, name)
            self.reader.setItemData(self.reader.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.reader.setCurrentIndex(max(self.reader.findData(chosen), 0))

    def _choose_images(self) -> None:
        self._choose(self.images, "A folder of images")
        if self.images.text():
            self.begun.emit()

    def _choose_results(self) -> None:
        self._choose(self.results, "A folder for labels, logs and progress")

    def _choose(self, field: QLineEdit, title: str) -> None:
        folder = QFileDialog.getExistingDirectory(self, title, field.text())
        if folder:
            field.setText(folder)

    def _set_up(self) -> None:
        self.images.setPlaceholderText("a folder, or data/*.tif")
        self.results.setPlaceholderText("beside the images")
        self.reader.setMinimumContentsLength(12)
        self.reader.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        # The list scrolls: "Cut Out", docked below it, needs the room more.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def _set_tips(self) -> None:
        self._describe(
            (self.images, "Images", "A folder, or a glob such as data/*.tif; Enter opens it"),
            (self.choose_images, "Choose images", "Choose a folder of images"),
            (self.results, "Results", "Where labels, logs and done marks go; a folder"),
            (self.choose_results, "Choose results", "Choose a folder for the results"),
            (self.reader, "Reader", "Who reads the files, from the next one on"),
            (self.begin, "Begin", "Open these images at the file that was shown last"),
            (self.files, "Files", "Enter or a double click shows a file"),
            (self.previous, "Previous", "Save the labels, and show the file before"),
            (self.next, "Next", "Save the labels, and show the next file"),
            (self.done_and_next, "Done and next", "Save, mark as done, and show the next file"),
            (
                self.done,
                "This file is done",
                "Save the labels, and mark this file, or unmark it",
            ),
            (self.skip_done, "Skip done", "Previous and Next pass over files that are done"),
            (self._progress, "Progress", "How far the series is"),
        )

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow("Images", _row(self.images, self.choose_images))
        form.addRow("Results", _row(self.results, self.choose_results))
        form.addRow("Reader", _row(self.reader, self.begin))
        whole = QVBoxLayout(self)
        whole.addLayout(form)
        whole.addWidget(self.files, 1)
        whole.addLayout(_row(self._progress, self.done))
        whole.addLayout(_row(self.previous, self.next))
        whole.addLayout(_row(self.done_and_next, self.skip_done))
        whole.addWidget(self._status)


def _button(text: str) -> QPushButton:
    """A button that takes no focus from the canvas when it is clicked."""
    button = QPushButton(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _row(first: QWidget, second: QWidget) -> QHBoxLayout:
    """Two controls; the first one takes the room that there is, two buttons share it."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(first, 1)
    row.addWidget(second, int(isinstance(first, QPushButton) and isinstance(second, QPushButton)))
    return row
