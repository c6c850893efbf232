"""The losses. Masks are compared with the share of each cell that the object covers."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from napari_cutout.sam.compact.network import OFFSET_UNIT

SCORE_WEIGHT = 0.5
_FOCAL_SHARE = 0.25


def mask_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Cross entropy for each pixel of object, plus dice.

    Parameters
    ----------
    logits
        ``(P, K, h, w)``.
    truth
        ``(P, 1, h, w)`` in 0 to 1.

    Returns
    -------
    Tensor
        ``(P, K)``.

    Notes
    -----
    The cross entropy is summed and divided by the object's and the answer's area, so that a small
    object weighs as much as a large one and the empty surroundings don't drown either.
    """
    truth = truth.expand_as(logits)
    probability = logits.sigmoid()
    area = truth.sum((-2, -1))
    answer = probability.sum((-2, -1))
    entropy = F.binary_cross_entropy_with_logits(logits, truth, reduction="none").sum((-2, -1))
    entropy = entropy / (0.5 * (area + answer.detach()) + 8)
    both = (probability * truth).sum((-2, -1))
    dice = 1 - (2 * both + 1) / (answer + (truth * truth).sum((-2, -1)) + 1)
    return entropy + dice


def focal_dice_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Focal loss and dice, 20 to 1, as SAM was trained with.

    Parameters
    ----------
    logits
        ``(P, K, h, w)``.
    truth
        ``(P, 1, h, w)`` in 0 to 1.

    Returns
    -------
    Tensor
        ``(P, K)``.

    References
    ----------
    .. [1] Kirillov et al., "Segment Anything", ICCV 2023, appendix A.
       https://arxiv.org/abs/2304.02643
    """
    truth = truth.expand_as(logits)
    probability = logits.sigmoid()
    entropy = F.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    right = probability * truth + (1 - probability) * (1 - truth)
    weight = _FOCAL_SHARE * truth + (1 - _FOCAL_SHARE) * (1 - truth)
    focal = (weight * (1 - right).square() * entropy).mean((-2, -1))
    both = (probability * truth).sum((-2, -1))
    dice = 1 - (2 * both + 1) / (probability.sum((-2, -1)) + truth.sum((-2, -1)) + 1)
    return 20 * focal + dice


def resemblance_loss(logits: Tensor, known: Tensor) -> Tensor:
    """How far answers are from known ones: 0 where they are the same.

    Parameters
    ----------
    logits, known
        ``(P, K, h, w)``.

    Returns
    -------
    Tensor
        ``(P, K)``: the divergence of the two, summed and divided by the known mask's area.
    """
    wanted = known.sigmoid()
    apart = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    least = F.binary_cross_entropy_with_logits(known, wanted, reduction="none")
    return (apart - least).sum((-2, -1)) / (wanted.sum((-2, -1)) + 8)


def answer_loss(
    losses: Tensor,
    scores: Tensor,
    reached: Tensor,
    ambiguous: Tensor,
    score_weight: float = SCORE_WEIGHT,
) -> Tensor:
    """What the answers to ``P`` prompts cost: the single mask, the best of the others, the scores.

    Parameters
    ----------
    losses
        ``(P, K)`` of the masks; the first is the single one.
    scores
        ``(P, K)``, the predicted IoU in 0 to 1.
    reached
        ``(P, K)``, the real one.
    ambiguous
        ``(P,)`` bool: prompts that may mean several things. Of the other masks the best alone
        learns from them, and none from the rest.
    score_weight
        How much the error of the scores counts.
    """
    loss = losses[:, 0].mean()
    if ambiguous.any():
        loss = loss + losses[ambiguous, 1:].min(dim=1).values.mean() * ambiguous.float().mean()
    return loss + score_weight * (scores - reached).square().mean() * 4


def intersection_over_union(logits: Tensor, truth: Tensor) -> Tensor:
    """IoU ``(P, K)`` of the masks that the logits stand for."""
    answer, truth = logits > 0, truth > 0.5
    both = (answer & truth).sum((-2, -1)).float()
    either = (answer | truth).sum((-2, -1)).float()
    return both / either.clamp(min=1)


def dense_loss(dense: Tensor, foreground: Tensor, distance: Tensor, offsets: Tensor) -> Tensor:
    """Foreground, distance and offsets of all objects.

    Parameters
    ----------
    dense
        ``(B, 4, h, w)``, the dense head's output.
    foreground, distance
        ``(B, h, w)`` in 0 to 1.
    offsets
        ``(B, 2, h, w)`` in input pixels.
    """
    entropy = F.binary_cross_entropy_with_logits(dense[:, 0], foreground, reduction="none")
    probability = dense[:, 0].sigmoid()
    both = (probability * foreground).sum((-2, -1))
    dice = 1 - (2 * both + 1) / (probability.sum((-2, -1)) + foreground.sum((-2, -1)) + 1)
    depth = F.binary_cross_entropy_with_logits(dense[:, 1], distance, reduction="none")
    depth = depth * (0.25 + foreground)
    inside = (foreground > 0.5).float()[:, None]
    error = (dense[:, 2:] - offsets / OFFSET_UNIT) * inside
    # Relative to how far the centre is: a small object's pixel is as important as a large one's.
    reach = (offsets / OFFSET_UNIT).norm(dim=1, keepdim=True).detach() + 0.15
    centre = torch.sqrt((error / reach).square().sum(1) + 1e-4)
    centre = (centre * inside[:, 0]).sum() / inside.sum().clamp(min=1)
    return entropy.mean() + dice.mean() + depth.mean() + 0.3 * centre
