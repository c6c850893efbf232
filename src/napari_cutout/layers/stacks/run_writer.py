"""Writing what a run makes into the labels of a session, part by part, as one step of its chain.

What is to be written is planned here for found and for carried objects; how pixels get into the
data is in direct_writing.py, and what is undone in run_step.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.annotate import IdsExhaustedError
from napari_cutout.layers.errors import TargetError
from napari_cutout.layers.gathering import found_record
from napari_cutout.layers.image.coordinates import between
from napari_cutout.layers.run_step import RunStep
from napari_cutout.layers.steps import Edit
from napari_cutout.layers.target.direct_writing import draw, gained_by_all, write_directly
from napari_cutout.layers.target.pyramids import pixels_of
from napari_cutout.layers.target.targets import check_writable, frame_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.layers import Labels

    from napari_cutout.annotate import FrameIndex, ObjectRecord, OverlapPolicy
    from napari_cutout.layers.answers import Crop
    from napari_cutout.layers.gathering import FoundBy
    from napari_cutout.layers.session import Session
    from napari_cutout.layers.target.targets import TargetFrame
    from napari_cutout.segment.automatic.objects import FoundObject

_UNTOLD = 0.5
"""Share of new objects from which on all of them are told of again: each telling goes through all,
and so they cost a few times what the last one does."""


class RunWriter:
    """Writes for one run. Where the person edits the labels meanwhile, a second step begins.

    Parameters
    ----------
    session
        Whose labels. Without any, the first writing makes them.
    text
        What is done, in a word or two.

    Attributes
    ----------
    text
        What is done.
    steps
        Of the session's chain, in order; mostly one.
    count
        Objects that were written.
    """

    def __init__(self, session: Session, text: str) -> None:
        self._session, self.text = session, text
        self._labels: Labels | None = session.labels
        self._untold: list[ObjectRecord] = []
        self.steps: list[RunStep] = []
        self.count = 0
        if self._labels is not None:
            self._prepare(self._labels)

    @property
    def labels(self) -> Labels:
        """The layer that is written.

        Raises
        ------
        TargetError
            If the session's labels are others now, or it can't be written.
        """
        session = self._session
        if self._labels is None:
            self._labels = session._target.ensure()
            session._bind_keys()
            self._prepare(self._labels)
            session.events.labels()
        if session.labels is None or session.labels != self._labels:
            raise TargetError(
                f"the labels {self._labels.name!r} aren't those of the session any more; what was "
                "done until then is in them. Choose labels, and begin again"
            )
        check_writable(self._labels)
        return self._labels

    @property
    def policy(self) -> OverlapPolicy:
        """What happens where objects meet others: the session's, unless labels are kept."""
        policy = self._session.policy
        keeps = self.labels.preserve_labels and policy == "new_on_top"
        return "keep_existing" if keeps else policy

    def place(self, index: FrameIndex) -> TargetFrame:
        """Where a frame of the image lies in the labels, whatever the viewer shows."""
        return frame_at(self.labels, self._session.image, index, self._matrix)

    def add(
        self, index: FrameIndex, objects: Sequence[FoundObject], crops: Sequence[Crop], by: FoundBy
    ) -> tuple[int, ...]:
        """Write objects that were found in a frame, with new ids.

        Parameters
        ----------
        index
            The frame of the image.
        objects, crops
            What was found, and the masks, which share no pixel; see :func:`.smaller_on_top`.
        by
            How.

        Returns
        -------
        tuple of int
            The ids of those that got a pixel.

        Raises
        ------
        TargetError
            If the labels can't be written.
        IdsExhaustedError
            If their dtype doesn't hold so many ids.
        """
        labels, session = self.labels, self._session
        target = self.place(index)
        placed = [target.crop(*crop) for crop in crops]
        first = session._target.next_id(target, [slices for _, slices in placed])
        self.check_ids(first + len(crops) - 1)
        wanted = [(slices, mask) for mask, slices in placed]
        planned = gained_by_all(labels, wanted, first, session.policy)
        changes = [change for change in planned if change is not None]
        got = [k for k, change in enumerate(planned) if change is not None]
        added = [
            found_record(objects[k], crops[k][0], first + n, index, by) for n, k in enumerate(got)
        ]
        if changes:
            self.write(Edit(self.text, changes, added))
        return tuple(record.id for record in added)

    def write(self, part: Edit) -> None:
        """Write a part of the run. O(its boxes).

        Raises
        ------
        TargetError
            If the labels can't be written; then nothing of the part is.
        """
        labels, session = self.labels, self._session
        session._sync()
        session._undo.reconcile()
        step = self.steps[-1] if self.steps else None
        if step is None or not session._undo.can_extend(step):
            step = RunStep.begin(self.text, labels, session._state)
            session._undo.push(step)
            self.steps.append(step)
        with session._target.writing():
            try:
                write_directly(labels, [part.changes])
            except TargetError:
                if step.is_empty:
                    session._undo.forget(self.steps.pop())
                raise
            draw(labels, part.changes, session.viewer.dims)
        session._undo.extend(step, part)
        self.count += len(part.added)
        self._untold.extend(part.added)
        table = session._target.objects
        if len(self._untold) >= max(_UNTOLD * max(len(table), len(table.places)), 1):
            self.tell()

    def tell(self) -> None:
        """Bring what the layer and the session say of objects in step with what was written."""
        session = self._session
        if self._labels is None or not self.steps or session.is_closed:
            return
        session._target.tell(self._labels, self._untold)
        self._untold.clear()
        session.events.objects()

    def check_ids(self, needed: int) -> None:
        """Refuse ids that the labels can't hold.

        Raises
        ------
        IdsExhaustedError
            If they can't, with what to do.
        """
        dtype = pixels_of(self.labels).dtype
        if needed > int(np.iinfo(dtype).max):
            raise IdsExhaustedError(
                f"ids up to {needed} are needed, and labels of dtype {dtype} hold "
                f"{np.iinfo(dtype).max}; copy them into a wider one with Session.widen_labels(), "
                "and go on"
            )

    def _prepare(self, labels: Labels) -> None:
        check_writable(labels)
        session = self._session
        self._matrix = between(session.image, labels, session.viewer.dims)
