"""What is done to objects that are there: deleting, merging, splitting, classes, wider ids.

How they are looked at is in reviewing.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.layers import object_edits
from napari_cutout.layers.errors import SessionError, TargetError
from napari_cutout.layers.reviewing import Reviewing
from napari_cutout.layers.steps import WidenStep
from napari_cutout.layers.target.targets import find_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from napari.layers import Labels
    from numpy.typing import ArrayLike

    from napari_cutout.annotate import ObjectTable
    from napari_cutout.layers.steps import Edit


class Curating(Reviewing):
    """A session as far as objects that are there. See :class:`.Session`."""

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

    def delete_rejected(self) -> None:
        """Delete the objects that a review rejected, as one undo step."""
        decisions = self.review.decisions.items()
        rejected = [number for number, decision in decisions if decision == "rejected"]
        if not rejected:
            raise SessionError("no object was rejected")
        self.delete(rejected)

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

        Undoing it goes back to the layer before, which is hidden meanwhile.

        Raises
        ------
        TargetError
            If there is no target, it isn't in memory, or no dtype is wider.
        """
        self._check_open()
        self._sync()
        old, labels = self._target.widen()
        self._undo.push(WidenStep(old, labels))
        self._bind_keys()
        self.events.labels()
        self.events.objects()
        return labels

    def _edit_objects(self, plan: Callable[[Labels, ObjectTable], Edit]) -> None:
        self._check_open()
        self._sync()
        self._undo.reconcile()
        labels = self.labels
        if labels is None:
            raise TargetError("there are no objects yet; commit one, or choose labels")
        edit = plan(labels, self.objects)
        if edit.changes or edit.classes:
            self._apply(edit)


def _numbers(ids: int | Iterable[int]) -> tuple[int, ...]:
    return (int(ids),) if isinstance(ids, int | np.integer) else tuple(int(one) for one in ids)


def _listed(numbers: tuple[int, ...]) -> str:
    if len(numbers) == 1:
        return f"Object {numbers[0]}"
    return f"{len(numbers)} objects"
