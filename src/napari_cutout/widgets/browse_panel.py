"""The controls of "Browse": which there are, how they lie, and what each looks like in a state.

No viewer here, and nothing is decided. What stands in the list is in browse_list.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QLineEdit, QVBoxLayout, QWidget

from napari_cutout.widgets.browse_list import ImageTable
from napari_cutout.widgets.controls import STYLE, Button
from napari_cutout.widgets.layouts import row
from napari_cutout.widgets.listing import ListView
from napari_cutout.widgets.one_by_one import OneByOne

if TYPE_CHECKING:
    from napari_cutout.layers.files.browsing import Browser

NEXT_KEY, PREVIOUS_KEY = "Ctrl+PgDown", "Ctrl+PgUp"

_NO_FOLDER = (
    f"Choose a folder of SA-1B, or a JSON of COCO. {NEXT_KEY} and {PREVIOUS_KEY} go through its "
    "images. Nothing is written."
)
_WIDEST = "sa_0000001.json MM Objects MM ✗ can't be read MM"
"""A usual name, a count and a state, side by side."""
_LIST_STYLE = """
QTreeView, QLineEdit { border: 1px solid transparent; }
QTreeView:focus, QLineEdit:focus { border: 1px solid #3d95cf; }
"""


class BrowsePanel(OneByOne):
    """The controls. A subclass connects them.

    Signals
    -------
    asked
        The person asked for the folder or file that is named.
    """

    nothing = _NO_FOLDER
    asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path, self.filter = QLineEdit(self), QLineEdit(self)
        self.choose_folder = Button("Folder ...", "Choose a folder of SA-1B or COCO")
        self.choose_file = Button("JSON ...", "Choose one file of COCO or SA-1B")
        self.table = ImageTable(self)
        self.images = ListView(self.table, self)
        self.previous = Button("◀  Previous", "Show the image before", shortcut=PREVIOUS_KEY)
        self.next = Button("Next  ▶", "Show the next image", shortcut=NEXT_KEY)
        self.annotate = Button(
            # A letter that "Cut Out", "Folder" and napari's menus leave.
            "Correct in Cut Out (&Q)",
            "Cut objects out of this image, into its labels; those of the next ones as well",
        )
        self._set_up()
        self._lay_out()
        self.setStyleSheet(STYLE + _LIST_STYLE)
        self.path.returnPressed.connect(self.asked)
        self.choose_folder.clicked.connect(self._choose_folder)
        self.choose_file.clicked.connect(self._choose_file)
        self.show_browser(None)
        self.show_status("")

    def show_browser(self, browser: Browser | None) -> None:
        """Show another folder, or none."""
        self.table.show_listed(browser)
        self.filter.blockSignals(True)
        self.filter.setText("" if browser is None else browser.filter)
        self.filter.blockSignals(False)
        self.show_image(browser)

    def show_image(self, browser: Browser | None) -> None:
        """Show another image of it."""
        self.show_progress(browser)
        at = None if browser is None else self.table.row_of(browser.place)
        if at is not None:
            self.images.setCurrentIndex(self.table.index(at, 0))

    def show_progress(self, browser: Browser | None) -> None:
        """Show where one is. Nothing is disabled for a moment: that would take the focus away."""
        self.table.refresh()
        self._progress.setText("" if browser is None else browser.text)
        for control in (self.filter, self.images, self.previous, self.next):
            control.setEnabled(browser is not None)
        self.annotate.setEnabled(browser is not None and len(browser.layers) > 1)

    def _choose_folder(self) -> None:
        self._take(QFileDialog.getExistingDirectory(self, "A folder of SA-1B or COCO", self._near))

    def _choose_file(self) -> None:
        self._take(QFileDialog.getOpenFileName(self, "Annotations", self._near, "JSON (*.json)")[0])

    @property
    def _near(self) -> str:
        """Where a person is likely to go on."""
        path = Path(self.path.text())
        return str(path.parent if path.is_file() else path) if self.path.text() else ""

    def _take(self, path: str) -> None:
        if path:
            self.path.setText(path)
            self.asked.emit()

    def _set_up(self) -> None:
        self.path.setPlaceholderText("a folder, or a .json")
        self.filter.setPlaceholderText("words in the name")
        self.filter.setClearButtonEnabled(True)
        self.images.setMinimumWidth(self.images.fontMetrics().horizontalAdvance(_WIDEST))
        self._describe(
            (
                self.path,
                "Annotations",
                "A folder of SA-1B or COCO, or one file; Enter opens it",
            ),
            (
                self.filter,
                "Filter",
                "List, and go through, only images with these words in them",
            ),
            (self.images, "Images", "A click, or Enter, shows an image"),
            (self._progress, "Progress", "Which image of the folder this is"),
        )
        for button in (
            self.choose_folder, self.choose_file, self.previous, self.next, self.annotate
        ):  # fmt: skip
            button.setAccessibleName(button.text().replace("&", ""))

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(4, 4, 4, 4)
        whole.setSpacing(6)
        opening = row(self.path, self.choose_folder, self.choose_file)
        opening.setStretch(0, 1)
        whole.addLayout(opening)
        whole.addWidget(self.filter)
        whole.addWidget(self.images, 1)
        whole.addWidget(self._progress)
        going = row(self.previous, self.next)
        for place in range(2):
            going.setStretch(place, 1)
        whole.addLayout(going)
        whole.addWidget(self.annotate)
        whole.addWidget(self._status)
