"""How unsure the model is of the objects of the shown frame: laid out, and found in any thread.

What doubt is, is said in segment/uncertainty.py; a review by it is in reviewing.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_cutout.layers.errors import TargetError, ViewError
from napari_cutout.layers.frame_of_objects import FrameOfObjects, frame_of_objects
from napari_cutout.layers.target.targets import find_frame
from napari_cutout.segment.automatic.objects import FoundObject
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.uncertainty import doubts
from napari_cutout.segment.windows import whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_cutout.layers.model.encoder import Made
    from napari_cutout.layers.reviewing import Reviewing


@dataclass(frozen=True, eq=False)
class DoubtTask:
    """What is to be asked of the model.

    Parameters
    ----------
    frame
        With the objects that are asked about.
    scores
        Of those that a model made; the others are taken for sure so far.
    """

    frame: FrameOfObjects
    scores: Mapping[int, float]

    def run(self) -> tuple[Made, dict[int, float]]:
        """The doubt of each object that has pixels in the frame, 0 to 1; in any thread."""
        made = self.frame.prepare()
        segmenter, embedding = made[0], made[2].embedding
        there = {number: self._found(number) for number in self.frame.extents}
        asked = {number: one for number, one in there.items() if one is not None}
        found = doubts(segmenter, embedding, list(asked.values()))
        return made, {number: doubt.value for number, doubt in zip(asked, found, strict=True)}

    def _found(self, number: int) -> FoundObject | None:
        """An object's pixels inside the image's frame; None for none."""
        placed = self.frame.mask(number)
        if placed is None:
            return None
        mask, origin = placed
        score = self.scores.get(number, 1.0)
        return FoundObject(Rle.encode(mask), origin, score, 1.0, whole(self.frame.shape))


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
    extents = dict(table.places.in_frame(target.index))
    records = {number: table.records_of(number, index) for number in extents}
    scores = {number: made[-1].score for number, made in records.items() if made}
    return DoubtTask(frame_of_objects(session, labels, index, target, extents), scores)
