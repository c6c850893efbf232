"""How logits become a mask: a foldable section with a threshold, smoothing and filled holes."""

from __future__ import annotations

from contextlib import ExitStack

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import QDoubleSpinBox, QGridLayout, QLabel, QSlider, QWidget
from superqt.utils import signals_blocked

from napari_cutout.segment.mask_options import SMOOTHINGS, THRESHOLDS, MaskOptions
from napari_cutout.widgets.controls import Button, Section, check_box, number_width
from napari_cutout.widgets.layouts import row

_PAUSE = 30
"""Milliseconds that a slider may move on before the preview follows."""

_STEPS = 10
"""Of the slider for one logit."""


class MaskOptionsSection(Section):
    """The section "Mask options".

    Signals
    -------
    changed
        The person asked for other :class:`.MaskOptions`.
    """

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__("Mas&k options", "How the model's logits become a mask")
        self.threshold = _number(THRESHOLDS, 0.1)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(*(round(end * _STEPS) for end in THRESHOLDS))
        self.slider.setPageStep(_STEPS)
        for control in (self.threshold, self.slider):
            control.setToolTip(
                "Logits above it belong to the mask: to the right it shrinks, to the left it "
                "grows; the model's own is 0"
            )
        self.smoothing = _number(SMOOTHINGS, 0.5)
        self.smoothing.setToolTip("Smooth the edge: standard deviation of a Gaussian, in pixels")
        self.fill_holes = check_box("Fill holes", "What the mask surrounds belongs to it")
        self.reset = Button("Reset", "Back to the model's own mask")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._tell)
        self.slider.valueChanged.connect(self._on_slider)
        self.threshold.valueChanged.connect(self._on_threshold)
        for signal in (self.smoothing.valueChanged, self.fill_holes.toggled):
            signal.connect(self._soon)
        self.reset.clicked.connect(self._on_reset)
        self._lay_out()

    @property
    def options(self) -> MaskOptions:
        """As they are set."""
        return MaskOptions(
            round(self.threshold.value(), 1),
            round(self.smoothing.value(), 1),
            self.fill_holes.isChecked(),
        )

    @property
    def is_waiting(self) -> bool:
        """Whether what was set is about to be told."""
        return self._timer.isActive()

    def show_options(self, options: MaskOptions) -> None:
        """Show other options; nobody is told, and what is being set by hand is left alone."""
        if not self.is_waiting and options != self.options:
            self._put(options)

    def _put(self, options: MaskOptions) -> None:
        controls = (self.threshold, self.slider, self.smoothing, self.fill_holes)
        with ExitStack() as stack:
            for control in controls:
                stack.enter_context(signals_blocked(control))
            self.threshold.setValue(options.threshold)
            self.slider.setValue(round(options.threshold * _STEPS))
            self.smoothing.setValue(options.smoothing)
            self.fill_holes.setChecked(options.fill_holes)

    def _on_slider(self, value: int) -> None:
        self.threshold.setValue(value / _STEPS)

    def _on_threshold(self, value: float) -> None:
        with signals_blocked(self.slider):
            self.slider.setValue(round(value * _STEPS))
        self._soon()

    def _soon(self) -> None:
        # Not started anew: the preview follows while the slider moves.
        if not self._timer.isActive():
            self._timer.start()

    def _tell(self) -> None:
        self.changed.emit(self.options)

    def _on_reset(self) -> None:
        self._timer.stop()
        self._put(MaskOptions())
        self._tell()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        for place, (text, buddy, line) in enumerate(
            (
                ("&Threshold", self.threshold, row(self.slider, self.threshold)),
                ("Smoothin&g", self.smoothing, row(self.smoothing, None, self.fill_holes)),
            )
        ):
            name = QLabel(text)
            name.setBuddy(buddy)
            grid.addWidget(name, place, 0)
            grid.addLayout(line, place, 1)
        grid.addLayout(row(None, self.reset), 2, 1)
        grid.setColumnStretch(1, 1)
        content = QWidget()
        content.setLayout(grid)
        self.addWidget(content)


def _number(ends: tuple[float, float], step: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(*ends)
    box.setSingleStep(step)
    box.setDecimals(1)
    number_width(box, f"-{ends[1]:.1f}")
    return box
