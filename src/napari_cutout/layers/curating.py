"""What is done to objects that are there: going to them, correcting, editing, reviewing, measuring.

How they come about is in committing.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.measurements import per_object, write_csv
from napari_cutout.annotate.review import Review, ReviewOrder
from napari_cutout.layers import object_edits
from napari_cutout.layers.committing import Committing
from napari_cutout.layers.coordinates import apply, in_data, world_matrix
from napari_cutout.layers.errors import SessionError, TargetError
from napari_cutout.layers.measuring import lay_out
from napari_cutout.layers.steps import ReviewStep
from napari_cutout.layers.targets import find_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from napari.layers import Labels
    from numpy.typing import ArrayLike

    from napari_cutout.annotate import ObjectTable
    from napari_cutout.annotate.measure import Columns
    from napari_cutout.layers.steps import Edit


class Curating(Committing):
    """A session as far as objects that are there. See :class:`.Session`."""

    @property
    def objects(self) -> ObjectTable:
        """The objects of the target; iterating gives those that were committed here.

        What the target held before is read by the runner, and is there soon.
        """
        self._undo.reconcile()
        return self._target.objects

    def delete(self, ids: int | Iterable[int]) -> None:
        """Take objects out of the target, in all frames.

        Raises
        ------
        TargetError
            If one isn't there, or the target can't be written.
        """
        numbers = _numbers(ids)
        self._edit_objects(lambda labels, table: object_edits.delete(labels, numbers, table))
        self._say(f"{_listed(numbers)} deleted.")

    def merge(self, ids: Iterable[int], into: int | None = None) -> int:
        """Make one object of several, in all frames.

        Parameters
        ----------
        ids
            Two or more.
        into
            The id that it has afterwards. Default: the smallest.

        Returns
        -------
        int
            That id.
        """
        numbers = _numbers(ids)
        self._edit_objects(lambda labels, table: object_edits.merge(labels, numbers, table, into))
        number = min(numbers) if into is None else into
        self._say(f"{_listed(numbers)} merged into {number}.")
        return number

    def split(self, number: int, first: ArrayLike, second: ArrayLike) -> int:
        """Make two objects of one in the shown frame, by a click in each half.

        Parameters
        ----------
        number
            Its id; the half of the first click keeps it.
        first, second
            (row, col) of the frame.

        Returns
        -------
        int
            The id of the other half.
        """
        index = self.frame
        clicks = tuple(tuple(float(at) for at in np.asarray(place)) for place in (first, second))
        new = 0

        def plan(labels: Labels, table: ObjectTable) -> Edit:
            nonlocal new
            frame = find_frame(labels, self.image, index, self.viewer.dims)
            new = self._target.next_id(frame)
            return object_edits.split(labels, number, frame, clicks, new, table, index)  # type: ignore[arg-type]

        self._edit_objects(plan)
        self._say(f"Object {number} split; the other half is {new}.")
        return new

    def set_class(self, ids: int | Iterable[int], name: str) -> None:
        """Give objects a class; an empty name takes it away."""
        numbers = _numbers(ids)
        self._edit_objects(lambda _, table: object_edits.set_class(numbers, name, table))

    @property
    def color_by_class(self) -> bool:
        """Whether the objects of the target have the colours of their classes."""
        return self._target.color_by_class

    @color_by_class.setter
    def color_by_class(self, on: bool) -> None:
        self._target.color_by_class = bool(on)
        self.events.options()

    def widen_labels(self) -> Labels:
        """Go on in a copy of the target with a wider dtype, when its ids are used up.

        Raises
        ------
        TargetError
            If there is no target, it isn't in memory, or no dtype is wider.
        """
        labels = self._target.widen()
        self._bind_keys()
        self.events.labels()
        self.events.objects()
        return labels

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
        """Review in another order: by rising ``"score"``, ``"size"`` or ``"id"``."""
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

    def delete_rejected(self) -> None:
        """Delete the objects that a review rejected, as one undo step."""
        decisions = self.review.decisions.items()
        rejected = [number for number, decision in decisions if decision == "rejected"]
        if not rejected:
            raise SessionError("no object was rejected")
        self.delete(rejected)

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
        labels = self.labels
        if labels is None:
            raise TargetError("there are no objects to measure; commit one, or choose labels")
        columns = lay_out(labels, [self.image], self.objects, self.viewer.dims).run()
        whole = per_object(columns) if len(columns["id"]) else columns
        if len(whole["id"]):
            self._target.measured(whole)
        chosen = columns if frames else whole
        if path is not None:
            write_csv(chosen, path)
            self._say(f"{len(chosen['id'])} rows written to {path}.")
        return chosen

    def _edit_objects(self, plan: Callable[[Labels, ObjectTable], Edit]) -> None:
        self._check_open()
        self._sync()
        labels = self.labels
        if labels is None:
            raise TargetError("there are no objects yet; commit one, or choose labels")
        edit = plan(labels, self.objects)
        if edit.changes or edit.classes:
            self._apply(edit)

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


def _numbers(ids: int | Iterable[int]) -> tuple[int, ...]:
    return (int(ids),) if isinstance(ids, int | np.integer) else tuple(int(one) for one in ids)


def _listed(numbers: tuple[int, ...]) -> str:
    if len(numbers) == 1:
        return f"Object {numbers[0]}"
    return f"{len(numbers)} objects"
