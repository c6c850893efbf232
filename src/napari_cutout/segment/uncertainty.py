"""How unsure a model is of objects: its score, how stable a mask is, and a second opinion.

Where a model is least sure, a person's look is worth most. Frames are ranked by this in ranking.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_cutout.segment.prompts import Prompts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_cutout.segment.automatic.objects import FoundObject
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.prediction import Prediction
    from napari_cutout.segment.segmenter import Segmenter

Mask = NDArray[np.bool_]
Crop = tuple[Mask, tuple[int, int]]

OFFSET = 1.0
"""By how much the logits' threshold is moved up and down for the stability, as in SAM's grid."""

_BATCH = 16


@dataclass(frozen=True)
class Doubt:
    """How unsure a model is of one object; each part is 1 where it is sure.

    Parameters
    ----------
    score
        The predicted IoU.
    stability
        Of the answer to the object's box: the IoU of its masks at a higher and a lower threshold.
    agreement
        How far the object agrees with what the model answers to its box and to a click in its
        middle, and the candidates for that click with each other: the product of the three IoUs.
    """

    score: float
    stability: float
    agreement: float

    @property
    def value(self) -> float:
        """0 of what is sure, 1 of what is not at all."""
        sure = np.clip([self.score, self.stability, self.agreement], 0, 1).prod()
        return float(1 - sure)


def doubts(
    segmenter: Segmenter, embedding: Embedding, objects: Sequence[FoundObject]
) -> Iterator[Doubt]:
    """How unsure a model is of each of some objects of a frame, in their order.

    Two prompts an object. Stop asking between two objects, and no more are prompted.

    Parameters
    ----------
    segmenter
        The model that is asked for its second opinion; the objects may come from anywhere.
    embedding
        Of the frame.
    objects
        With their scores.

    Raises
    ------
    PromptError
        If an object lies outside the frame.
    """
    for start in range(0, len(objects), _BATCH):
        some = objects[start : start + _BATCH]
        crops = [(one.decode(), one.origin) for one in some]
        boxes = [Prompts(box=one.box) for one in some]  # type: ignore[arg-type]
        clicks = [Prompts(points=[middle(crop)]) for crop in crops]  # type: ignore[arg-type]
        boxed = segmenter.predict(embedding, boxes, multimask=False)
        clicked = segmenter.predict(embedding, clicks, multimask=True)
        for one, crop, box, click in zip(some, crops, boxed, clicked, strict=True):
            agreement = crop_iou(crop, box.crop()) * crop_iou(crop, click.crop())
            agreement *= candidate_agreement(click)
            yield Doubt(one.score, stability(box.logits[0]), agreement)


def stability(logits: NDArray[np.float32], offset: float = OFFSET) -> float:
    """The IoU of the masks at a higher and a lower threshold; 0 where the lower one is empty.

    Parameters
    ----------
    logits
        ``(h, w)``.
    offset
        How far up and down the threshold of 0 is moved.
    """
    lower = np.count_nonzero(logits > -offset)
    return np.count_nonzero(logits >= offset) / lower if lower else 0.0


def candidate_agreement(prediction: Prediction) -> float:
    """The mean IoU of the best candidate with each of the others; 1 where there is one alone."""
    best, *others = (prediction.crop(k) for k in range(len(prediction.scores)))
    return float(np.mean([crop_iou(best, other) for other in others])) if others else 1.0


def crop_iou(one: Crop, other: Crop) -> float:
    """Intersection over union of masks in their boxes; 1 where both are empty.

    O(the boxes), not O(the frame).

    Parameters
    ----------
    one, other
        ``(h, w)`` bool, and (row, col) of its first pixel in the frame.
    """
    (a, at), (b, bt) = one, other
    top, left = max(at[0], bt[0]), max(at[1], bt[1])
    bottom = min(at[0] + a.shape[0], bt[0] + b.shape[0])
    right = min(at[1] + a.shape[1], bt[1] + b.shape[1])
    both = 0
    if bottom > top and right > left:
        mine = a[top - at[0] : bottom - at[0], left - at[1] : right - at[1]]
        theirs = b[top - bt[0] : bottom - bt[0], left - bt[1] : right - bt[1]]
        both = int(np.count_nonzero(mine & theirs))
    either = int(np.count_nonzero(a)) + int(np.count_nonzero(b)) - both
    return both / either if either else 1.0


def middle(crop: Crop) -> tuple[float, float]:
    """The (row, col) in the frame of the mask's pixel farthest from its edge.

    Raises
    ------
    ValueError
        If the mask is empty.
    """
    mask, (top, left) = crop
    if not mask.any():
        raise ValueError("an empty mask has no middle")
    depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    row, col = np.unravel_index(int(np.argmax(depth)), depth.shape)
    return float(top + row), float(left + col)
