"""Prompts as tensors, grouped so that a batch holds prompts of one make-up.

The only place between numpy and torch on the way to a decoder. Masks and answers that become mask
prompts are in mask_prompts.py.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_cutout.sam.family import PromptBatch
from napari_cutout.sam.undisturbed import undisturbed
from napari_cutout.segment.mask_prompts import mask_prompt

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_cutout.sam.family import Family, Features
    from napari_cutout.segment.embedding import Embedding
    from napari_cutout.segment.grid import Grid
    from napari_cutout.segment.memory import Memory
    from napari_cutout.segment.prompts import Prompts
    from napari_cutout.segment.windows import Window

Floats = NDArray[np.float32]
Answer = tuple[Floats, Floats]


def decode(
    memory: Memory,
    features: Features,
    embedding: Embedding,
    window: Window,
    prompts: list[Prompts],
    multimask: bool,
    guide: Callable[[Family], Family] | None = None,
) -> list[Answer]:
    """Logits ``(K, h, w)`` and scores ``(K,)`` of each prompt, best first.

    Parameters
    ----------
    memory
        The model, and how much may be asked of it at once.
    features
        Of the window.
    embedding, window
        What the features are of, and where they lie in the frame.
    prompts
        In coordinates of the frame.
    multimask
        Three candidates or one.
    guide
        Makes of the model the one that is asked. None: it is the model.

    Raises
    ------
    OutOfMemoryError
        If there isn't memory for one prompt.
    """
    prompts = [_seen(prompt, window) for prompt in prompts]
    groups: dict[tuple[int, bool, bool], list[int]] = defaultdict(list)
    low = [mask_prompt(memory.family, embedding, window, prompt) for prompt in prompts]
    grid = embedding.grid(window)
    for index, prompt in enumerate(prompts):
        make_up = (len(prompt.points), prompt.box is not None, low[index] is not None)
        groups[make_up].append(index)
    answers: dict[int, Answer] = {}
    for members in groups.values():
        while members:

            def call(family: Family, size: int, members: list[int] = members) -> dict[int, Answer]:
                chunk = members[:size]
                batch = _batch([prompts[i] for i in chunk], [low[i] for i in chunk], grid)
                asked = family if guide is None else guide(family)
                with undisturbed():
                    logits, scores = asked.decode(features, batch, multimask)
                best = map(_best_first, logits.cpu(), scores.cpu())
                return dict(zip(chunk, best, strict=True))

            size = min(memory.family.info.chunk, len(members))
            found = memory.fit("prompts", size, call)
            answers.update(found)
            members = members[len(found) :]
    return [answers[index] for index in range(len(prompts))]


def upscaler(memory: Memory, grid: Grid) -> Callable[[Floats], Floats]:
    """From ``(K, h, w)`` logits to ``(K, rows, cols)`` of the grid, without the features.

    A model that was left for the CPU isn't held by it.
    """

    def upscale(logits: Floats) -> Floats:
        low = torch.from_numpy(np.array(logits, np.float32))[None]
        with undisturbed():
            full: Floats = memory.family.upscale(low, grid.shape)[0].cpu().numpy()
        return full

    return upscale


def _seen(prompts: Prompts, window: Window) -> Prompts:
    """The prompts without the points beyond the window; those are all negative, and far away."""
    inside = np.array([window.holds(np.tile(point, 2)) for point in prompts.points], bool)
    if inside.all():
        return prompts
    return replace(prompts, points=prompts.points[inside], positive=prompts.positive[inside])


def _batch(prompts: list[Prompts], low: list[Tensor | None], grid: Grid) -> PromptBatch:
    points = np.stack([grid.from_frame(prompt.points) for prompt in prompts])
    boxes = [grid.box_from_frame(prompt.box) for prompt in prompts if prompt.box is not None]
    present = [logits for logits in low if logits is not None]
    return PromptBatch(
        points=torch.from_numpy(points.astype(np.float32)),
        positive=torch.from_numpy(np.stack([prompt.positive for prompt in prompts])),
        boxes=torch.from_numpy(np.stack(boxes).astype(np.float32)) if boxes else None,
        logits=torch.cat(present) if present else None,
    )


def _best_first(logits: Tensor, scores: Tensor) -> Answer:
    order = torch.argsort(scores, descending=True, stable=True)
    return logits[order].float().numpy(), scores[order].float().numpy()
