"""The controls of "Cut Out": which parts there are, how they lie, what they look like in a state.

No session and no viewer here. The parts are in tools.py, prompting.py, candidates.py, options.py,
finishing.py and status.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, QSize, Qt
from qtpy.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from napari_cutout.widgets.candidates import Candidates
from napari_cutout.widgets.controls import STYLE, small_label
from napari_cutout.widgets.docked import Docked
from napari_cutout.widgets.finishing import CommitOptions, Finishing
from napari_cutout.widgets.layer_choice import LayerChoice
from napari_cutout.widgets.layouts import column, form
from napari_cutout.widgets.models import ModelChoice
from napari_cutout.widgets.options import MaskOptionsSection
from napari_cutout.widgets.prompting import Prompts
from napari_cutout.widgets.recovering import RecoveryOffer
from napari_cutout.widgets.seeing import Seeing
from napari_cutout.widgets.status import Status

if TYPE_CHECKING:
    from napari_cutout.layers import Session

_SLACK = 4
"""Pixels that themes put around a scroll bar."""

_NO_IMAGE = "Open an image to begin: File > Open, or File > Open Sample > Cut Out."


class Panel(Docked):
    """The controls. A subclass connects them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.image = LayerChoice("Choose an image", self)
        self.labels = LayerChoice("New labels", self)
        self.model = ModelChoice(self)
        self.about = small_label()
        self.seeing = Seeing()
        self.recovery = RecoveryOffer()
        self._offers = QVBoxLayout()
        self._offers.addWidget(self.recovery)
        self._prompts = Prompts(self)
        self._candidates = Candidates(self)
        self.mask_options = MaskOptionsSection()
        self._candidates.column.addWidget(self.mask_options)
        self._on_commit = CommitOptions(self)
        self._finishing = Finishing(self)
        self._foot = Status(self)
        self._name_controls()
        self._set_tips()
        self._lay_out()
        self.setStyleSheet(STYLE)
        self.model.about_changed.connect(self._show_about)
        self._show_about()

    @property
    def status(self) -> str:
        """What the status line says."""
        return self._foot.line.text()

    def show_status(self, text: str) -> None:
        """Say what is going on and what to do next."""
        self._foot.line.setText(text)

    def show_tool(self, tool: str | None, brush: str | None, in_labels: bool = False) -> None:
        """Show what the mouse does on the canvas: a tool, a brush, or something of napari's."""
        self._prompts.tools.show_tool(tool, brush, in_labels)
        for name, button in self.brushes.items():
            button.setChecked(name == brush)

    def show_session(self, session: Session | None) -> None:
        """Show the state of a session; None: there is no image to work on."""
        for part in (self.seeing, self._prompts, self._candidates, self._on_commit):
            part.setEnabled(session is not None)
        if session is None:
            self.show_status(_NO_IMAGE)
            self._candidates.show_scores([], 0)
            self._candidates.show_brushes(False)
            self._finishing.show_state(False, False, False)
            return
        prediction = session.candidates
        scores = [] if prediction is None else prediction.scores.tolist()
        self._candidates.show_scores(scores, session.chosen)
        self._candidates.show_brushes(session.can_touch_up)
        self._prompts.show_polarity(session.polarity)
        self._prompts.show_options(session.hovering, session.separate, session.group)
        self.mask_options.show_options(session.mask_options)
        self.seeing.show_session(session)
        self._on_commit.show_options(session.same_object, session.policy)
        self._finishing.show_state(bool(scores), session.can_undo, session.can_redo)

    def _show_about(self) -> None:
        self.about.setText(self.model.about)

    def _name_controls(self) -> None:
        """Give the parts' controls names here, for whoever connects them."""
        self.intensity, self.window_choice = self.seeing.intensity, self.seeing.window
        prompts, finishing, candidates = self._prompts, self._finishing, self._candidates
        self.tools = prompts.tools.buttons
        self.polarity, self.live, self.hovering = prompts.polarity, prompts.live, prompts.hovering
        self.separate, self.number = prompts.separate, prompts.number
        self.candidates = candidates.buttons
        self.brushes, self.policy = candidates.brushes, self._on_commit.policy
        self.same_object = self._on_commit.same_object
        self.progress, self.cancel = self._foot.progress, self._foot.cancel
        self.actions = {
            "update": prompts.update_now,
            "commit": finishing.commit,
            "next_candidate": candidates.next,
            "clear": prompts.clear,
            "undo": finishing.undo,
            "redo": finishing.redo,
        }

    def _set_tips(self) -> None:
        for control, tip in (
            (self.image, "The image to cut objects out of"),
            (self.labels, "Where committed objects go; 'New labels' makes a layer for the image"),
            (self.about, "The licence of the model, and what it needs"),
        ):
            control.setToolTip(tip)

    def _lay_out(self) -> None:
        lines = form(
            ("&Image", self.image), ("L&abels", self.labels), ("&Model", self.model), self.about
        )
        content = QWidget()
        parts = (self.seeing, self._prompts, self._candidates, self._on_commit)
        inner = column(content, self._offers, lines, *parts, spacing=5)
        inner.setContentsMargins(2, 0, 2, 0)
        inner.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(4, 4, 4, 4)
        whole.addWidget(Scrolled(content), 1)
        whole.addWidget(self._finishing)
        whole.addWidget(self._foot)


class Scrolled(QScrollArea):
    """A column that is scrolled where the window is too low for it, never sideways.

    The wheel scrolls it: a control below the cursor takes the wheel only when it has the keyboard.
    """

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        content.installEventFilter(self)
        for kind in (QComboBox, QAbstractSpinBox, QAbstractSlider):
            for control in content.findChildren(kind):
                control.installEventFilter(self)
                if kind is not QAbstractSpinBox:
                    control.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def minimumSizeHint(self) -> QSize:
        """As wide as the controls need, with the scroll bar."""
        bar = self.verticalScrollBar().sizeHint().width() + _SLACK
        return QSize(self.widget().minimumSizeHint().width() + bar, 160)

    def sizeHint(self) -> QSize:
        """As high as all of it."""
        return QSize(self.minimumSizeHint().width(), self.widget().sizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel to the column, and be as wide as what is in it."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        if event.type() == QEvent.Type.Wheel and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)
