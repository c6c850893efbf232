"""The controls of "Everything": which there are, how they lie, and what each looks like in a state.

No viewer here, and nothing is decided. The sliders are in filters.py, the options of the
modes in options.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from napari_cutout.layers.everything.modes import MODES
from napari_cutout.widgets.beside import Beside
from napari_cutout.widgets.controls import STYLE, Button, group, keep_lines, row, small_label
from napari_cutout.widgets.everything.filters import FilterPanel
from napari_cutout.widgets.everything.more import MoreSection
from napari_cutout.widgets.everything.options import OptionsSection
from napari_cutout.widgets.layer_choice import LayerChoice
from napari_cutout.widgets.panel import Scrolled

if TYPE_CHECKING:
    from napari_cutout.layers.everything.everything import Everything

_NOT_OPEN = "The image, the model and the labels are those of the widget Cut Out, which isn't open."
_NO_IMAGE = "Cut Out has no image yet: File > Open, or File > Open Sample > Cut Out."
_TO_DO = "Find everything begins. Nothing is written until you commit."

MODE_TEXTS = {
    "instances": ("In one pass", "A decoder of the model finds all objects at once: the fastest"),
    "seeds": (
        "From seeds",
        "The model 'compact' finds where objects are, and the chosen model cuts each out",
    ),
    "grid": ("Grid of points", "SAM's automatic masks: the model is asked at each point of a grid"),
}
WHERE_TEXTS = {
    "frame": ("This frame", "All of the frame that is shown"),
    "view": ("What I see", "The part of the frame that the canvas shows"),
    "shapes": ("Inside shapes", "Inside the selected shapes of a layer, or all where none is"),
}
KNOWN_TEXTS = {
    "leave alone": ("Left alone", "What is committed stays, and isn't found again"),
    "use as seeds": ("Used as seeds", "What is committed is cut out again, from where it is"),
    "ignore": ("Ignored", "As if nothing had been committed"),
}
SHOW_TEXTS = {
    "labels": ("Labels", "Filled; of objects that share a pixel the smaller one shows"),
    "outlines": ("Outlines", "Closed paths in a Shapes layer, which stays after the commit"),
    "both": ("Both", "Labels and outlines"),
}


class EverythingPanel(Beside):
    """The controls. A subclass connects them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = small_label()
        self.notice.setToolTip("What is needed first")
        self.open_cut_out = Button("Open Cut Ou&t", "Open the widget that objects are cut out with")
        self.mode = _choice(MODE_TEXTS, "How objects are found")
        self.model = QLabel()
        self.model.setToolTip("The model is chosen in Cut Out")
        self.where = _choice(WHERE_TEXTS, "Where objects are looked for")
        self.shapes = LayerChoice("The active Shapes layer", self)
        self.shapes.setToolTip("The layer whose shapes surround where objects are looked for")
        self.known = _choice(KNOWN_TEXTS, "What is done about objects that are committed already")
        self.options = OptionsSection()
        self.more = MoreSection(self)
        self.find = Button("&Find everything", "Look for all objects; what was found before goes")
        self.cancel = Button("Ca&ncel", "Stop looking; what was found so far stays")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(12)
        self.progress.setToolTip("How much of the frame was looked at")
        self.count = QLabel()
        self.count.setToolTip("Objects that pass the filters, of all that were found")
        self.filters = FilterPanel()
        self.reset = Button("Keep a&ll", "Put all filters back, and forget what was chosen by hand")
        self.pick = Button(
            "Choose with cl&icks",
            "Click an object on the canvas to drop it, or one that is left out, outlined in grey, "
            "to keep it; Esc ends it",
            icon="pick",
            checkable=True,
        )
        self.show_as = _choice(SHOW_TEXTS, "How what was found is shown")
        self.commit = Button("Commit &kept", "Write what is kept into the labels, as one undo step")
        self._status = small_label()
        self._status.setToolTip("What is going on, and what lies under the cursor")
        keep_lines(self._status, 3)
        self._lay_out()
        self.setStyleSheet(STYLE)
        self.show_nothing(is_open=False)

    @property
    def status(self) -> str:
        """What the status line says."""
        return self._status.text()

    def show_status(self, text: str) -> None:
        """Say what is going on and what to do next."""
        self._status.setText(text)

    def show_nothing(self, *, is_open: bool) -> None:
        """There is no session: "Cut Out" isn't open, or has no image."""
        self.notice.setText(_NO_IMAGE if is_open else _NOT_OPEN)
        self.notice.show()
        self.open_cut_out.setVisible(not is_open)
        self._form.setEnabled(False)
        self._choosing.setEnabled(False)
        self._row_of_progress.hide()
        for button in (self.find, self.commit):
            button.setEnabled(False)
        self.count.setText("")
        self.show_status("")

    def show_options(self, everything: Everything, model: str) -> None:
        """Show how everything is going to be found and shown."""
        self.notice.hide()
        self.open_cut_out.hide()
        self._form.setEnabled(True)
        self.model.setText(model)
        for place, mode in enumerate(MODES):
            why = everything.why_not(mode)
            _enable(self.mode, place, not why, why or MODE_TEXTS[mode][1])
        _choose(self.mode, everything.mode)
        _choose(self.where, everything.where)
        self._shapes_row.setVisible(everything.where == "shapes")
        self._show_known(everything)
        _choose(self.show_as, everything.show_as)
        self.options.show_options(everything.options)

    def show_progress(self, everything: Everything) -> None:
        """Show how far it is."""
        done, total = everything.progress
        is_running = everything.is_running
        self.more.setEnabled(not is_running)
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self._row_of_progress.setVisible(is_running)
        self.find.setEnabled(not is_running)
        self.show_count(everything)

    def show_count(self, everything: Everything) -> None:
        """Show how many objects there are, and how many are kept."""
        kept, every = everything.kept_count, everything.count
        self.count.setText(f"{kept:,} of {every:,} kept" if every else "Nothing found yet")
        self._choosing.setEnabled(every > 0)
        self.commit.setEnabled(kept > 0 and not everything.is_running)
        self.filters.show_filters(everything.filters)

    def show_ready(self) -> None:
        """Say what to do first."""
        self.show_status(_TO_DO)

    def _show_known(self, everything: Everything) -> None:
        offered = everything.known_choices
        for place in range(self.known.count()):
            word = self.known.itemData(place)
            tip = KNOWN_TEXTS[word][1]
            has = word in offered
            why = tip if has else f"Only the mode {MODE_TEXTS['seeds'][0]!r} does this"
            _enable(self.known, place, has, why)
        _choose(self.known, everything.known)

    def _lay_out(self) -> None:
        self._form = QWidget()
        form = QFormLayout(self._form)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(4)
        form.addRow("&Mode", self.mode)
        form.addRow("Model", self.model)
        form.addRow("&Where", self.where)
        self._shapes_row = self.shapes
        form.addRow("", self.shapes)
        form.addRow("Committe&d", self.known)
        form.addRow(self.options)
        form.addRow(self.more)
        self._row_of_progress = QWidget()
        self._row_of_progress.setLayout(row(self.progress, self.cancel))
        self._choosing, column = group("Keep")
        column.addLayout(row(self.count, None, self.reset))
        column.addWidget(self.filters)
        column.addWidget(self.pick)
        shown = QLabel("&Show as")
        shown.setBuddy(self.show_as)
        line = row(shown, self.show_as)
        line.setStretch(1, 1)
        column.addLayout(line)
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(2, 0, 2, 0)
        inner.setSpacing(6)
        for part in (self.notice, self.open_cut_out, self._form, self._choosing):
            inner.addWidget(part)
        inner.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(4, 4, 4, 4)
        whole.addWidget(Scrolled(content), 1)
        whole.addLayout(row(self.find, self.commit))
        whole.addWidget(self._row_of_progress)
        whole.addWidget(self._status)


def _choice(texts: dict[str, tuple[str, str]], tip: str) -> QComboBox:
    box = QComboBox()
    box.setToolTip(tip)
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    for place, (name, (text, about)) in enumerate(texts.items()):
        box.addItem(text, name)
        box.setItemData(place, about, Qt.ItemDataRole.ToolTipRole)
    return box


def _choose(box: QComboBox, name: str) -> None:
    place = box.findData(name)
    if place != box.currentIndex():
        box.blockSignals(True)
        box.setCurrentIndex(place)
        box.blockSignals(False)


def _enable(box: QComboBox, place: int, on: bool, tip: str) -> None:
    """Let an entry be chosen or not, and say why."""
    item = box.model().item(place)
    item.setEnabled(on)
    item.setToolTip(tip)
