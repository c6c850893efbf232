"""The annotator of fine-tuning: first prompts of one make-up for some objects, and corrections.

In pixels of the network's input. Where clicks go is in ``train.clicks``, which the recipe shares.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import torch
from torch import Tensor

from napari_cutout.sam.family import PromptBatch
from napari_cutout.train import clicks

if TYPE_CHECKING:
    from napari_cutout.train.targets import Asked

Kind = Literal["click", "box", "clicks", "box and click", "mask"]

_SHARES = (0.5, 0.28, 0.1, 0.06, 0.06)
_MOST_CLICKS = 3
_FED_BACK = 0.9


def some_kind(rng: np.random.Generator) -> Kind:
    """What the first prompts of a pass are."""
    kinds: tuple[Kind, ...] = get_args(Kind)
    return kinds[rng.choice(len(kinds), p=_SHARES)]


def is_ambiguous(prompts: PromptBatch) -> bool:
    """Whether the prompts may mean several things: a click alone."""
    return prompts.points.shape[1] == 1 and prompts.boxes is None and prompts.logits is None


def first_prompts(
    asked: Asked, kind: Kind, certainty: float, rng: np.random.Generator
) -> PromptBatch:
    """Prompts of one kind for all objects asked for.

    Parameters
    ----------
    asked
        ``M`` objects.
    kind
        What is given of each.
    certainty
        The logit of a mask prompt well inside of an object.
    rng
        Where chance comes from.
    """
    count, stride = len(asked.masks), asked.stride
    number = {"box": 0, "mask": 1, "clicks": int(rng.integers(2, _MOST_CLICKS + 1))}.get(kind, 1)
    points = np.zeros((count, number, 2), np.float32)
    for index in range(count):
        for which in range(number):
            points[index, which] = (
                clicks.random_inside(asked.masks[index], rng, stride)
                if which
                else clicks.first_click(asked, index, rng)
            )
    boxes = logits = None
    if kind in ("box", "box and click"):
        side = stride * max(asked.masks.shape[1:])
        drawn = [clicks.jittered_box(box, side, rng) for box in asked.boxes]
        # From edges to corners that lie inside.
        boxes = torch.from_numpy(np.stack(drawn) - np.array([0, 0, 1, 1], np.float32))
    if kind == "mask":
        rough = np.stack([clicks.rough_mask(mask, rng) for mask in asked.masks])
        logits = torch.from_numpy((rough * 2 - 1) * np.float32(certainty))[:, None]
    positive = torch.ones((count, number), dtype=torch.bool)
    return PromptBatch(torch.from_numpy(points - 0.5), positive, boxes, logits)


def corrected(
    prompts: PromptBatch, answer: Tensor, asked: Asked, rng: np.random.Generator
) -> PromptBatch:
    """The prompts with a click more where the answer was wrong, and mostly the answer fed back.

    Parameters
    ----------
    prompts
        As they were.
    answer
        ``(M, h, w)`` logits.
    asked
        The objects. One that is right already gets a click inside of it.
    rng
        Where chance comes from.
    """
    found, stride = (answer > 0).cpu().numpy(), asked.stride
    points = np.zeros((len(found), 1, 2), np.float32)
    positive = np.ones((len(found), 1), bool)
    for index, mask in enumerate(asked.masks):
        click = clicks.correction(found[index], mask > 0.5, rng, stride)
        if click is None:
            click = clicks.random_inside(mask, rng, stride), 1
        points[index, 0], positive[index, 0] = click[0] - 0.5, click[1] > 0
    logits = answer.detach().float()[:, None] if rng.random() < _FED_BACK else None
    return replace(
        prompts,
        points=torch.cat([prompts.points, torch.from_numpy(points)], dim=1),
        positive=torch.cat([prompts.positive, torch.from_numpy(positive)], dim=1),
        logits=logits,
    )
