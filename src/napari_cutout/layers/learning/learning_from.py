"""What is learned from, in a viewer: the session's own labels, other layers, and folders.

How it is learned is in choosing.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.learning.examples import Example, Folder, Layers
from napari_cutout.layers.learning.layer_pair import LayerPair
from napari_cutout.layers.telling import Telling

if TYPE_CHECKING:
    from napari.layers import Image, Labels

    from napari_cutout.layers.session import Session


class LearningFrom(Telling):
    """As far as what is learned from. See :class:`.Learning`."""

    def __init__(self, session: Session | None = None) -> None:
        super().__init__("examples", "options", "plan", "outcome")
        self.session: Session | None = None
        self._viewer: Any = None
        self._uses_session = True
        self._added: tuple[Example, ...] = ()
        if session is not None:
            self.follow(session)

    def follow(self, session: Session | None) -> None:
        """Learn from what is committed in another session, or in none. What runs goes on.

        Layers that were added stay examples as long as they are in their viewer.
        """
        old, self.session = self.session, session
        if old is not None and not old.is_closed:
            old.events.closed.disconnect(self._on_session_closed)
            for emitter in (old.events.edited, old.events.labels):
                emitter.disconnect(self._examples_changed)
        if session is not None:
            session.events.closed.connect(self._on_session_closed)
            for emitter in (session.events.edited, session.events.labels):
                emitter.connect(self._examples_changed)
            self._watch(session.viewer)
            self._keep_those_in(session.viewer.layers)
        self._examples_changed()

    @property
    def uses_session(self) -> bool:
        """Whether it learns from the objects of the session's own labels."""
        return self._uses_session

    @uses_session.setter
    def uses_session(self, on: bool) -> None:
        self._uses_session = bool(on)
        self._examples_changed()

    @property
    def added(self) -> tuple[Example, ...]:
        """What is learned from besides the session's own labels."""
        return self._added

    @property
    def examples(self) -> tuple[Example, ...]:
        """All that is learned from."""
        session = self.session
        if session is None or session.labels is None or not self._uses_session:
            return self._added
        own = Layers(session.image, session.labels)
        return (own, *(example for example in self._added if example != own))

    def add_layers(self, image: Image, labels: Labels) -> None:
        """Learn from the objects of other labels too.

        Parameters
        ----------
        image, labels
            Layers of the session's viewer. The pixels of the labels are those of the image.

        Raises
        ------
        SessionError
            If they aren't in the viewer.
        TargetError
            If the labels don't lie on the image.
        """
        session = self._with_session()
        for layer in (image, labels):
            if layer not in session.viewer.layers:
                raise SessionError(f"{layer.name!r} isn't in the viewer; add it first")
        LayerPair.of(image, labels, session.viewer.dims)
        self._add(Layers(image, labels))

    def add_folder(self, images: str | Path, labels: str | Path | None = None) -> None:
        """Learn from labelled images in files too.

        Parameters
        ----------
        images
            A folder or file as :func:`~napari_cutout.train.data.open_data` takes it.
        labels
            The folder of the labels, where it isn't found from that of the images.

        Raises
        ------
        SessionError
            If there is no such folder.
        """
        paths = [
            Path(path).expanduser().absolute() for path in (images, labels) if path is not None
        ]
        for path in paths:
            if not path.exists():
                raise SessionError(f"{path} isn't there; give a folder of labelled images")
        self._add(Folder(*paths))

    def remove(self, example: Example) -> None:
        """Don't learn from something that was added."""
        if example not in self._added:
            raise SessionError(f"{example.name} isn't learned from")
        self._added = tuple(other for other in self._added if other != example)
        self._examples_changed()

    def _add(self, example: Example) -> None:
        if example in self._added:
            raise SessionError(f"{example.name} is learned from already")
        self._added = (*self._added, example)
        self._examples_changed()

    def _with_session(self) -> Session:
        self._check_open()
        if self.session is None:
            raise SessionError("there is no image; open one first")
        return self.session

    def _watch(self, viewer: Any) -> None:
        """Hear of layers that are removed from a viewer, and of no other's."""
        old, self._viewer = self._viewer, viewer
        if old is viewer:
            return
        for one, is_new in ((old, False), (viewer, True)):
            if one is not None:
                removed = one.layers.events.removed
                (removed.connect if is_new else removed.disconnect)(self._on_removed)

    def _on_removed(self) -> None:
        self._keep_those_in(self._viewer.layers)
        self._examples_changed()

    def _keep_those_in(self, layers: Any) -> None:
        """What is gone from the viewer isn't learned from any more."""
        self._added = tuple(
            example
            for example in self._added
            if isinstance(example, Folder) or (example.image in layers and example.labels in layers)
        )

    def _on_session_closed(self) -> None:
        self.follow(None)

    def _examples_changed(self, _event: object = None) -> None:
        self.events.examples()
