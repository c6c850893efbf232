"""The compact model's answers before masks are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from napari_cutout.sam.compact.decoder import Attended, MaskDecoder


@dataclass(frozen=True, eq=False)
class CompactDraft:
    """A :class:`~napari_cutout.sam.family.Draft`: most of the work is in the masks.

    Parameters
    ----------
    scores
        ``(P, K)`` float32, the predicted IoU.
    first
        Which of the network's four masks is the first candidate.
    attended
        Of the ``P`` prompts.
    maps
        The encoder's.
    decoder
        Whose draft it is.
    computing
        Makes the context that says in which precision it computes.
    """

    scores: Tensor
    first: int
    attended: Attended
    maps: dict[str, Tensor]
    decoder: MaskDecoder
    computing: Callable[[], torch.autocast]

    @torch.no_grad()
    def logits(self, prompts: Tensor, candidates: Tensor) -> Tensor:
        """The masks ``(M, h, w)`` of candidates ``(M,)`` of prompts ``(M,)``.

        The candidates of one prompt share the upscaling.
        """
        wanted, places = torch.unique(prompts, return_inverse=True)
        with self.computing():
            masks = self.decoder.masks(self.maps, self.attended.select(wanted))
        return masks[places, self.first + candidates]
