"""Everything in a frame: finding it, choosing among it, committing it. No Qt.

Each of these files is a class on top of the one before: choosing.py, showing.py,
running.py, from_there.py. What was found, and which of it is kept, is in
found_set.py.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from napari_cutout.layers.errors import SessionError
from napari_cutout.layers.everything.chosen_way import ChosenWay
from napari_cutout.layers.everything.from_there import EverythingFromThere
from napari_cutout.layers.everything.run import Task, steps
from napari_cutout.layers.everything.where import (
    Where,
    check_where,
    known_labels,
    seen_window,
    shapes_mask,
    usual_shapes,
)
from napari_cutout.layers.gathering import FoundBy
from napari_cutout.layers.steps import EditStep

if TYPE_CHECKING:
    from napari.layers import Shapes

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.layers.everything.found_set import FoundSet
    from napari_cutout.layers.image.view_window import Seen
    from napari_cutout.layers.long_jobs import LongRunner
    from napari_cutout.layers.session import Session


class Everything(ChosenWay, EverythingFromThere):
    """Finds all objects of the shown frame, for a session.

    Parameters
    ----------
    session
        Whose image, model, viewer and labels.
    run
        Takes each :class:`.LongJob` of finding. Default: through at once, in the caller's thread.
    pause
        Takes each :class:`.LongJob` of making outlines, to be run when the person pauses; several
        may wait. Default: through at once.

    Attributes
    ----------
    events
        ``progress``, ``found`` (another set, or none), ``kept`` (which of it, changed),
        ``options`` (mode, options, where, or how it is shown), ``status``, ``closed``.
    shapes
        The Shapes layer that is meant by ``where = "shapes"``. None: the active one, or the only
        one.
    seen
        What the canvas sees, for ``where = "view"``; None for what napari last drew.

    Examples
    --------
    >>> from napari.components import ViewerModel
    >>> from napari_cutout import Session
    >>> from napari_cutout.layers.everything.everything import Everything
    >>> from napari_cutout.sample_data import fluorescence
    >>> viewer = ViewerModel()
    >>> session = Session(viewer, viewer.add_image(fluorescence()))
    >>> everything = Everything(session)
    >>> everything.mode
    'instances'
    >>> everything.find()
    >>> everything.set_filters(min_area=60, drop_touching_border=True)
    >>> ids = everything.commit()
    >>> len(ids) > 20
    True
    >>> session.undo()
    True
    >>> everything.count > len(ids)
    True
    """

    def __init__(
        self,
        session: Session,
        run: LongRunner | None = None,
        pause: LongRunner | None = None,
    ) -> None:
        super().__init__(session, run, pause)
        self._where: Where = "frame"
        self.shapes: Shapes | None = None
        self.seen: Seen | None = None
        self._committed: WeakKeyDictionary[EditStep, FoundSet] = WeakKeyDictionary()
        self._last_edit: EditStep | None = None
        session.events.edited.connect(self._on_edited)
        session.events.closed.connect(self.close)

    @property
    def where(self) -> Where:
        """Where objects are looked for: see :data:`.Where`."""
        return self._where

    @where.setter
    def where(self, where: Where) -> None:
        self._where = check_where(where)
        self.events.options()

    def find(self) -> None:
        """Look for objects in the shown frame. What was found before goes.

        Raises
        ------
        SessionError, ViewError, TargetError
            If there is nowhere to look, or the labels aren't those of the image.
        OptionError, WeightsError, ...
            With the runner that runs at once, whatever is wrong with what was given.
        """
        self._check_open()
        refused = self.why_not(self.mode)
        if refused:
            raise SessionError(refused)
        task, keep = self._task(self.session.frame)
        self._begin("Looking for objects …", partial(steps, task), keep)

    def commit(self) -> tuple[int, ...]:
        """Write what is kept into the labels of the session, as one undo step.

        Undoing that step brings what was found back. Outlines, where they are shown, become a
        layer of the person's.

        Returns
        -------
        tuple of int
            The ids, see :meth:`.Session.commit_found`.

        Raises
        ------
        SessionError
            If nothing is kept, or objects are still being looked for.
        """
        self._check_open()
        if self.is_running:
            raise SessionError("objects are still being looked for; cancel that, or wait")
        found = self.found
        if found is None:
            raise SessionError("there is nothing to commit; look for objects first")
        self._last_edit = None
        ids = self.session.commit_found(found.passing, found.by, found.frame)
        if self._last_edit is not None:
            self._committed[self._last_edit] = found
        self._outlines.release()
        self._show_found(None)
        self._say(f"{self.session.status} Ctrl+Z brings what was found back.")
        return ids

    def close(self) -> None:
        """Stop looking, and take away what is shown."""
        if self.is_closed:
            return
        self.session.events.edited.disconnect(self._on_edited)
        self.session.events.closed.disconnect(self.close)
        super().close()

    def _task(self, frame: FrameIndex) -> tuple[Task, Any]:
        session, dims = self.session, self.session.viewer.dims
        image = session.image
        prepare, keep = self._preparing(frame)
        within: Any = None
        if self._where == "view":
            within = seen_window(image, frame, dims, self.seen)
        elif self._where == "shapes":
            shapes = usual_shapes(session.viewer) if self.shapes is None else self.shapes
            within = shapes_mask(shapes, image, frame, dims)
        known = None
        if session.labels is not None and self.options.known_objects != "ignore":
            known = known_labels(session.labels, image, frame, dims)
        by = FoundBy(self.mode, self.options, session._predictor.model_name)
        return Task(prepare, frame, self.options, by, within, known), keep

    def _on_edited(self, event: Any) -> None:
        """Bring back what a commit that was undone had taken, unless something else is shown."""
        step, action = event.step, event.action
        if not isinstance(step, EditStep):
            return
        if action == "do":
            self._last_edit = step
            return
        found = self._committed.get(step)
        if found is not None and action == "undo" and self.found is None and not self.is_running:
            self._show_found(found)
        elif found is not None and action == "redo" and self.found is found:
            self._show_found(None)
