"""What an image encoder says of the pixels of a window: vectors that can be compared.

Masks live on the decoder's own resolution here, ``(h, w)`` cells of a window, padding included.
What is looked for is in kind.py, where it is found in find.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from napari_cutout.sam.undisturbed import undisturbed
from napari_cutout.segment.mask_prompts import mask_prompt
from napari_cutout.segment.prompts import Prompts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.refining import Placed
    from napari_cutout.segment.segmenter import Segmenter
    from napari_cutout.segment.windows import Window

FINE = ("dense", "skip4")
"""Feature maps that are compared where a family has them: they show objects of few pixels."""

COARSE = "image"
"""What every family has: the embedding that masks are decoded from."""


@dataclass(frozen=True, eq=False)
class WindowMaps:
    """The feature maps of a window.

    Parameters
    ----------
    levels
        ``(C, h', w')`` float32 each, a level of its own size and channels.
    image
        ``(C, h', w')`` float32, the embedding that masks are decoded from.
    cells
        ``(h, w)`` of the decoder's logits, of which a cell of a level spans a whole number.
    valid
        ``(rows, cols)`` of them that aren't padding.
    cell_size
        ``(rows, cols)`` pixels of the frame that one spans.
    corner
        (row, col) of the outer corner of the first one, from the frame's outer corner.
    """

    levels: tuple[Tensor, ...]
    image: Tensor
    cells: tuple[int, int]
    valid: tuple[int, int]
    cell_size: tuple[float, float]
    corner: tuple[float, float]

    @classmethod
    def of(cls, segmenter: Segmenter, embedding: Embedding, window: Window) -> WindowMaps:
        """Those of a window of a frame, which is encoded unless it was."""
        features, grid = segmenter.features(embedding, window), embedding.grid(window)
        names = [name for name in FINE if name in features.maps] or [COARSE]
        stride = segmenter.info.logits_stride
        pairs = list(zip(features.pixel_size, features.input_size, strict=True))
        row_size, col_size = (
            stride * old / new * step for (old, new), step in zip(pairs, grid.step, strict=True)
        )
        height, width = (-(-new // stride) for _, new in pairs)
        return cls(
            tuple(features.maps[name][0].float().cpu() for name in names),
            features.maps[COARSE][0].float().cpu(),
            segmenter.model.logits_size(features.pixel_size),
            (height, width),
            (row_size, col_size),
            grid.start,
        )

    @property
    def means(self) -> tuple[Tensor, ...]:
        """``(C,)`` of each level, the mean of what isn't padding."""
        return tuple(
            level[:, : -(-self.valid[0] // span), : -(-self.valid[1] // span)].mean(dim=(1, 2))
            for level, span in self._spans()
        )

    @property
    def cell_area(self) -> float:
        """Pixels of the frame that a cell of the logits spans."""
        return self.cell_size[0] * self.cell_size[1]

    def to_frame(self, cells: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cells ``(N, 2)``, centres at integers, as (row, col) of the frame."""
        places = np.array(self.corner) + (np.asarray(cells) + 0.5) * np.array(self.cell_size) - 0.5
        return np.asarray(places, np.float64)

    def from_masks(
        self, segmenter: Segmenter, embedding: Embedding, window: Window, masks: Sequence[Placed]
    ) -> Tensor:
        """Masks in their boxes as cells, ``(N, h, w)`` bool; a small one has one cell at least."""
        asked = [Prompts(mask=mask, mask_origin=origin) for mask, origin in masks]
        given = [mask_prompt(segmenter.model, embedding, window, one) for one in asked]
        logits = torch.cat([one for one in given if one is not None])[:, 0].float().cpu()
        most = logits.amax(dim=(1, 2), keepdim=True)
        return self.without_padding(logits >= most.clamp(max=1e-6))

    def without_padding(self, masks: Tensor) -> Tensor:
        """Cells ``(N, h, w)`` bool, none of them beyond the window."""
        masks = masks.clone()
        masks[:, self.valid[0] :] = False
        masks[:, :, self.valid[1] :] = False
        return masks

    @undisturbed()
    def vectors(self, masks: Tensor, means: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """The mean feature vector under each mask, by level: ``(N, C)`` of length 1.

        Parameters
        ----------
        masks
            ``(N, h, w)`` bool.
        means
            ``(C,)`` a level: what counts is how a vector differs from them.
        """
        found = []
        for (level, span), mean in zip(self._spans(), means, strict=True):
            cover = F.avg_pool2d(masks[:, None].float(), span).flatten(1)
            unit = F.normalize(level - mean[:, None, None], dim=0).flatten(1)
            found.append(F.normalize(cover @ unit.T, dim=1))
        return tuple(found)

    @undisturbed()
    def image_vectors(self, masks: Tensor) -> Tensor:
        """The mean of the embedding itself under each of ``(N, h, w)`` masks: ``(N, C)``."""
        cover = F.avg_pool2d(masks[:, None].float(), self._span(self.image)).flatten(1)
        return (cover / cover.sum(dim=1, keepdim=True)) @ self.image.flatten(1).T

    @undisturbed()
    def similarity(self, vectors: Sequence[Tensor], means: Sequence[Tensor]) -> NDArray[np.float32]:
        """How alike each cell is to the likest of ``N`` vectors: ``valid`` float32, -1 to 1.

        Parameters
        ----------
        vectors, means
            See :meth:`vectors`.
        """
        total = torch.zeros(len(vectors[0]), *self.cells, dtype=torch.float32, device="cpu")
        for (level, _), vector, mean in zip(self._spans(), vectors, means, strict=True):
            unit = F.normalize(level - mean[:, None, None], dim=0)
            cosine = torch.einsum("nc,chw->nhw", vector, unit)
            total += F.interpolate(cosine[None], self.cells, mode="bilinear")[0]
        likest = total.amax(dim=0)[: self.valid[0], : self.valid[1]] / len(vectors)
        return np.asarray(likest.numpy(), np.float32)

    def _spans(self) -> list[tuple[Tensor, int]]:
        """Each level, and how many cells of the logits one of its cells spans along a side."""
        return [(level, self._span(level)) for level in self.levels]

    def _span(self, level: Tensor) -> int:
        return max(self.cells[0] // level.shape[1], 1)


@undisturbed()
def likeness(vectors: Sequence[Tensor], others: Sequence[Tensor]) -> NDArray[np.float32]:
    """The cosine of each of ``M`` vectors with the likest of ``N`` others, mean of the levels.

    Parameters
    ----------
    vectors, others
        By level ``(M, C)`` and ``(N, C)``, of length 1.

    Returns
    -------
    ndarray
        ``(M,)`` float32, -1 to 1.
    """
    cosines = torch.stack([one @ other.T for one, other in zip(vectors, others, strict=True)])
    return np.asarray(cosines.mean(dim=0).amax(dim=1).numpy(), np.float32)
