"""The compact model's answers before masks are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

    from napari_cutout.sam.compact.decoder import Attended, MaskDecoder, SharedMaps


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
    shared
        What all prompts share.
    decoder
        Whose draft it is.
    """

    scores: Tensor
    first: int
    attended: Attended
    shared: SharedMaps
    decoder: MaskDecoder

    def logits(self, prompts: Tensor, candidates: Tensor) -> Tensor:
        """The masks ``(M, h, w)`` of candidates ``(M,)`` of prompts ``(M,)``.

        The candidates of one prompt share the upscaling.
        """
        wanted, places = torch.unique(prompts, return_inverse=True)
        masks = self._masks(self.attended.select(wanted))
        return masks[places, candidates]

    def all_logits(self) -> Tensor:
        """The masks ``(P, K, h, w)`` of all candidates of all prompts."""
        return self._masks(self.attended)

    def _masks(self, attended: Attended) -> Tensor:
        return self.decoder.masks(self.shared, attended, self.first, self.scores.shape[1])
