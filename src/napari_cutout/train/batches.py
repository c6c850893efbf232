"""Batches of crops with their targets, made ahead in a thread, each from its own seed.

Batch number n is the same whenever it is made, so a resumed run sees what it would have seen.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from napari_cutout.train.augment import augment
from napari_cutout.train.rendering import render
from napari_cutout.train.targets import Targets, make_targets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cutout.train.crops import CropSampler
    from napari_cutout.train.recipe import Recipe, Stage

_AHEAD = 3


@dataclass(frozen=True)
class Batch:
    """Crops and what they teach.

    Parameters
    ----------
    pixels
        ``(B, 3, side, side)`` float32, normalised as the network reads them.
    targets
        Of each crop.
    rng
        For the prompts of this batch.
    """

    pixels: Tensor
    targets: list[Targets]
    rng: np.random.Generator

    def stack(self, name: str) -> Tensor:
        """A map of all crops, ``(B, ...)``; masks, boxes and deepest points ``(B * M, ...)``."""
        arrays = [torch.from_numpy(getattr(target, name)) for target in self.targets]
        many = name in ("masks", "boxes", "deepest")
        return torch.cat(arrays) if many else torch.stack(arrays)


def make_batch(sampler: CropSampler, stage: Stage, seed: int, step: int) -> Batch:
    """The batch of a step."""
    rng = np.random.default_rng((seed, step))
    pixels = []
    targets: list[Targets] = []
    while len(targets) < stage.crops_per_step:
        crop = sampler.draw(rng, stage.crop)
        try:
            target = make_targets(crop.labels, stage.prompts_per_crop, rng)
        except ValueError:
            continue
        painted = rng.random() < sampler.recipe.painted if sampler.recipe.painted else False
        seen = augment(render(crop.labels, rng) if painted else crop.pixels, rng)
        # Beyond the frame the network sees mid-grey, whatever happened to the image.
        pixels.append(np.where(crop.inside[..., None], seen, 0.5))
        targets.append(target)
    tensor = torch.from_numpy(np.stack(pixels).astype(np.float32)).permute(0, 3, 1, 2)
    return Batch((tensor - 0.5) / 0.25, targets, rng)


def batches(sampler: CropSampler, recipe: Recipe, start: int) -> Iterator[tuple[int, Batch]]:
    """``(step, batch)`` from a step to the recipe's end, a few made ahead."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting: list[tuple[int, Future[Batch]]] = []
        for step in range(start, recipe.steps):
            waiting.append(
                (step, pool.submit(make_batch, sampler, recipe.stage(step), recipe.seed, step))
            )
            if len(waiting) > _AHEAD:
                first, future = waiting.pop(0)
                yield first, future.result()
        for last, future in waiting:
            yield last, future.result()
