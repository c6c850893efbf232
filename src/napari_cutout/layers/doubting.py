"""How unsure the model is of the objects of the shown frame: laid out, and found in any thread.

What doubt is, is said in segment/uncertainty.py; a review by it is in reviewing.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.layers.errors import TargetError, ViewError
from napari_cutout.layers.image.coordinates import frame_shape
from napari_cutout.layers.image.frames import frame_source
from napari_cutout.layers.target.pyramids import pixels_of
from napari_cutout.layers.target.targets import find_frame
from napari_cutout.segment.automatic.objects import FoundObject
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.uncertainty import doubts
from napari_cutout.segment.windows import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from napari_cutout.annotate.extents import Extent
    from napari_cutout.layers.model.encoder import Made
    from napari_cutout.layers.reviewing import Reviewing
    from napari_cutout.layers.target.targets import TargetFrame


@dataclass(frozen=True, eq=False)
class DoubtTask:
    """What is to be asked of the model.

    Parameters
    ----------
    prepare
        Makes the frame ready, in any thread.
    keep
        Takes what that made, where the viewer lives.
    labels
        The pixels of the target.
    target
        Where the frame lies in them.
    shape
        ``(rows, cols)`` of the image's frame.
    extents
        Where each object lies in the labels, by its id.
    scores
        Of those that a model made; the others are taken for sure so far.
    """

    prepare: Callable[[], Made]
    keep: Callable[[Made], None]
    labels: Any
    target: TargetFrame
    shape: tuple[int, int]
    extents: Mapping[int, Extent]
    scores: Mapping[int, float]

    def run(self) -> tuple[Made, dict[int, float]]:
        """The doubt of each object that has pixels in the frame, 0 to 1; in any thread."""
        made = self.prepare()
        segmenter, embedding = made[0], made[2].embedding
        there = {number: self._found(number) for number in self.extents}
        asked = {number: one for number, one in there.items() if one is not None}
        found = doubts(segmenter, embedding, list(asked.values()))
        return made, {number: doubt.value for number, doubt in zip(asked, found, strict=True)}

    def _found(self, number: int) -> FoundObject | None:
        """An object's pixels inside the image's frame; None for none."""
        rows, cols = (
            slice(max(part.start, offset), min(part.stop, offset + length))
            for part, offset, length in zip(
                self.extents[number].box, self.target.offset, self.shape, strict=True
            )
        )
        if rows.start >= rows.stop or cols.start >= cols.stop:
            return None
        slices = frame_slices(self.target.index, (rows, cols))
        mask = np.asarray(self.labels[slices]) == number
        down, right = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if not len(down):
            return None
        origin = (
            rows.start + int(down[0]) - self.target.offset[0],
            cols.start + int(right[0]) - self.target.offset[1],
        )
        tight = Rle.encode(mask[down[0] : down[-1] + 1, right[0] : right[-1] + 1])
        score = self.scores.get(number, 1.0)
        return FoundObject(tight, origin, score, 1.0, whole(self.shape))


def lay_out(session: Reviewing) -> DoubtTask:
    """What finds how unsure a session's model is of the objects of the shown frame.

    Raises
    ------
    TargetError
        If there are no labels.
    ViewError
        If no frame is shown, or one along other axes than the last two of the labels.
    """
    labels = session.labels
    if labels is None:
        raise TargetError("there are no objects to review; commit one, or choose labels")
    index, table = session.frame, session.objects
    target = find_frame(labels, session.image, index, session.viewer.dims)
    if target.index[-2:] != (None, None):
        raise ViewError(
            "objects are reviewed by doubt in frames along the last two axes of the labels; show "
            "those"
        )
    window: Any = "whole" if session.window == "whole" else None
    source = frame_source(session.image, index, session.channels, window)
    prepare, keep = session._predictor.preparing(source)
    extents = dict(table.places.in_frame(target.index))
    records = {number: table.records_of(number, index) for number in extents}
    scores = {number: made[-1].score for number, made in records.items() if made}
    shape = frame_shape(session.image, index)
    return DoubtTask(prepare, keep, pixels_of(labels), target, shape, extents, scores)
