"""The dock widget "Cut Out": it shows a session and calls it. It decides nothing.

How it is laid out is in panel.py, threads in workers.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import napari  # noqa: TC002 (napari reads the annotation when it makes the widget)
from napari.layers import Image, Labels
from napari.utils.notifications import show_warning
from qtpy.QtCore import QEvent, QTimer

from napari_cutout.layers import Session
from napari_cutout.layers.weak import weak_call
from napari_cutout.widgets.panel import Panel
from napari_cutout.widgets.workers import JobRunner

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qtpy.QtWidgets import QWidget

    from napari_cutout.segment import Segmenter

DEBOUNCE = 50
"""Milliseconds between the last event of the layers and the update."""


class CutOut(Panel):
    """Cut objects out of an image with clicks and boxes.

    Parameters
    ----------
    viewer
        As napari hands it to plugins.
    parent
        Its parent.
    """

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._session: Session | None = None
        # The last session's, until the next one took it: a model that nobody holds is dropped.
        self._segmenter: Segmenter | None = None
        self._docked = False
        self._opening = False
        self._runner = JobRunner(self)
        self._runner.busy.connect(self.show_busy)
        self._runner.failed.connect(self._report)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE)
        self._timer.timeout.connect(self._update_live)
        self._connect_controls()
        self._listen(True)
        self.reset_choices()
        self._open(self._first_image())

    @property
    def session(self) -> Session | None:
        """The session that is shown; None without an image."""
        return self._session

    @property
    def is_busy(self) -> bool:
        """Whether anything is being computed, or about to be."""
        return self._timer.isActive() or self._runner.is_busy

    def reset_choices(self, _event: object = None) -> None:
        """Offer the layers that are there. napari calls this when layers come and go."""
        session = self._session
        layers = list(self._viewer.layers)
        images = [layer for layer in layers if isinstance(layer, Image)]
        preview = None if session is None else session.preview
        targets = [
            layer
            for layer in layers
            if isinstance(layer, Labels) and (preview is None or layer != preview)
        ]
        self.image.offer(images, None if session is None else session.image)
        self.labels.offer(targets, None if session is None else session.labels)

    def shut(self) -> None:
        """Stop everything and let go of the viewer. The person's layers stay."""
        self._timer.stop()
        self._runner.cancel()
        self._listen(False)
        self._open(None)
        self._segmenter = None

    def closeEvent(self, event: QEvent) -> None:
        """Stop everything."""
        self.shut()
        super().closeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Stop everything when napari takes the widget out of its dock."""
        if event.type() == QEvent.Type.ParentChange:
            if self.parent() is not None:
                self._docked = True
            elif self._docked:
                self._docked = False
                self.shut()
        return super().event(event)

    def _connect_controls(self) -> None:
        self.image.layer_changed.connect(self._open)
        self.labels.layer_changed.connect(self._use_labels)
        self.model.model_changed.connect(self._use_model)
        self.intensity.currentIndexChanged.connect(self._use_intensity)
        self.polarity.clicked.connect(self._doer("toggle_polarity"))
        for tool, button in self.tools.items():
            button.clicked.connect(self._doer(f"use_{tool}"))
        self.live.toggled.connect(self._on_dirty)
        self.cancel.clicked.connect(self._cancel)
        for action, button in self.actions.items():
            button.clicked.connect(self._doer(action))
        for k, button in enumerate(self.candidates):
            button.clicked.connect(self._doer("choose", k))

    def _listen(self, on: bool) -> None:
        events = self._viewer.layers.events
        for emitter in (events.inserted, events.removed, events.reordered, events.renamed):
            (emitter.connect if on else emitter.disconnect)(self._on_layers)

        active = self._viewer.layers.selection.events.active
        (active.connect if on else active.disconnect)(self._show_tool)

    def _on_layers(self) -> None:
        # A session adds layers of its own while it is being opened.
        if self._opening:
            return
        if self._session is None and (image := self._first_image()) is not None:
            self._open(image)
        self.reset_choices()

    def _first_image(self) -> Image | None:
        active = self._viewer.layers.selection.active
        images = [layer for layer in self._viewer.layers if isinstance(layer, Image)]
        if isinstance(active, Image):
            return active
        return images[-1] if images else None

    def _open(self, image: Image | None) -> None:
        """Work on another image, or on none."""
        old, self._session = self._session, None
        if old is not None:
            self._segmenter = old.segmenter
            self._runner.cancel()
            old.close()
        if image is not None:
            self._opening = True
            self._session = self._start(image)
            self._opening = False
            self._segmenter = None
        self.reset_choices()
        self._show_all()
        self._on_dirty()

    def _start(self, image: Image) -> Session | None:
        try:
            session = Session(
                self._viewer,
                image,
                self.model.model,
                self.labels.layer,
                self._runner,
                intensity=self.intensity.currentData(),
                report=self._report,
            )
        except (ValueError, RuntimeError) as error:
            self._report(error)
            return None
        events = session.events
        events.dirty.connect(self._on_dirty)
        events.status.connect(self._show_status)
        events.answer.connect(self._show_answer)
        events.polarity.connect(self._show_all)
        events.labels.connect(self.reset_choices)
        events.objects.connect(self._show_all)
        events.closed.connect(self._on_closed)
        return session

    def _on_closed(self) -> None:
        if self._session is not None:
            self._segmenter = self._session.segmenter
        self._session = None
        self._runner.cancel()
        self._show_all()

    def _on_dirty(self) -> None:
        self._timer.start()

    def _update_live(self) -> None:
        session = self._session
        if session is None:
            return
        if self.live.isChecked():
            self._do("update" if session.has_prompts else "encode")
        self._show_all()

    def _do(self, action: str, *arguments: object) -> None:
        """Call the session; what is wrong with what was given becomes a notification."""
        if self._session is None:
            return
        try:
            getattr(self._session, action)(*arguments)
        except (ValueError, RuntimeError, OSError) as error:
            self._report(error)
        self._show_all()

    def _doer(self, action: str, *arguments: object) -> Callable[..., None]:
        """A slot; Qt would keep a widget alive that is in a closure."""
        do = weak_call(self._do)
        return lambda *_: do(action, *arguments)

    def _use_labels(self, layer: Labels | None) -> None:
        self._set("labels", layer)
        self.reset_choices()

    def _use_model(self, model: str | Path) -> None:
        self._runner.cancel("encode", "predict")
        self._set("model", model)

    def _use_intensity(self) -> None:
        self._runner.cancel("encode", "predict")
        self._set("intensity", self.intensity.currentData())

    def _set(self, name: str, value: object) -> None:
        if self._session is None:
            return
        try:
            setattr(self._session, name, value)
        except (ValueError, RuntimeError) as error:
            self._report(error)

    def _cancel(self) -> None:
        self._runner.cancel("encode", "predict")
        self._do("cancel")

    def _report(self, error: Exception) -> None:
        self.show_status(str(error))
        show_warning(str(error))

    def _show_tool(self) -> None:
        self.show_tool(None if self._session is None else self._session.tool)

    def _show_status(self) -> None:
        self.show_status("" if self._session is None else self._session.status)

    def _show_answer(self) -> None:
        session = self._session
        prediction = None if session is None else session.candidates
        self.show_candidates(
            [] if prediction is None else prediction.scores.tolist(),
            0 if session is None else session.chosen,
        )

    def _show_all(self) -> None:
        session = self._session
        self.show_open(session is not None)
        if session is None:
            self.show_status(
                "Open an image to begin: File > Open, or File > Open Sample > Cut Out."
            )
        else:
            self.show_polarity(session.polarity)
            self.show_undo(session.can_undo, session.can_redo)
        self._show_tool()
        self._show_answer()
