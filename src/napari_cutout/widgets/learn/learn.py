"""The dock widget "Learn": it shows what is learned and how it goes, and calls. It decides nothing.

The session is that of the dock widget "Cut Out" of the same window. A training goes on when another
image is opened there. How it is laid out is in panel.py.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import napari  # noqa: TC002 (napari reads the annotation when it makes the widget)
from napari.layers import Image, Labels
from napari.utils.notifications import show_info
from qtpy.QtCore import QTimer

from napari_cutout.layers.learning.learning import Learning
from napari_cutout.widgets.job_thread import JobThread
from napari_cutout.widgets.learn.panel import TO_DO, LearnPanel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from qtpy.QtGui import QShowEvent
    from qtpy.QtWidgets import QWidget

    from napari_cutout.layers import Session
    from napari_cutout.layers.learning.examples import Example

REST = 800
"""Milliseconds without a change before the examples are looked through for a plan."""

AFTER_EDIT = 4
"""Times as long as a plan takes nothing may have been committed before the next: to measure what it
costs takes a core from who goes on cutting."""


class Learn(LearnPanel):
    """Train the model on what was committed and corrected, watch it, and go on with the result.

    Parameters
    ----------
    viewer
        As napari hands it to plugins.
    parent
        Its parent.
    """

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thread, self._looking = JobThread(self), JobThread(self)
        self._thread.failed.connect(self._report)
        self._model: object = None
        self._was_edited = False
        self._learning = Learning(None, self._thread, self._looking)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._plan)
        self._connect_controls()
        self._begin(viewer)

    @property
    def learning(self) -> Learning:
        """What learns, whose methods are called; for scripts and tests."""
        return self._learning

    @property
    def _worked_with(self) -> Learning:
        return self._learning

    @property
    def is_busy(self) -> bool:
        """Whether anything runs, or is still to be planned or shown."""
        waits = self._later.isActive() or self._rest.isActive()
        return waits or self._thread.is_busy or self._looking.is_busy

    def showEvent(self, event: QShowEvent) -> None:
        """Plan what wasn't planned while nobody saw it."""
        super().showEvent(event)
        self._plan_soon()

    def _connect_controls(self) -> None:
        self.learning_from.own_wanted.connect(self._use_own)
        self.learning_from.layers_asked.connect(self._add_layers)
        self.learning_from.folder_asked.connect(self._add_folder)
        self.learning_from.removed.connect(self._remove)
        self.how.changed.connect(self._use_option)
        self.how.start_chosen.connect(self._use_start)
        self.how.out_chosen.connect(self._save_as)
        self.train.clicked.connect(self._train)
        self.stop.clicked.connect(self._stop)
        self.result.use.clicked.connect(self._use)
        self.result.back.clicked.connect(self._go_back)
        events = self._learning.events
        events.status.connect(self._on_status)
        events.progress.connect(self._on_progress)
        events.outcome.connect(self._on_outcome)
        events.plan.connect(self._on_plan)
        for emitter in (events.examples, events.options):
            emitter.connect(self._on_chosen)

    def _follow(self, session: Session | None) -> None:
        """Learn from the objects of another session, or of none; what runs goes on."""
        super()._follow(session)
        self._learning.follow(session)
        if session is not None and not self._learning.status:
            self.show_status(TO_DO)

    def _heard(self, session: Session) -> Iterable[tuple[Any, Callable[..., None]]]:
        events = session.events
        return [
            (events.options, self._show_later),
            (events.objects, self._show_later),
            (events.edited, self._on_edited),
            (events.dirty, self._look_at_model),
            (events.answer, self._look_at_model),
        ]

    def _let_go(self) -> None:
        self._rest.stop()
        super()._let_go()
        # What was learned so far is saved by the thread, which nobody waits for.
        self._learning.close()
        self._thread.stop()
        self._looking.stop()

    def _show_all(self) -> None:
        cut_out, session = self._look_up()
        learning = self._learning
        self._model = None if session is None else session.model
        if session is None:
            self.show_missing(is_open=cut_out is not None)
        else:
            layers = list(self._viewer.layers)
            ours = session.own_labels
            images = [layer for layer in layers if isinstance(layer, Image)]
            labels = [layer for layer in layers if isinstance(layer, Labels)]
            others = [layer for layer in labels if not any(layer == own for own in ours)]
            self.learning_from.image.offer(images, self.learning_from.image.layer)
            self.learning_from.labels.offer(others, self.learning_from.labels.layer)
            self.show_chosen(learning)
        self.show_plan(learning)
        self.show_progress(learning)
        if not learning.is_current:
            self._plan_soon()

    def _look_at_model(self, _event: object = None) -> None:
        """Nobody tells of another model; this is called often, and mostly for nothing."""
        if self._session is not None and self._session.model != self._model:
            self._show_later()

    def _plan_soon(self) -> None:
        """Plan when nothing has changed for a while, and somebody sees it."""
        is_wanted = not self._learning.is_current and not self._learning.is_running
        if is_wanted and self._session is not None and self.isVisible() and not self._is_shut:
            planned = self._learning.planned
            took = 0 if planned is None or not self._was_edited else planned.seconds
            self._rest.start(max(REST, round(1000 * AFTER_EDIT * took)))

    def _plan(self) -> None:
        learning, self._was_edited = self._learning, False
        if self._session is None or learning.is_running or learning.is_current:
            return
        # What is wrong with it is shown in its place.
        with suppress(ValueError, RuntimeError, OSError):
            learning.plan()

    def _on_edited(self, _event: object = None) -> None:
        self._was_edited = True

    def _on_status(self, _event: object = None) -> None:
        self.show_status(self._learning.status)

    def _on_progress(self, _event: object = None) -> None:
        self.show_progress(self._learning)

    def _on_plan(self, _event: object = None) -> None:
        self._show_later()

    def _on_chosen(self, _event: object = None) -> None:
        self._show_later()

    def _on_outcome(self, _event: object = None) -> None:
        self._show_later()
        outcome = self._learning.outcome
        if outcome is not None and not self.isVisible():
            show_info(f"{outcome.text} Use it in Learn.")

    def _train(self) -> None:
        self._rest.stop()
        self.do("train")

    def _stop(self) -> None:
        self.do("stop")

    def _use(self) -> None:
        if self.do("use"):
            self._show_model()

    def _go_back(self) -> None:
        if self.do("go_back"):
            self._show_model()

    def _show_model(self) -> None:
        """Have "Cut Out" show which model its session has now."""
        cut_out, session = self._look_up()
        if cut_out is not None and session is not None and isinstance(session.model, str | Path):
            cut_out.model.prefer(session.model)

    def _use_own(self, on: bool) -> None:
        self._learning.uses_session = on

    def _add_layers(self, image: Image | None, labels: Labels | None) -> None:
        if image is None or labels is None:
            self._report(ValueError("choose an image, and labels that lie on it"))
        else:
            self.do("add_layers", image, labels)

    def _add_folder(self, images: str, labels: str | None) -> None:
        if not images:
            self._report(ValueError("choose a folder of labelled images"))
        elif self.do("add_folder", images, labels):
            self.learning_from.images.clear()
            self.learning_from.masks.clear()

    def _remove(self, example: Example) -> None:
        self.do("remove", example)

    def _use_option(self, name: str, value: object) -> None:
        self.do("set_options", **{name: value})

    def _use_start(self, start: str) -> None:
        self._set("start", start)

    def _save_as(self, path: Path) -> None:
        # The dialog has asked whether what is there may go.
        self.do("save_as", path, replace=True)
