"""One optimiser step's prompts: a first prompt, then corrections of the answer.

The prompts of a batch are padded to the same number of points; their make-up is a value in
:class:`~napari_cutout.sam.compact.prompts.InputPrompts`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from napari_cutout.sam.compact.prompts import InputPrompts
from napari_cutout.train import clicks
from napari_cutout.train.losses import answer_loss, intersection_over_union, mask_loss

if TYPE_CHECKING:
    from napari_cutout.sam.compact.network import CompactNetwork
    from napari_cutout.train.batches import Batch
    from napari_cutout.train.recipe import Recipe

SEVERAL_SHARE = 0.1
ROUGH_MASK_SHARE = 0.06
MOST_SKIPPED = 5


def first_prompts(batch: Batch, box_share: float) -> InputPrompts:
    """A box, a click, several clicks or a rough mask for each object asked for."""
    rng = batch.rng
    side = batch.pixels.shape[-1]
    points, boxes, has_box, masks, has_mask = [], [], [], [], []
    for target in batch.targets:
        for index in range(len(target.masks)):
            kind = rng.random()
            boxed = kind < box_share
            rough = not boxed and kind > 1 - ROUGH_MASK_SHARE
            several = not boxed and not rough and kind > 1 - ROUGH_MASK_SHARE - SEVERAL_SHARE
            clicked = [] if boxed else [clicks.first_click(target, index, rng)]
            if several:
                mask = target.masks[index]
                clicked += [clicks.random_inside(mask, rng) for _ in range(rng.integers(1, 4))]
            points.append(clicked)
            boxes.append(clicks.jittered_box(target.boxes[index], side, rng))
            has_box.append(float(boxed))
            masks.append(clicks.rough_mask(target.masks[index], rng) if rough else None)
            has_mask.append(float(rough))
    most = max(len(clicked) for clicked in points)
    places = np.zeros((len(points), most, 2), np.float32)
    polarity = np.zeros((len(points), most), np.float32)
    for row, clicked in enumerate(points):
        places[row, : len(clicked)] = np.array(clicked).reshape(-1, 2)
        polarity[row, : len(clicked)] = 1
    empty = np.zeros((side // 2, side // 2), np.float32)
    logits = np.stack([empty if mask is None else (mask * 2 - 1) * 6 for mask in masks])
    return InputPrompts(
        points=torch.from_numpy(places),
        polarity=torch.from_numpy(polarity),
        boxes=torch.from_numpy(np.stack(boxes)) * torch.tensor(has_box)[:, None],
        has_box=torch.tensor(has_box),
        logits=torch.from_numpy(logits)[:, None],
        has_logits=torch.tensor(has_mask),
    )


def corrected(
    prompts: InputPrompts, logits: Tensor, truth: Tensor, rng: np.random.Generator
) -> InputPrompts:
    """The prompts with a click more where the answer was wrong, and the answer fed back.

    Parameters
    ----------
    prompts
        As they were.
    logits
        ``(P, 1, h, w)``, the answer.
    truth
        ``(P, h, w)`` in 0 to 1.
    rng
        For the clicks.
    """
    answer, true = (logits[:, 0] > 0).cpu().numpy(), (truth > 0.5).cpu().numpy()
    count = len(answer)
    point, polarity = np.zeros((count, 1, 2), np.float32), np.zeros((count, 1), np.float32)
    for index in range(count):
        click = clicks.correction(answer[index], true[index], rng)
        if click is not None:
            point[index, 0], polarity[index, 0] = click
    device = logits.device
    keep = torch.from_numpy((rng.random(count) < 0.9).astype(np.float32)).to(device)
    return replace(
        prompts,
        points=torch.cat([prompts.points, torch.from_numpy(point).to(device)], dim=1),
        polarity=torch.cat([prompts.polarity, torch.from_numpy(polarity).to(device)], dim=1),
        logits=logits * keep[:, None, None, None],
        has_logits=keep,
    )


def prompt_loss(
    network: CompactNetwork,
    maps: dict[str, Tensor],
    batch: Batch,
    recipe: Recipe,
) -> tuple[Tensor, list[float]]:
    """Loss over a first round and one or two corrections, and the mean IoU of each round.

    Before the corrections there may be some that nothing is learned from, so that late clicks
    are known at little cost.

    Parameters
    ----------
    network
        In training mode, under the autocast that the step wants.
    maps
        Its encoding of the batch.
    batch
        With ``B * M`` objects asked for.
    recipe
        For the shares of prompts, and how much the error of the scores counts.
    """
    per_crop = len(batch.targets[0].masks)
    device = maps["image"].device
    index = torch.arange(len(batch.targets), device=device).repeat_interleave(per_crop)
    dense = network.dense_at_stride4(maps["dense"])[index]
    each = {name: value[index] for name, value in maps.items() if name != "dense"}
    truth = batch.stack("masks").to(device)
    rng = batch.rng
    side = batch.pixels.shape[-1]
    room = max(network.config.input_size - side, 0)
    origin = torch.from_numpy(rng.integers(0, room + 1, 2).astype(np.float32)).to(device)
    shared = network.decoder.share(each, dense, each["image"].dtype, origin)
    prompts = first_prompts(batch, recipe.box_share).to(device)
    total, figures = truth.new_zeros(()), []
    rounds = 2 + int(rng.random() < 0.33)
    for number in range(rounds):
        logits, scores = network.decoder(shared, prompts, origin)
        reached = intersection_over_union(logits.detach(), truth[:, None])
        losses = mask_loss(logits, truth[:, None])
        assert prompts.has_box is not None
        ambiguous = (prompts.polarity != 0).sum(1) + 2 * prompts.has_box <= 1
        total = total + answer_loss(
            losses, scores.sigmoid(), reached, ambiguous, recipe.score_weight
        )
        figures.append(float(reached[:, 0].mean()))
        if number == 0:
            figures += [float(reached[prompts.has_box == flag, 0].mean()) for flag in (0.0, 1.0)]
        if number + 1 < rounds:
            prompts = corrected(prompts, logits[:, :1].detach(), truth, rng)
        if number == 0 and recipe.skipped and rng.random() < recipe.skipped:
            for _ in range(rng.integers(1, MOST_SKIPPED + 1)):
                with torch.no_grad():
                    logits, _ = network.decoder(shared, prompts, origin)
                prompts = corrected(prompts, logits[:, :1], truth, rng)
    return total, figures
