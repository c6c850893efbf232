"""The dock widget "Cut Out": it shows a session and calls it. It decides nothing.

Here is what the person's hands do. How it is laid out is in panel.py, which session it works with
in opening.py, how it shows it in following.py, threads in workers.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import napari  # noqa: TC002 (napari reads the annotation when it makes the widget)
from napari.utils.notifications import show_warning

from napari_cutout.annotate import IdsExhaustedError
from napari_cutout.layers.image.coarser import carried, coarser_image
from napari_cutout.layers.weak import weak_call
from napari_cutout.sam.threads import load_ahead
from napari_cutout.segment import TooLargeError
from napari_cutout.widgets.following import Following
from napari_cutout.widgets.offers import coarser_offer, widening_offer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari.layers import Image, Labels
    from qtpy.QtWidgets import QWidget


class CutOut(Following):
    """Cut objects out of an image with clicks, boxes, outlines and strokes.

    Parameters
    ----------
    viewer
        As napari hands it to plugins.
    parent
        Its parent.
    """

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        load_ahead()
        super().__init__(viewer, parent)
        self.widening = widening_offer(self._doer("widen_labels"))
        self.coarser = coarser_offer(weak_call(self._cut_coarser))
        for offer in (self.widening, self.coarser):
            self._offers.addWidget(offer)
        self._prefer()
        self._connect_controls()
        self._listen(True)
        self.reset_choices()
        self._open(self._first_image())

    def do(self, action: str, *arguments: object) -> None:
        """Call the session; what is wrong with what was given becomes a notification.

        Parameters
        ----------
        action
            A method of :class:`.Session`; without an image nothing happens.
        arguments
            Its arguments.
        """
        if self._session is None:
            return
        try:
            getattr(self._session, action)(*arguments)
        except (ValueError, RuntimeError, OSError) as error:
            self._report(error)
        self._show_all()

    def _prefer(self) -> None:
        """Begin with what is set in napari's Preferences."""
        preferences = self.preferences
        problem = self.model.prefer(preferences.model_source)
        if problem:
            self._report(ValueError(problem))
        self.live.setChecked(preferences.live)
        self.hovering.setChecked(preferences.hovering)
        self.policy.setCurrentIndex(self.policy.findData(preferences.policy))
        self.seeing.store.is_wanted = preferences.store

    def _connect_controls(self) -> None:
        self.image.layer_changed.connect(self._use_image)
        self.labels.layer_changed.connect(self._use_labels)
        self.model.model_changed.connect(self._use_model)
        self.intensity.currentIndexChanged.connect(self._use_intensity)
        self.window_choice.currentIndexChanged.connect(self._use_window)
        self.seeing.channels_chosen.connect(self._use_channels)
        self.seeing.store.keep.clicked.connect(self._keep)
        self.seeing.store.clear.clicked.connect(self._clear_disk)
        self.seeing.store.problem.connect(self._report)
        self._prompts.tools.tool_chosen.connect(self._use_tool)
        self.polarity.clicked.connect(self._doer("toggle_polarity"))
        self.hovering.clicked.connect(self._setter("hovering"))
        self.separate.clicked.connect(self._setter("separate"))
        self.number.valueChanged.connect(self._setter("group"))
        self.live.toggled.connect(self._setter("anticipating"))
        self.live.toggled.connect(self._on_dirty)
        self._candidates.chosen.connect(self._choose)
        self.mask_options.changed.connect(self._setter("mask_options"))
        for brush, button in self.brushes.items():
            button.clicked.connect(self._doer("touch_up", brush))
        self.same_object.clicked.connect(self._doer("toggle_same_object"))
        self.policy.currentIndexChanged.connect(self._use_policy)
        self.cancel.clicked.connect(self._cancel)
        self.recovery.problem.connect(self._report)
        self.recovery.restored.connect(self._on_restored)
        for action, button in self.actions.items():
            button.clicked.connect(self._doer(action))

    def _doer(self, action: str, *arguments: object) -> Callable[..., None]:
        """A slot; Qt would keep a widget alive that is in a closure."""
        do = weak_call(self.do)
        return lambda *_: do(action, *arguments)

    def _setter(self, name: str) -> Callable[..., None]:
        put = weak_call(self._set)
        return lambda value: put(name, value)

    def _set(self, name: str, value: object) -> None:
        if self._session is None:
            return
        try:
            setattr(self._session, name, value)
        except (ValueError, RuntimeError) as error:
            self._report(error)
        self._show_later()

    def _use_image(self, image: Image | None) -> None:
        self._open(image, self.labels.layer)

    def _use_labels(self, layer: Labels | None) -> None:
        self._set("labels", layer)
        self.reset_choices()

    def _use_model(self, model: str | Path) -> None:
        self._runner.cancel("encode", "predict", "hover", "look", "prefetch")
        self._set("model", model)

    def _use_intensity(self) -> None:
        self._runner.cancel("encode", "predict", "hover", "look", "prefetch")
        self._set("intensity", self.intensity.currentData())

    def _use_window(self) -> None:
        self._set("window", self.window_choice.currentData())

    def _use_channels(self, axis: int | None, positions: tuple[int, ...]) -> None:
        self.do("choose_channels", axis, positions)

    def _keep(self, on: bool) -> None:
        self.seeing.store.choose(self._session, on)

    def _clear_disk(self) -> None:
        self.seeing.store.remove(self._runner)

    def _use_tool(self, tool: str) -> None:
        self.do("use", tool)

    def _choose(self, place: int) -> None:
        self.do("choose", place)

    def _use_policy(self) -> None:
        self._set("policy", self.policy.currentData())

    def _cancel(self) -> None:
        self._runner.cancel("encode", "predict", "look", "prefetch")
        self.do("cancel")

    def _cut_coarser(self, *_: object) -> None:
        session = self._session
        if session is None:
            return
        try:
            # First, because no frame may be shown by now.
            prompts = session.prompts
            image = coarser_image(self._viewer, session.image)
        except (ValueError, RuntimeError) as error:
            self._report(error)
        else:
            carried_over = carried(prompts, session.image, image)
            self.work_on(image)
            self.do("add_prompts", carried_over)

    def _on_restored(self, notes: str) -> None:
        self.reset_choices()
        self._on_dirty()
        if notes:
            show_warning(notes)

    def _report(self, error: Exception) -> None:
        self.show_status(str(error))
        if isinstance(error, IdsExhaustedError) and self._session is not None:
            self.widening.offer(f"The labels hold no larger id. {error}")
        if isinstance(error, TooLargeError) and self._session is not None:
            self.coarser.offer("In a coarser image it can be cut, with the same prompts.")
        show_warning(str(error))
