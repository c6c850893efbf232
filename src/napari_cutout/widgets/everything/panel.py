"""The controls of "Everything": which there are, how they lie, and what each looks like in a state.

No viewer here, and nothing is decided. The sliders are in filters.py, the options of the
modes in options.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QLabel, QWidget

from napari_cutout.layers.everything.modes import MODES
from napari_cutout.widgets.beside_panel import BesidePanel
from napari_cutout.widgets.choices import allow, choice, choose
from napari_cutout.widgets.controls import Button, keep_room, progress_bar
from napari_cutout.widgets.everything.filters import FilterPanel
from napari_cutout.widgets.everything.more import MoreSection
from napari_cutout.widgets.everything.options import OptionsSection
from napari_cutout.widgets.layer_choice import LayerChoice
from napari_cutout.widgets.layouts import form, group, named, row

if TYPE_CHECKING:
    from napari_cutout.layers.everything.everything import Everything

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


class EverythingPanel(BesidePanel):
    """The controls. A subclass connects them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mode = choice(MODE_TEXTS, "How objects are found", letters=0)
        self.model = QLabel()
        self.model.setToolTip("The model is chosen in Cut Out")
        self.where = choice(WHERE_TEXTS, "Where objects are looked for", letters=0)
        self.shapes = LayerChoice("The active Shapes layer", self)
        self.shapes.setToolTip("The layer whose shapes surround where objects are looked for")
        about = "What is done about objects that are committed already"
        self.known = choice(KNOWN_TEXTS, about, letters=0)
        self.options = OptionsSection()
        self.more = MoreSection(self)
        self.find = Button("&Find everything", "Look for all objects; what was found before goes")
        self.cancel = Button("Ca&ncel", "Stop looking; what was found so far stays")
        self.progress = progress_bar("How much of the frame was looked at")
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
        self.show_as = choice(SHOW_TEXTS, "How what was found is shown", letters=0)
        self.commit = Button("Commit &kept", "Write what is kept into the labels, as one undo step")
        self._status.setToolTip("What is going on, and what lies under the cursor")
        self._lay_out()
        self.show_missing(is_open=False)

    def show_nothing(self, why: str) -> None:
        """There is no session."""
        super().show_nothing(why)
        self._form.setEnabled(False)
        self._choosing.setEnabled(False)
        self._row_of_progress.hide()
        for button in (self.find, self.commit):
            button.setEnabled(False)
        self.count.setText("")
        self.show_status("")

    def show_options(self, everything: Everything, model: str) -> None:
        """Show how everything is going to be found and shown."""
        self.show_something()
        self._form.setEnabled(True)
        self.model.setText(model)
        for place, mode in enumerate(MODES):
            why = everything.why_not(mode)
            allow(self.mode, place, not why, why or MODE_TEXTS[mode][1])
        choose(self.mode, everything.mode)
        choose(self.where, everything.where)
        self._shapes_row.setVisible(everything.where == "shapes")
        self._show_known(everything)
        choose(self.show_as, everything.show_as)
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
            allow(self.known, place, has, why)
        choose(self.known, everything.known)

    def _lay_out(self) -> None:
        self._form = QWidget()
        self._shapes_row = self.shapes
        lines = form(
            ("&Mode", self.mode),
            ("Model", self.model),
            ("&Where", self.where),
            ("", self.shapes),
            ("Committe&d", self.known),
            self.options,
            self.more,
        )
        self._form.setLayout(lines)
        self._row_of_progress = QWidget()
        self._row_of_progress.setLayout(row(self.progress, self.cancel))
        keep_room(self._row_of_progress)
        counted, shown = row(self.count, None, self.reset), named("&Show as", self.show_as)
        self._choosing = group("Keep", counted, self.filters, self.pick, shown)
        buttons = row(self.find, self.commit)
        self._lay_down((self._form, self._choosing), (buttons, self._row_of_progress))
