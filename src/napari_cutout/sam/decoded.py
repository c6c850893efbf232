"""A draft whose masks are there already: for decoders that make scores and masks at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Decoded:
    """What :meth:`.Family.decode` gave, as a :class:`.Draft`.

    Parameters
    ----------
    all_logits
        ``(P, K, h, w)`` float32.
    scores
        ``(P, K)`` float32, the predicted IoU.
    """

    all_logits: Tensor
    scores: Tensor

    def logits(self, prompts: Tensor, candidates: Tensor) -> Tensor:
        """The masks ``(M, h, w)`` of candidates ``(M,)`` of prompts ``(M,)``."""
        return self.all_logits[prompts, candidates]
