"""How it is learned: with which model it begins, what of it is trained, how long, into which file.

Whoever holds these connects them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QDoubleSpinBox, QFileDialog, QLabel, QSizePolicy, QWidget

from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.learning.files import SUFFIX
from napari_cutout.widgets.choices import choice, choose
from napari_cutout.widgets.controls import Button
from napari_cutout.widgets.layouts import form, row
from napari_cutout.widgets.stacks.options import RunOptions

if TYPE_CHECKING:
    from napari_cutout.layers.learning.learning import Learning
    from napari_cutout.train.tuning import TuningOptions

STARTS = {
    "model": ("Cut Out's model", "Begin with the model that is chosen in Cut Out"),
    "trained": ("What was trained last", "Go on from the model that was trained last"),
    "unfinished": (
        "What was stopped",
        "Go on with the training that was stopped, in the same file; for that neither objects nor "
        "options may have changed",
    ),
}
_ALL_LABELLED = "Label every object of a frame for that: what isn't labelled counts as background"

WHAT = {
    "auto": ("What suits best", "Chosen by the hardware, the model and the number of objects"),
    "decoder": ("The decoder", "Only what draws masks, on frames that are encoded once: quick"),
    "lora": (
        "Decoder, and encoder a little",
        f"Low-rank changes of the encoder's attention, too. {_ALL_LABELLED}",
    ),
    "all": ("Everything", f"All weights: for many objects, and a GPU. {_ALL_LABELLED}"),
}
_OWN = ("what", "minutes")
_FILTER = f"Models (*{SUFFIX})"
_LONGEST = 1440.0


class Advanced(RunOptions):
    """The options that have no control of their own."""

    def _control(self, name: str, hint: object) -> QWidget | None:
        return None if name in _OWN else super()._control(name, hint)


class HowPanel(QWidget):
    """The controls.

    Signals
    -------
    changed
        The name of an option and its value.
    start_chosen
        A name of :data:`STARTS`.
    out_chosen
        A file that the person named, which may be there already: they were asked.
    """

    changed = Signal(str, object)
    start_chosen = Signal(str)
    out_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.start = choice(STARTS, "The model that it begins with")
        self.what = choice(WHAT, "What of the model is trained")
        self.minutes = QDoubleSpinBox()
        self.minutes.setToolTip("Stop after so long, at the best so far")
        self.minutes.setRange(0, _LONGEST)
        self.minutes.setDecimals(0)
        self.minutes.setSpecialValueText("no limit")
        self.minutes.setSuffix(" min")
        self.minutes.setKeyboardTracking(False)
        self.minutes.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.out = QLabel()
        # A long name is cut off, and in the tooltip.
        self.out.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.save_as = Button("Save as ...", "Choose another file; none is written over unasked")
        self.options = Advanced("Ad&vanced", "The options of the library, under their names")
        self._lay_out()
        self.start.activated.connect(self._on_start)
        self.what.activated.connect(self._on_what)
        self.minutes.valueChanged.connect(self._on_minutes)
        self.options.changed.connect(self.changed)
        self.save_as.clicked.connect(self._on_save_as)

    def show_learning(self, learning: Learning) -> None:
        """Show what is set."""
        options: TuningOptions = learning.options
        for place, start in enumerate(STARTS):
            self.start.model().item(place).setEnabled(learning.can_start(start))
        session = learning.session
        name = "" if session is None else session._predictor.model_name
        self.start.setItemText(0, f"{name}, as in Cut Out" if name else STARTS["model"][0])
        last = None if learning.outcome is None else learning.outcome.path.name
        self.start.setItemText(1, f"{last}, trained last" if last else STARTS["trained"][0])
        choose(self.start, learning.start)
        choose(self.what, options.what)
        self.minutes.blockSignals(True)
        self.minutes.setValue(options.minutes or 0)
        self.minutes.blockSignals(False)
        self.options.show_options(options)
        self._show_out(learning)

    def _show_out(self, learning: Learning) -> None:
        try:
            path = learning.out
        except SessionError:
            self.out.setText("")
            return
        self.out.setText(path.name)
        self.out.setToolTip(f"It is going to be saved as {path}")

    def _on_start(self) -> None:
        self.start_chosen.emit(self.start.currentData())

    def _on_what(self) -> None:
        self.changed.emit("what", self.what.currentData())

    def _on_minutes(self, value: float) -> None:
        self.changed.emit("minutes", value or None)

    def _on_save_as(self) -> None:
        beside = self.out.toolTip().partition(" saved as ")[2]
        name, _ = QFileDialog.getSaveFileName(self, "Save the model as", beside, _FILTER)
        if name:
            path = Path(name)
            self.out_chosen.emit(path if path.suffix else path.with_suffix(SUFFIX))

    def _lay_out(self) -> None:
        file = row(self.out, self.save_as)
        file.setStretch(0, 1)
        lines = form(
            ("Begin with", self.start),
            ("Train", self.what),
            ("At most", self.minutes),
            ("File", file),
            self.options,
        )
        self.setLayout(lines)
