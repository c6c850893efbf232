"""The controls of "Cut Out": which there are, how they lie, and what each looks like in a state.

No session and no viewer here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_cutout.layers import KEYS
from napari_cutout.widgets import icons
from napari_cutout.widgets.layer_choice import LayerChoice
from napari_cutout.widgets.models import ModelChoice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qtpy.QtGui import QIcon

_INTENSITIES = {
    "percentile": ("Each frame's percentiles", "Percentiles 0.5 and 99.8 of each frame"),
    "stack": ("The stack's percentiles", "The same mapping for all frames, from a sample of them"),
    "contrast_limits": ("Contrast limits", "The layer's contrast limits as they are when chosen"),
    "dtype": ("Full range", "All that the data type can hold; for floats 0 to 1"),
}

_KEY = {key.action: key.text for key in KEYS}


class Panel(QWidget):
    """The controls. A subclass connects them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.image = LayerChoice("Choose an image", self)
        self.labels = LayerChoice("New labels", self)
        self.model = ModelChoice(self)
        self.intensity = QComboBox(self)
        for place, (name, (text, tip)) in enumerate(_INTENSITIES.items()):
            self.intensity.addItem(text, name)
            self.intensity.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self.tools = {
            "points": _button(
                "&Points", "Click to add points", icon=icons.points(), checkable=True
            ),
            "boxes": _button(
                "&Box", "Drag a box around an object", icon=icons.box(), checkable=True
            ),
        }
        self.polarity = _button("", "What the next point says about where it lies")
        self.live = QCheckBox("&Live", self)
        self.live.setChecked(True)
        self.candidates = [_button("", f"Show candidate {k + 1}", checkable=True) for k in range(3)]
        self._exclusive = QButtonGroup(self)
        for button in self.candidates:
            self._exclusive.addButton(button)
        self.actions = {
            "update": _button("&Segment", "Find the object for the prompts", "update"),
            "commit": _button("&Commit", "Write the preview into the labels", "commit"),
            "next_candidate": _button("&Next", "Show the next candidate", "next_candidate"),
            "clear": _button("Cl&ear prompts", "Take away this frame's prompts", "clear"),
            "undo": _button("&Undo", "Undo the last prompt, commit or brush stroke", "undo"),
            "redo": _button("&Redo", "Do again what was undone", "redo"),
        }
        self.progress = QProgressBar(self)
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.cancel = _button("Cance&l", "Drop the encoding under way")
        self._status = QLabel(self)
        self._status.setWordWrap(True)
        self._status.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._status.setSizePolicy(
            QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding
        )
        self._status.setMinimumHeight(3 * self._status.fontMetrics().lineSpacing() + 6)
        self._set_tips()
        self._lay_out()
        self.show_busy("")
        self.show_polarity(True)
        self.show_candidates([], 0)

    @property
    def status(self) -> str:
        """What the status line says."""
        return self._status.text()

    def show_status(self, text: str) -> None:
        """Say what is going on and what to do next."""
        self._status.setText(text)

    def show_busy(self, text: str) -> None:
        """Show what is being done; nothing when the text is empty."""
        self.progress.setToolTip(text)
        self._busy.setVisible(bool(text))

    def show_tool(self, tool: str | None) -> None:
        """Show what the mouse does on the canvas: one of the tools, or something of napari's."""
        for name, button in self.tools.items():
            button.setChecked(name == tool)

    def show_polarity(self, positive: bool) -> None:
        """Show what the next point will be."""
        self.polarity.setIcon(icons.disc() if positive else icons.cross())
        word = "inside" if positive else "outside"
        self.polarity.setText(f"Next point: {word}  [{_KEY['toggle_polarity']}]")

    def show_candidates(self, scores: Sequence[float], chosen: int) -> None:
        """Show the candidates' scores and which is shown."""
        self._exclusive.setExclusive(False)
        for k, button in enumerate(self.candidates):
            there = k < len(scores)
            button.setEnabled(there)
            button.setChecked(there and k == chosen)
            button.setText(f"{k + 1}:  {scores[k]:.2f}" if there else f"{k + 1}:  -")
        self._exclusive.setExclusive(True)
        self.actions["commit"].setEnabled(bool(scores))
        self.actions["next_candidate"].setEnabled(len(scores) > 1)

    def show_undo(self, can_undo: bool, can_redo: bool) -> None:
        """Show whether there is anything to undo and to do again."""
        self.actions["undo"].setEnabled(can_undo)
        self.actions["redo"].setEnabled(can_redo)

    def show_open(self, is_open: bool) -> None:
        """Show whether there is an image to work on."""
        for group in self._groups:
            group.setEnabled(is_open)

    def _set_tips(self) -> None:
        for control, tip in (
            (self.image, "The image to cut objects out of"),
            (self.model, "The model; those in the package and on disk, or a file of weights"),
            (self.labels, "Where committed objects go; 'New labels' makes a layer for the image"),
            (self.intensity, "How intensities become what the model sees"),
            (self.live, "Show the mask as soon as a prompt changes; otherwise press S"),
            (self._status, "What is going on, and what to do next"),
        ):
            control.setToolTip(tip)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setContentsMargins(0, 0, 0, 0)
        for text, control in (
            ("&Image", self.image),
            ("&Model", self.model),
            ("L&abels", self.labels),
            ("Intensit&y", self.intensity),
        ):
            form.addRow(text, control)
        prompts = _group("Prompts")
        _row(prompts, *self.tools.values())
        _row(prompts, self.polarity)
        _row(prompts, self.live, self.actions["update"])
        _row(prompts, self.actions["clear"])
        candidates = _group("Candidates, with predicted IoU")
        _row(candidates, *self.candidates)
        _row(candidates, self.actions["next_candidate"], self.actions["commit"])
        self._groups = [prompts, candidates]
        self._busy = QWidget(self)
        busy = QHBoxLayout(self._busy)
        busy.setContentsMargins(0, 0, 0, 0)
        busy.addWidget(self.progress, 1)
        busy.addWidget(self.cancel)
        whole = QVBoxLayout(self)
        whole.addLayout(form)
        whole.addWidget(prompts)
        whole.addWidget(candidates)
        history = QHBoxLayout()
        history.addWidget(self.actions["undo"])
        history.addWidget(self.actions["redo"])
        whole.addLayout(history)
        whole.addWidget(self._busy)
        whole.addWidget(self._status, 1)


def _button(
    text: str, tip: str, action: str = "", *, icon: QIcon | None = None, checkable: bool = False
) -> QPushButton:
    """A button that shows its key. It takes no focus from the canvas when it is clicked."""
    button = QPushButton(f"{text}  [{_KEY[action]}]" if action else text)
    button.setToolTip(f"{tip} (key {_KEY[action]})" if action else tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setCheckable(checkable)
    if icon is not None:
        button.setIcon(icon)
    button.setIconSize(QSize(16, 16))
    return button


def _group(title: str) -> QGroupBox:
    group = QGroupBox(title)
    column = QVBoxLayout(group)
    column.setContentsMargins(6, 6, 6, 6)
    return group


def _row(group: QGroupBox, *controls: QWidget) -> None:
    row = QHBoxLayout()
    for control in controls:
        row.addWidget(control)
    layout = group.layout()
    assert isinstance(layout, QVBoxLayout)
    layout.addLayout(row)
