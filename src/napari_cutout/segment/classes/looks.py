"""What objects look like, as numbers that classes can be learned from.

The mean of the encoder's feature maps under each mask, its shape, and the intensities in it and
around it. What is learned from them is in learning.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F

from napari_cutout.sam.undisturbed import undisturbed
from napari_cutout.segment import choice
from napari_cutout.segment.classes.errors import ClassError
from napari_cutout.segment.classes.measures import INTENSITIES, SHAPES, intensities, shape_measures
from napari_cutout.segment.similar.maps import WindowMaps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.refining import Placed
    from napari_cutout.segment.segmenter import Segmenter

_AT_ONCE = 64


@dataclass(frozen=True, eq=False)
class Looks:
    """What some objects look like.

    Parameters
    ----------
    values
        ``(N, D)`` float32, a row for each object.
    blocks
        How many of the columns belong together, one number a kind: each level of the feature
        maps, the embedding that masks are decoded from, shapes, intensities.
    fingerprint
        Of the model. No other one knows what the features mean.
    """

    values: NDArray[np.float32]
    blocks: tuple[int, ...]
    fingerprint: str

    def __len__(self) -> int:
        return len(self.values)

    def __add__(self, other: Looks) -> Looks:
        """These objects and others.

        Raises
        ------
        ClassError
            If another model made them.
        """
        if (self.fingerprint, self.blocks) != (other.fingerprint, other.blocks):
            raise ClassError("looks that two models made can't be joined; make both with the same")
        return Looks(np.concatenate([self.values, other.values]), self.blocks, self.fingerprint)

    def of(self, places: Sequence[int] | NDArray[np.intp]) -> Looks:
        """Some of the objects."""
        return Looks(self.values[np.asarray(places, np.intp)], self.blocks, self.fingerprint)


def looks_of(segmenter: Segmenter, embedding: Embedding, masks: Sequence[Placed]) -> Looks:
    """What objects of a frame look like.

    O(objects), and the windows that they lie in, which are encoded unless they were.

    Parameters
    ----------
    segmenter
        The model.
    embedding
        Of the frame.
    masks
        One or more, each ``(h, w)`` bool in its box, and the box's (row, col) in the frame.

    Raises
    ------
    ClassError
        If there is none.
    PromptError
        If one is empty, or lies outside the frame.
    """
    if not len(masks):
        raise ClassError("no object was given; give the masks of one or more")
    rows: dict[int, NDArray[np.float32]] = {}
    blocks: tuple[int, ...] = ()
    for window, places in choice.by_window(masks, embedding).items():
        maps = WindowMaps.of(segmenter, embedding, window)
        levels = (*maps.levels, maps.image)
        blocks = (*(len(level) for level in levels), SHAPES, INTENSITIES)
        for start in range(0, len(places), _AT_ONCE):
            some = places[start : start + _AT_ONCE]
            given = [masks[place] for place in some]
            cells = maps.from_masks(segmenter, embedding, window, given)
            features = torch.cat([_means(level, cells) for level in levels], dim=1).numpy()
            for place, row, placed in zip(some, features, given, strict=True):
                measures = [*shape_measures(placed[0]), *intensities(embedding, placed)]
                rows[place] = np.concatenate([row, np.array(measures, np.float32)])
    values = np.stack([rows[place] for place in range(len(masks))])
    return Looks(values.astype(np.float32), blocks, segmenter.fingerprint)


@undisturbed()
def _means(level: Tensor, cells: Tensor) -> Tensor:
    """The mean vector ``(N, C)`` of ``(C, h', w')`` under each of ``(N, h, w)`` masks."""
    span = max(cells.shape[1] // level.shape[1], 1)
    cover = F.avg_pool2d(cells[:, None].float(), span).flatten(1)
    return (cover / cover.sum(dim=1, keepdim=True)) @ level.flatten(1).T
