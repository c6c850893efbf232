"""What the model sees: a foldable section for intensities, the window, channels and the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QLineEdit, QWidget
from superqt.utils import signals_blocked

from napari_cutout.layers.image.coordinates import layer_shape
from napari_cutout.widgets.choices import choice
from napari_cutout.widgets.controls import Section
from napari_cutout.widgets.layouts import form, row
from napari_cutout.widgets.storing import Storing

if TYPE_CHECKING:
    from napari.layers import Image

    from napari_cutout.layers import Session

INTENSITIES = {
    "percentile": ("Each frame's percentiles", "Percentiles 0.5 and 99.8 of each frame"),
    "stack": ("The stack's percentiles", "The same mapping for all frames, from a sample of them"),
    "contrast_limits": ("Contrast limits", "The layer's contrast limits as they are when chosen"),
    "dtype": ("Full range", "All that the data type can hold; for floats 0 to 1"),
}

WINDOWS = {
    "auto": (
        "Around the prompts",
        "A window that shows the object large enough, chosen for each prompt and outlined",
    ),
    "whole": ("The whole frame", "All of it, made smaller where it is large"),
    "view": ("What is on the screen", "The part of the frame that the canvas shows"),
}

_MOST = 64
"""Positions of an axis that may be one of channels."""


class Seeing(Section):
    """The section "What the model sees".

    Signals
    -------
    channels_chosen
        The person chose an axis of channels, None for none, and positions on it.
    """

    channels_chosen = Signal(object, object)

    def __init__(self) -> None:
        super().__init__("What the model sees", "Intensities, the window, channels, embeddings")
        self.intensity = choice(INTENSITIES, "How intensities become what the model sees", 12)
        self.window = choice(WINDOWS, "Which part of a large frame is encoded", 12)
        self.axis = QComboBox()
        self.axis.setToolTip("The axis that holds the channels, if there are some")
        self.positions = QLineEdit()
        self.positions.setToolTip(
            "One channel, or three that the model reads as red, green and blue: 0, or 2, 1, 0"
        )
        self.positions.setPlaceholderText("0, 1, 2")
        self.store = Storing()
        self.axis.activated.connect(self._on_axis)
        self.positions.editingFinished.connect(self._tell)
        lines = form(
            ("Intensit&y", self.intensity),
            ("Window", self.window),
            ("Channels", row(self.axis, self.positions)),
            ("On disk", self.store),
        )
        content = QWidget()
        content.setLayout(lines)
        self.addWidget(content)
        self.offer_axes(None)

    def offer_axes(self, image: Image | None) -> None:
        """Offer the axes of an image that may hold channels; none is chosen."""
        with signals_blocked(self.axis):
            self.axis.clear()
            self.axis.addItem("None", None)
            for axis, size in enumerate(() if image is None else layer_shape(image)):
                if 2 <= size <= _MOST and image.ndim > 2 and not image.rgb:
                    self.axis.addItem(f"{_name(image, axis)} ({size})", axis)
        self.axis.setEnabled(self.axis.count() > 1)
        self.positions.setText("")
        self.positions.setEnabled(False)

    def show_session(self, session: Session) -> None:
        """Show the choices of a session; nobody is told."""
        for box, value in ((self.intensity, session.intensity), (self.window, session.window)):
            with signals_blocked(box):
                box.setCurrentIndex(box.findData(value))
        if self.positions.hasFocus():
            return
        channels = session.channels
        axis = None if channels is None else channels.axis
        with signals_blocked(self.axis):
            self.axis.setCurrentIndex(max(self.axis.findData(axis), 0))
        self.positions.setEnabled(channels is not None)
        if channels is not None:
            self.positions.setText(", ".join(str(at) for at in channels.positions))

    def _on_axis(self) -> None:
        if self.axis.currentData() is not None and not self.positions.text():
            self.positions.setText("0")
        self._tell()

    def _tell(self) -> None:
        axis = self.axis.currentData()
        self.positions.clearFocus()
        if axis is None:
            self.channels_chosen.emit(None, ())
            return
        words = self.positions.text().replace(",", " ").split()
        numbers = tuple(int(word) for word in words if word.lstrip("-").isdecimal())
        self.channels_chosen.emit(axis, numbers)


def _name(image: Image, axis: int) -> str:
    """The label of an axis; napari's own are numbers from the end."""
    label = str(image.axis_labels[axis])
    return f"Axis {axis}" if label.lstrip("-").isdecimal() else label
