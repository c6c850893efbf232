"""The controls of "Learn": which there are, how they lie, how they look in a state.

No viewer here, and nothing is decided. What is learned from is in learning_from.py, how in how.py,
the curves in curves.py, the pictures in samples.py, what came of it in result.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QWidget

from napari_cutout.layers.words import time_in_words
from napari_cutout.widgets.beside_panel import BesidePanel
from napari_cutout.widgets.controls import Button, progress_bar, small_label
from napari_cutout.widgets.layouts import column, group, row
from napari_cutout.widgets.learn.curves import Curves
from napari_cutout.widgets.learn.how import HowPanel
from napari_cutout.widgets.learn.learning_from import LearningFromPanel
from napari_cutout.widgets.learn.result import Result
from napari_cutout.widgets.learn.samples import Samples

if TYPE_CHECKING:
    from napari_cutout.layers.learning.learning import Learning

TO_DO = "Commit or correct some objects, then train. The model in use stays until you say so."
_LOOKING = "Looking through what there is to learn from …"
_LEGEND = "Solid: the model's mask. Dotted: yours. Disc: the click. Below: the IoU of the two."


class LearnPanel(BesidePanel):
    """The controls. A subclass connects them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curves, self.samples = Curves(self), Samples(self)
        self.legend = small_label()
        self.legend.setText(_LEGEND)
        self.learning_from, self.how = LearningFromPanel(self), HowPanel(self)
        self.plan = small_label()
        self.plan.setToolTip("What is going to be done, and what it costs")
        self.result = Result(self)
        self.train = Button("Train (&J)", "Teach the model these objects; the best is kept")
        self.stop = Button("Stop (&Q)", "End it; the best so far is kept")
        self.progress = progress_bar("How far it is")
        self.left = small_label()
        self.left.setToolTip("How long it is going to take")
        self._lay_out()
        self.show_missing(is_open=False)

    def show_nothing(self, why: str) -> None:
        """There is no session."""
        super().show_nothing(why)
        self._choosing.hide()
        self.train.setEnabled(False)

    def show_chosen(self, learning: Learning) -> None:
        """Show what is learned from, and how."""
        self.show_something()
        self.learning_from.show_examples(learning)
        self.how.show_learning(learning)

    def show_plan(self, learning: Learning) -> None:
        """Show what is going to be done, or why it can't be."""
        planned, problem = learning.planned, learning.problem
        text = ""
        if problem:
            text = f"{problem[:1].upper()}{problem[1:]}."
        elif planned is not None:
            text = f"{planned.plan.sentence()} {planned.gathered.split.text}"
        if learning.is_planning:
            text = f"{text}\n{_LOOKING}" if planned is not None else _LOOKING
        self.plan.setText(text)
        self._planned.setVisible(bool(text) and learning.session is not None)
        self._show_can_train(learning)

    def show_progress(self, learning: Learning) -> None:
        """Show how far it is."""
        course, is_running = learning.course, learning.is_running
        self.curves.show_course(course)
        self.samples.show_samples(course.samples)
        for part in (self.samples, self.legend):
            part.setVisible(bool(course.samples))
        has_course = bool(course.losses or course.ious or course.before is not None)
        self._course.setVisible(has_course)
        if is_running and self._choosing.isVisibleTo(self):
            # What is hidden now doesn't let the dock grow narrower.
            self.setMinimumWidth(self.minimumSizeHint().width())
        elif not is_running:
            self.setMinimumWidth(0)
        self._choosing.setVisible(not is_running and learning.session is not None)
        self._running.setVisible(is_running)
        self.train.setVisible(not is_running)
        self.stop.setEnabled(not learning.is_stopping)
        self.progress.setRange(0, course.steps)
        self.progress.setValue(course.step)
        seconds = course.seconds_left
        self.left.setText("" if seconds is None else f"About {time_in_words(seconds)} left")
        self.result.show_learning(learning)
        self._show_can_train(learning)

    def _show_can_train(self, learning: Learning) -> None:
        has_some = learning.session is not None and bool(learning.examples)
        refused = learning.problem if learning.is_current else ""
        self.train.setEnabled(has_some and not refused)

    def _lay_out(self) -> None:
        self._course = group("How it goes", self.curves, self.samples, self.legend)
        examples = group("Learn from", self.learning_from)
        how = group("How", self.how)
        self._planned = group("What is going to be done", self.plan)
        self._choosing, self._running = QWidget(), QWidget()
        column(self._choosing, examples, how, spacing=6)
        bar = row(self.progress, self.stop)
        bar.setStretch(0, 1)
        column(self._running, bar, self.left)
        self._lay_down(
            (self._course, self._choosing, self._planned), (self.result, self.train, self._running)
        )
        self._course.hide()
        self._planned.hide()
        self._running.hide()
