"""Asking a model for the masks of many points, as many at once as it and its device like.

Which answers are worth a mask is known from their scores, before any mask is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from napari_cutout.sam.family import PromptBatch
from napari_cutout.sam.undisturbed import undisturbed

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from napari_cutout.sam.family import Family, Features

# Bytes that a decoder holds for one prompt, for each logit of a mask: tokens of the image, three
# maps on the way up, and masks.
_BYTES_PER_LOGIT = 1024


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers to some points that are worth a mask.

    Parameters
    ----------
    points
        ``(M,)`` int, which point each answers; rising.
    scores
        ``(M,)`` float32, the predicted IoU.
    logits
        ``(M, h, w)`` float32, on the model's device.
    """

    points: NDArray[np.int64]
    scores: NDArray[np.float32]
    logits: Tensor


def ask(
    family: Family, features: Features, points: NDArray[np.float64], least_score: float
) -> Answers:
    """Three masks for each point, of which those are made whose score is high enough.

    Parameters
    ----------
    family, features
        The model, and what it made of a window.
    points
        ``(P, 2)``, (row, col) in the pixels of the window as it was read.
    least_score
        Scores must be above it; 0 or less is for all.
    """
    batch = PromptBatch(
        points=torch.from_numpy(points.astype(np.float32))[:, None],
        positive=torch.ones((len(points), 1), dtype=torch.bool, device="cpu"),
    )
    with undisturbed():
        draft = family.draft(features, batch, True)
        scores = draft.scores.float()
        # Compared in float32, as the reference does.
        wanted = (
            scores > least_score if least_score > 0 else torch.ones_like(scores, dtype=torch.bool)
        )
        prompts, candidates = wanted.nonzero(as_tuple=True)
        logits = draft.logits(prompts, candidates)
    return Answers(prompts.cpu().numpy(), scores[wanted].cpu().numpy(), logits.float())


def at_once(family: Family, device: str, pixel_size: tuple[int, int], most: int) -> int:
    """How many points to ask at once.

    Parameters
    ----------
    family
        The model.
    device
        Where it computes.
    pixel_size
        ``(rows, cols)`` of the window as it was read.
    most
        What the user allows.
    """
    if not device.startswith("cuda"):
        # More fall out of a CPU's cache and cost more each.
        return min(most, family.info.chunk)
    free, _ = torch.cuda.mem_get_info(device)
    height, width = family.logits_size(pixel_size)
    return max(1, min(most, int(free / 2) // (height * width * _BYTES_PER_LOGIT)))
