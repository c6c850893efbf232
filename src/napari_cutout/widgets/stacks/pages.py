"""What is asked for each kind of run: how objects are found, which are propagated, and so on.

Which kinds there are is said in tasks.py. Whoever holds these connects them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QComboBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from napari_cutout.layers.everything.modes import MODES
from napari_cutout.widgets.controls import Button, check_box, row, small_label
from napari_cutout.widgets.everything.options import OptionsSection
from napari_cutout.widgets.everything.panel import KNOWN_TEXTS, MODE_TEXTS
from napari_cutout.widgets.stacks.options import RunOptions
from napari_cutout.widgets.stacks.tabbing import tab_after

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cutout.layers.stacks.stacks import Stacks
    from napari_cutout.stacks.embedding import Estimate

_NO_STORE = (
    "They are kept on disk, which is off now: in Cut Out, open What the model sees, and tick Keep "
    "beside On disk."
)

WHICH = {
    "this": ("Preview, or selected label", "What is previewed is committed first, and carried"),
    "rows": ("Rows selected in Objects", "The rows that are selected in the widget Objects"),
    "all": ("All in the shown frame", "Every object that the labels have in the shown frame"),
}
DIRECTIONS = {
    "forward": ("Forward", "From the shown frame to the last one"),
    "backward": ("Backward", "From the shown frame to the first one"),
    "both": ("Both ways", "From the shown frame to both ends"),
}


class FindPage(QWidget):
    """How everything is found."""

    def __init__(self) -> None:
        super().__init__()
        self.mode = choice(MODE_TEXTS, "How objects are found")
        self.known = choice(KNOWN_TEXTS, "What is done about objects that are committed already")
        self.link = check_box(
            "Then link them",
            "Give the same object the same id in all frames, in the same undo step",
        )
        self.options = OptionsSection()
        self.filters = RunOptions("&Keep only", "Which of what is found is written")
        form = page(
            self,
            ("&Mode", self.mode),
            ("Committe&d", self.known),
            self.link,
            self.options,
            self.filters,
        )
        form.setVerticalSpacing(4)

    def show_stacks(self, stacks: Stacks) -> None:
        """Show what is set."""
        for place, mode in enumerate(MODES):
            why = stacks.why_not(mode)
            item = self.mode.model().item(place)
            item.setEnabled(not why)
            item.setToolTip(why or MODE_TEXTS[mode][1])
        choose(self.mode, stacks.mode)
        for place in range(self.known.count()):
            can = self.known.itemData(place) in stacks.known_choices
            self.known.model().item(place).setEnabled(can)
        choose(self.known, stacks.known)
        self.options.show_options(stacks.options)
        tab_after(self.options.toggleButton(), self.options.controls.values())
        self.filters.show_options(stacks.filters)
        self.link.setEnabled(bool(stacks.axes))


class PropagatePage(QWidget):
    """What is propagated, and which way."""

    def __init__(self) -> None:
        super().__init__()
        self.which = choice(WHICH, "Which objects of the shown frame are propagated")
        self.direction = choice(DIRECTIONS, "Which way")
        self.options = RunOptions("Ad&vanced", "When an object stops, and how it is carried")
        page(self, ("O&bjects", self.which), ("&Direction", self.direction), self.options)

    def show_stacks(self, stacks: Stacks) -> None:
        """Show what is set."""
        self.options.show_options(stacks.propagate_options)


class LinkPage(QWidget):
    """What counts as the same object."""

    def __init__(self, tip: str) -> None:
        super().__init__()
        self.options = RunOptions("Ad&vanced", tip)
        page(self, self.options)


class EmbedPage(QWidget):
    """What it would take."""

    def __init__(self) -> None:
        super().__init__()
        self.estimate = Button("Esti&mate", "Encode one frame, to see what all would take")
        self.about = small_label()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.about)
        column.addLayout(row(self.estimate, None))

    def show_stacks(self, stacks: Stacks) -> None:
        """Show what is known."""
        said = [estimate_in_words(stacks.estimate)]
        if stacks.session.store is None:
            said = [*said[: stacks.estimate is not None], _NO_STORE]
        self.about.setText(" ".join(said))


def estimate_in_words(estimate: Estimate | None) -> str:
    """What embeddings ahead would take, in a sentence."""
    if estimate is None:
        return "They are kept in the store of embeddings, where prompts find them."
    left = estimate.frames - estimate.done
    if not left:
        return f"All {estimate.frames:,} frames are in the store already."
    said = (
        f"{left:,} of {estimate.frames:,} frames are to be encoded: about "
        f"{time_in_words(estimate.seconds)} and {size_in_words(estimate.bytes)} on disk."
    )
    if estimate.room is not None and estimate.room < estimate.bytes:
        said += (
            f" The store takes {size_in_words(estimate.room)} more; make it larger, or empty it."
        )
    return said


def time_in_words(seconds: float) -> str:
    """``"40 s"``, ``"12 min"``, ``"3.5 h"``."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def size_in_words(size: float) -> str:
    """``"12 MB"``, ``"3.5 GB"``."""
    return f"{size / 1e6:,.0f} MB" if size < 1e9 else f"{size / 1e9:,.1f} GB"


def choice(texts: Mapping[str, tuple[str, str]], tip: str) -> QComboBox:
    """A combo box of words, each with a tooltip."""
    box = QComboBox()
    box.setToolTip(tip)
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    box.setMinimumContentsLength(10)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    for place, (name, (text, about)) in enumerate(texts.items()):
        box.addItem(text, name)
        box.setItemData(place, about, Qt.ItemDataRole.ToolTipRole)
    return box


def choose(box: QComboBox, name: str) -> None:
    """Choose an entry; nobody is told."""
    place = box.findData(name)
    if place != box.currentIndex():
        box.blockSignals(True)
        box.setCurrentIndex(place)
        box.blockSignals(False)


def page(whole: QWidget, *parts: QWidget | tuple[str, QWidget]) -> QFormLayout:
    """Lay out some controls, with a title or over the whole width."""
    form = QFormLayout(whole)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setContentsMargins(0, 0, 0, 0)
    form.setVerticalSpacing(4)
    for part in parts:
        if isinstance(part, tuple):
            title, control = part
            label = QLabel(title)
            label.setBuddy(control)
            form.addRow(label, control)
        else:
            form.addRow(part)
    return form
