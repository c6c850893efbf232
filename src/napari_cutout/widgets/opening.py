"""Which session "Cut Out" works with: opening one on an image, following layers, letting go.

What is done with the session, and how it is shown, is in cut_out.py; how its layers are added, in
laying.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.layers import Image, Labels

from napari_cutout.layers import Session
from napari_cutout.layers.preferences import read_preferences, store_path
from napari_cutout.widgets.laying import Laying

if TYPE_CHECKING:
    from pathlib import Path

    import napari
    from qtpy.QtWidgets import QWidget

    from napari_cutout.segment import Segmenter


class Opening(Laying):
    """The widget as far as its session comes and goes. See :class:`.CutOut`."""

    def __init__(self, viewer: napari.viewer.Viewer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work_in(viewer)
        # The last session's, until the next one took it: a model that nobody holds is dropped.
        self._segmenter: Segmenter | None = None
        self._wanted: tuple[Image | None, Labels | None, Path | None] = None, None, None
        self._beginning = self._timer(0, self._begin_wanted)
        self.preferences = read_preferences()

    @property
    def session(self) -> Session | None:
        """The session that is shown, with all its layers; None without an image."""
        self._finish_opening()
        return self._session

    @property
    def is_opening(self) -> bool:
        """Whether a session is going to be made, or gets its layers."""
        return self._beginning.isActive() or self._is_laying

    def work_on(
        self, image: Image, labels: Labels | None = None, folder: Path | None = None
    ) -> Session | None:
        """Work on an image, as when the person chooses it.

        Parameters
        ----------
        image
            An Image layer of the viewer. The one that is worked on already keeps its session.
        labels
            Where its objects go. Default: new labels; for the image that is worked on already,
            its own.
        folder
            Where the log of a new session goes, with autosave. Default: beside the image.

        Returns
        -------
        Session or None
            None when there can't be one; a notification has said why.
        """
        session = self.session
        if session is None or session.image != image:
            self._open(image, labels, folder)
        elif labels is not None and labels != session.labels:
            self._set("labels", labels)
        return self.session

    def reset_choices(self, _event: object = None) -> None:
        """Offer the layers that are there. napari calls this when layers come and go."""
        session = self._session
        layers = list(self._viewer.layers)
        images = [layer for layer in layers if isinstance(layer, Image)]
        ours = [] if session is None else session.own_labels
        targets = [
            layer
            for layer in layers
            if isinstance(layer, Labels)
            and not any(own is not None and layer == own for own in ours)
        ]
        self.image.offer(images, None if session is None else session.image)
        self.labels.offer(targets, None if session is None else session.labels)

    def _let_go(self) -> None:
        """Stop everything."""
        self._runner.cancel()
        self._listen(False)
        self._open(None)
        self._segmenter = None
        self._stop_timers()

    def _listen(self, on: bool) -> None:
        events = self._viewer.layers.events
        for emitter in (events.inserted, events.removed, events.reordered, events.renamed):
            (emitter.connect if on else emitter.disconnect)(self._on_layers)

    def _on_layers(self) -> None:
        # A session adds layers of its own while it is being opened.
        if self._is_adding or self._beginning.isActive():
            return
        if self._session is None and (image := self._first_image()) is not None:
            self._open(image)
        self.reset_choices()

    def _finish_opening(self) -> None:
        """Add at once what was left for later turns: somebody wants to work with the session."""
        if self._beginning.isActive():
            self._beginning.stop()
            self._begin_wanted()
        self._finish_laying()

    def _first_image(self) -> Image | None:
        active = self._viewer.layers.selection.active
        images = [layer for layer in self._viewer.layers if isinstance(layer, Image)]
        if isinstance(active, Image):
            return active
        return images[-1] if images else None

    def _open(
        self, image: Image | None, labels: Labels | None = None, folder: Path | None = None
    ) -> None:
        """Work on another image in the next turn, or on none now.

        What goes on, the widget docked or an image inserted, takes long enough by itself.
        """
        old, self._session = self._session, None
        self._beginning.stop()
        self._stop_laying()
        if old is not None:
            self._segmenter = old.segmenter
            self._runner.cancel()
            self.recovery.forget()
            with self._adding():
                old.close()
        if image is None or image not in self._viewer.layers:
            self._begin(image, labels, folder)
        else:
            self._wanted = image, labels, folder
            self._beginning.start()

    def _begin_wanted(self) -> None:
        """Work on the image that was chosen, or on another one where it is gone already."""
        (image, labels, folder), self._wanted = self._wanted, (None, None, None)
        layers = self._viewer.layers
        if image is None or image not in layers:
            self._begin(self._first_image())
        else:
            self._begin(image, labels if labels is None or labels in layers else None, folder)

    def _begin(
        self, image: Image | None, labels: Labels | None = None, folder: Path | None = None
    ) -> None:
        if image is not None:
            with self._adding():
                self._session = self._start(image, labels, folder)
            self._segmenter = None
        if self._session is not None:
            self._begin_laying()
        self.reset_choices()
        self._opened()

    def _start(self, image: Image, labels: Labels | None, folder: Path | None) -> Session | None:
        """A session with what is set in the widget."""
        autosave = (folder or True) if self.preferences.autosave else False
        try:
            session = Session(
                self._viewer,
                image,
                self.model.model,
                labels,
                self._runner,
                intensity=self.intensity.currentData(),
                policy=self.policy.currentData(),
                report=self._report,
                autosave=autosave,
                device=self.preferences.device,
                precision=self.preferences.precision,
                cache_bytes=self.preferences.cache_bytes,
                lay=False,
            )
        except (ValueError, RuntimeError) as error:
            self._report(error)
            return None
        session.window = self.window_choice.currentData()
        self._show_image(session)
        session.separate = self.separate.isChecked()
        session.mask_options = self.mask_options.options
        session.hovering = self.hovering.isChecked()
        session.anticipating = self.live.isChecked()
        if self.preferences.autosave:
            self.recovery.look(session, self._runner)
        self._follow(session)
        return session

    def _show_image(self, session: Session) -> None:
        self.seeing.offer_axes(session.image)
        self.seeing.store.open(session, store_path(self.preferences, session.image))
        self.seeing.store.measure(self._runner)

    def _on_closed(self) -> None:
        if self._session is None:
            return
        self._segmenter = self._session.segmenter
        self._session = None
        self._stop_laying()
        self._runner.cancel()
        self.recovery.forget()
        self._opened()

    def _opened(self) -> None:
        """There is another session, or none."""
        raise NotImplementedError

    def _follow(self, session: Session) -> None:
        """Listen to a session."""
        raise NotImplementedError

    def _set(self, name: str, value: object) -> None:
        """Set an attribute of the session."""
        raise NotImplementedError

    def _report(self, error: Exception) -> None:
        """Say what is wrong with what was given."""
        raise NotImplementedError
