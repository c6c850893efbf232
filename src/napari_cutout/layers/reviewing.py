"""Looking at objects that are there: going to them, taking them up again, review, measurements.

How they come about is in committing.py; what is done to them, in curating.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.review import Review, ReviewOrder
from napari_cutout.layers.committing import Committing
from napari_cutout.layers.doubting import lay_out as lay_out_doubts
from napari_cutout.layers.errors import SessionError, TargetError
from napari_cutout.layers.image.coordinates import apply, in_data, world_matrix
from napari_cutout.layers.jobs import Job
from napari_cutout.layers.measured import Measuring
from napari_cutout.layers.measuring import lay_out
from napari_cutout.layers.steps import ReviewStep
from napari_cutout.layers.target.targets import find_frame

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_cutout.annotate import ObjectTable
    from napari_cutout.annotate.measure import Columns
    from napari_cutout.layers.model.encoder import Made


class Reviewing(Committing):
    """A session as far as looking at objects. See :class:`.Session`."""

    @property
    def objects(self) -> ObjectTable:
        """The objects of the target; iterating gives those that were committed here.

        What the target held before is read by the runner, and is there soon.
        """
        self._undo.reconcile()
        return self._target.objects

    def go_to(self, number: int) -> None:
        """Show the frame that an object lies in, and its place in the middle.

        The shown frame stays when the object lies in it.

        Raises
        ------
        TargetError
            If it isn't there.
        """
        labels, places = self.labels, self.objects.places.of(number)
        if labels is None or not places:
            raise TargetError(f"there is no object {number} to go to")
        dims = self.viewer.dims
        shown = find_frame(labels, self.image, self.frame, dims).index
        frame = shown if shown in places else min(places, key=lambda at: at[:-2])
        box = places[frame].box
        middle = [[(part.start + part.stop - 1) / 2 for part in box]]
        world = apply(world_matrix(labels, dims), in_data(middle, frame))[0]
        point = np.array(dims.point, float)
        point[-labels.ndim :] = world
        dims.point = tuple(point)
        camera = self.viewer.scene.camera
        centre = np.array(camera.center, float)
        displayed = list(dims.displayed)
        centre[-len(displayed) :] = point[displayed]
        camera.center = tuple(centre)
        labels.selected_label = number

    def reopen(self, number: int) -> None:
        """Take an object of the shown frame up again: with its prompts, or as a mask prompt.

        The next commit replaces it.

        Raises
        ------
        TargetError
            If it isn't in the frame.
        """
        self._check_open()
        index = self.frame
        records = self.objects.records_of(number, index)
        asked = records[-1].prompts if records else None
        if asked is None or not len(asked):
            self.clear()
            self.refine(number)
            return
        self.reopened = number
        state = self._layers.read().without_frame(index)
        self._edit(state.with_all(asked))
        self._say(f"Object {number} is taken up again; the next commit replaces it.")

    @property
    def review(self) -> Review:
        """The review of the objects, see :meth:`review_next`."""
        if self._review is None:
            self._review = Review(self.objects)
        self._review.table = self.objects
        return self._review

    def review_by(self, order: ReviewOrder) -> None:
        """Review in another order: by ``"score"``, ``"size"`` or ``"id"``, or by ``"doubt"``.

        The first three rise. By doubt, those come first that the model is least sure of. It is
        asked for a second opinion on every object of the shown frame, by the runner; those of
        frames for which that wasn't asked come last.

        Raises
        ------
        ValueError
            If the order is unknown.
        TargetError, ViewError
            If there are no objects in a frame that could be asked about.
        """
        if order == "doubt":
            self._ask_for_doubts()
        self.review.order = order
        self.events.objects()

    def review_next(self) -> None:
        """Go to the next object of the review."""
        self._show_reviewed(self.review.next())

    def review_previous(self) -> None:
        """Go to the one before."""
        self._show_reviewed(self.review.previous())

    def review_accept(self) -> None:
        """Say that the object is right, and go to the next that isn't decided."""
        self._decide(self.review.accept)

    def review_reject(self) -> None:
        """Say that it is none, and go on. It stays until :meth:`delete_rejected`."""
        self._decide(self.review.reject)

    def review_correct(self) -> None:
        """Take the object up again, marked as corrected. The review goes on after its commit."""
        number = self.review.current
        if number is None:
            raise SessionError("no object is under review; J goes to the first")
        self.go_to(number)
        before = self.review.state
        self.review.correct()
        self._undo.push(ReviewStep(self.review, before, self.review.state))
        self.reopen(number)
        self.events.objects()

    def measure(self, path: str | Path | None = None, *, frames: bool = True) -> Columns:
        """Measure all objects of the target in the units of its layer.

        The measurements are put into ``labels.features`` too, one row an object.

        Parameters
        ----------
        path
            A CSV file to write, if any.
        frames
            Whether there is a row for each object and frame, or one for each object.

        Returns
        -------
        dict of str to ndarray
            Columns of the same length.

        Raises
        ------
        TargetError
            If there are no labels.
        FormatError
            If the file can't be written.
        """
        work = self.measuring(path, frames=frames)
        for _ in work:
            pass
        return self.take_measured(work)

    def measuring(self, path: str | Path | None = None, *, frames: bool = True) -> Measuring:
        """The work of :meth:`measure`, to be done in steps, in a thread.

        See :class:`.Measuring`; give it to :meth:`take_measured` when it was done.

        Raises
        ------
        TargetError
            If there are no labels.
        """
        self._check_open()
        labels = self.labels
        if labels is None:
            raise TargetError("there are no objects to measure; commit one, or choose labels")
        table = self.objects
        work = lay_out(labels, [self.image], table, self.viewer.dims)
        return Measuring(labels, work, {row.id: row for row in table.rows()}, path, frames)

    def take_measured(self, work: Measuring) -> Columns:
        """Show measurements among the features of their layer, and return them.

        Objects that changed since the work was laid out are left out of the features, and all of
        them when the target is another one now.
        """
        columns = work.columns
        if not self.is_closed and self.labels is not None and self.labels == work.labels:
            now = {row.id: row for row in self.objects.rows()}
            same = [number for number, row in work.rows.items() if now.get(number) is row]
            shown = np.isin(work.by_object["id"], same)
            if shown.any():
                self._target.measured({name: of[shown] for name, of in work.by_object.items()})
        if work.path is not None:
            self._say(f"{len(columns['id'])} rows written to {work.path}.")
        return columns

    def _ask_for_doubts(self) -> None:
        self._check_open()
        task, review = lay_out_doubts(self), self.review

        def deliver(found: tuple[Made, dict[int, float]]) -> None:
            if self.is_closed:
                return
            made, values = found
            task.frame.keep(made)
            review.doubts = {**review.doubts, **values}
            self._say(f"{len(values)} objects by doubt: J goes to the one least sure.")
            self.events.objects()

        text = "Asking how sure the model is …"
        self._run(Job("doubt", text, task.run, deliver, lambda _error: None, lambda: None))

    def _decide(self, decide: Callable[[], Any]) -> None:
        review = self.review
        if review.current is None:
            raise SessionError("no object is under review; J goes to the first")
        self._sync()
        before = review.state
        number = decide()
        self._undo.push(ReviewStep(review, before, review.state))
        self._show_reviewed(number)

    def _show_reviewed(self, number: int | None) -> None:
        review = self.review
        self._target.decided(review.decisions)
        left, every = len(review.undecided), len(review.ids)
        if number is None:
            self._say(f"No object to review further: {every - left} of {every} decided.")
        else:
            self.go_to(number)
            self._say(
                f"Object {number}, {left} of {every} to be decided. G right, W wrong, U correct it."
            )
        self.events.objects()
