"""The objects that a model cut out worst, as small pictures: what to look at first.

Kept while frames go by, so that no frame is read twice and none is kept. How they are drawn is in
picture/.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_cutout.evaluate.annotator import bounding_box
from napari_cutout.segment.intensity import to_pixels

if TYPE_CHECKING:
    from napari_cutout.evaluate.judged import JudgedObject
    from napari_cutout.evaluate.judging import FrameAnswers
    from napari_cutout.formats.labelled import LabelledFrame

Mask = NDArray[np.bool_]

SIDE = 160
"""Pixels of a picture's longer side at most."""

_ROOM = 0.75
"""How much of the object's size is shown on each side of it."""


@dataclass(frozen=True, eq=False)
class WorstCase:
    """One object with its surroundings.

    Parameters
    ----------
    image, label
        Which object.
    iou
        Of the answer to one click.
    score
        What the model predicted.
    pixels
        ``(h, w, 3)`` uint8.
    truth, mask
        ``(h, w)`` bool: the label, and the answer to one click.
    """

    image: str
    label: int
    iou: float
    score: float
    pixels: NDArray[np.uint8]
    truth: Mask
    mask: Mask


@dataclass
class Worst:
    """The worst cases so far.

    Parameters
    ----------
    count
        How many are kept.
    """

    count: int
    _kept: list[tuple[float, str, int, WorstCase]] = field(default_factory=list)

    def add(self, frame: LabelledFrame, answers: FrameAnswers) -> None:
        """See what came of a frame."""
        pixels: NDArray[np.uint8] | None = None
        for judged, mask in zip(answers.objects, answers.masks, strict=True):
            real = judged.ious["click_1"]
            # The heap's first is the best of those that are kept.
            if len(self._kept) >= self.count and (not self.count or -real <= self._kept[0][0]):
                continue
            pixels = to_pixels(frame.frame) if pixels is None else pixels
            kept = _cut(judged, pixels, frame.labels == judged.label, mask)
            heapq.heappush(self._kept, (-real, judged.image, judged.label, kept))
            if len(self._kept) > self.count:
                heapq.heappop(self._kept)

    @property
    def cases(self) -> tuple[WorstCase, ...]:
        """The worst first."""
        ranked = sorted(self._kept, key=lambda kept: (-kept[0], kept[1], kept[2]))
        return tuple(kept[-1] for kept in ranked)


def _cut(judged: JudgedObject, pixels: NDArray[np.uint8], truth: Mask, mask: Mask) -> WorstCase:
    """The object and some room around it, with fewer pixels where it is large."""
    row0, col0, row1, col1 = bounding_box(truth)
    room = round(_ROOM * max(row1 - row0, col1 - col0)) + 4
    rows = slice(max(row0 - room, 0), row1 + room + 1)
    cols = slice(max(col0 - room, 0), col1 + room + 1)
    step = max(-(-max(truth[rows, cols].shape) // SIDE), 1)
    place = slice(rows.start, rows.stop, step), slice(cols.start, cols.stop, step)
    return WorstCase(
        judged.image,
        judged.label,
        judged.ious["click_1"],
        judged.scores["click_1"],
        np.array(pixels[place]),
        np.array(truth[place]),
        np.array(mask[place]),
    )
