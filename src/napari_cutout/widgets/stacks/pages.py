"""What is asked for each kind of run: how objects are found, which are propagated, and so on.

Which kinds there are is said in tasks.py. Whoever holds these connects them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QCheckBox, QWidget

from napari_cutout.layers.everything.modes import MODES
from napari_cutout.layers.stacks.embedding import estimate_in_words
from napari_cutout.widgets.choices import allow, choice, choose
from napari_cutout.widgets.controls import Button, check_box, small_label
from napari_cutout.widgets.everything.options import OptionsSection
from napari_cutout.widgets.everything.panel import KNOWN_TEXTS, MODE_TEXTS
from napari_cutout.widgets.layouts import column, form, row
from napari_cutout.widgets.stacks.options import RunOptions
from napari_cutout.widgets.stacks.tabbing import tab_after

if TYPE_CHECKING:
    from napari_cutout.layers.stacks.stacks import Stacks

_KEPT = "They are kept in the store of embeddings, where prompts find them."
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
        lines = form(
            ("&Mode", self.mode),
            ("Committe&d", self.known),
            self.link,
            self.options,
            self.filters,
        )
        self.setLayout(lines)

    def show_stacks(self, stacks: Stacks) -> None:
        """Show what is set."""
        for place, mode in enumerate(MODES):
            why = stacks.why_not(mode)
            allow(self.mode, place, not why, why or MODE_TEXTS[mode][1])
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
        lines = form(("O&bjects", self.which), ("&Direction", self.direction), self.options)
        self.setLayout(lines)

    def show_stacks(self, stacks: Stacks) -> None:
        """Show what is set."""
        self.options.show_options(stacks.propagate_options)


class JoinPage(QWidget):
    """What counts as the same object."""

    def __init__(self, tip: str, *more: QWidget) -> None:
        super().__init__()
        self.options = RunOptions("Ad&vanced", tip)
        self.setLayout(form(*more, self.options))


class LinkPage(JoinPage):
    """The same, and whether that is an object of a plane or of a volume."""

    def __init__(self, tip: str) -> None:
        volumes = volumes_box()
        super().__init__(tip, volumes)
        self.volumes = volumes

    def show_volumes(self, stacks: Stacks) -> None:
        """Show whether whole volumes are linked, where there are planes."""
        self.volumes.setVisible(bool(stacks.depth))
        self.volumes.setChecked(stacks.volumes)


class EmbedPage(QWidget):
    """What it would take."""

    def __init__(self) -> None:
        super().__init__()
        self.estimate = Button("Esti&mate", "Encode one frame, to see what all would take")
        self.about = small_label()
        column(self, self.about, row(self.estimate, None), spacing=6)

    def show_stacks(self, stacks: Stacks) -> None:
        """Show what is known."""
        estimate, is_off = stacks.estimate, stacks.session.store is None
        said = [] if estimate is None else [estimate_in_words(estimate)]
        if is_off or not said:
            said.append(_NO_STORE if is_off else _KEPT)
        self.about.setText(" ".join(said))


def volumes_box() -> QCheckBox:
    """The check box for whole volumes; hidden, as most stacks have none."""
    box = check_box(
        "Whole v&olumes",
        "Objects of volumes over time: join them over the planes, then link them; tracks are "
        "exported with all chosen planes",
    )
    box.hide()
    return box
