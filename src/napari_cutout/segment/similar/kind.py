"""What objects of one kind look like: feature vectors under a few masks of it, and their sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from napari_cutout.segment import choice
from napari_cutout.segment.errors import PromptError
from napari_cutout.segment.similar.maps import WindowMaps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.refining import Placed
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.windows import Window


@dataclass(frozen=True, eq=False)
class Kind:
    """One or a few objects, as their like is looked for.

    Parameters
    ----------
    vectors
        By level of the feature maps, ``(N, C)`` float32 of length 1: how the mean vector under
        each mask differs from :attr:`means`.
    means
        By level, ``(C,)``: the mean vector of where the objects are.
    image
        ``(N, C)`` float32, the mean of the embedding itself under each mask.
    areas
        ``(N,)`` float, pixels of the frame.
    sizes
        ``(N, 2)`` float, rows and columns of their boxes.
    fingerprint
        Of the model. No other one knows what the vectors mean.
    """

    vectors: tuple[Tensor, ...]
    means: tuple[Tensor, ...]
    image: Tensor
    areas: NDArray[np.float64]
    sizes: NDArray[np.float64]
    fingerprint: str

    def __len__(self) -> int:
        return len(self.areas)

    def joined(self, other: Kind) -> Kind:
        """These objects and those of another frame.

        Raises
        ------
        PromptError
            If another model made them.
        """
        if self.fingerprint != other.fingerprint:
            raise PromptError(
                "examples of a kind that two models made can't be joined; make both with the same"
            )
        shares = [len(part) / (len(self) + len(other)) for part in (self, other)]
        return Kind(
            tuple(map(_stacked, self.vectors, other.vectors)),
            tuple(
                shares[0] * one + shares[1] * two
                for one, two in zip(self.means, other.means, strict=True)
            ),
            torch.cat([self.image, other.image]),
            np.concatenate([self.areas, other.areas]),
            np.concatenate([self.sizes, other.sizes]),
            self.fingerprint,
        )

    def size_fit(self, areas: NDArray[np.float64], tolerance: float) -> NDArray[np.float64]:
        """How well areas ``(M,)`` go with those of the kind, 0 to 1.

        A Gaussian of the logarithm of the ratio to the nearest of the kind's range.

        Parameters
        ----------
        areas
            Pixels of the frame.
        tolerance
            Its standard deviation; 1 is a factor of 2.7.
        """
        logs = np.log(np.maximum(areas, 1e-9))
        low, high = np.log(self.areas.min()), np.log(self.areas.max())
        away = logs - np.clip(logs, low, high)
        return np.asarray(np.exp(-0.5 * (away / tolerance) ** 2), np.float64)


def learn_kind(segmenter: Segmenter, embedding: Embedding, masks: Sequence[Placed]) -> Kind:
    """What objects of a frame look like.

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
    PromptError
        If there is none, one is empty, or one lies outside the frame.
    """
    if not len(masks):
        raise PromptError("no object was given whose like is to be found; give one or more masks")
    found: Kind | None = None
    for window, places in choice.by_window(masks, embedding).items():
        kind = _of_window(segmenter, embedding, window, [masks[place] for place in places])
        found = kind if found is None else found.joined(kind)
    assert found is not None, "there are masks"
    return found


def _of_window(
    segmenter: Segmenter, embedding: Embedding, window: Window, masks: list[Placed]
) -> Kind:
    maps = WindowMaps.of(segmenter, embedding, window)
    cells = maps.from_masks(segmenter, embedding, window, masks)
    means = maps.means
    return Kind(
        maps.vectors(cells, means),
        means,
        maps.image_vectors(cells),
        np.array([np.count_nonzero(mask) for mask, _ in masks], float),
        np.array([_extent(mask) for mask, _ in masks], float),
        segmenter.fingerprint,
    )


def _extent(mask: NDArray[np.bool_]) -> tuple[int, int]:
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[-1] - rows[0]) + 1, int(cols[-1] - cols[0]) + 1


def _stacked(one: Tensor, two: Tensor) -> Tensor:
    return torch.cat([one, two])
