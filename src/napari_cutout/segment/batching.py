"""Prompts as tensors, grouped so that a batch holds prompts of one make-up.

The only place between numpy and torch on the way to a decoder.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_cutout.sam.family import Family, Features, PromptBatch
from napari_cutout.segment.errors import PromptError
from napari_cutout.segment.prompts import LowResLogits, Prompts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_cutout.segment.windows import Window

Answer = tuple[NDArray[np.float32], NDArray[np.float32]]


def stored(features: Features, dtype: torch.dtype) -> Features:
    """The features with maps of the one precision that they have from birth."""
    return replace(features, maps={name: value.to(dtype) for name, value in features.maps.items()})


def decode(
    family: Family, features: Features, window: Window, prompts: list[Prompts], multimask: bool
) -> list[Answer]:
    """Logits ``(K, h, w)`` and scores ``(K,)`` of each prompt, best first.

    Parameters
    ----------
    family
        The model.
    features
        Of the window.
    window
        Where the features lie in the frame.
    prompts
        In coordinates of the frame.
    multimask
        Three candidates or one.
    """
    prompts = [_seen(prompt, window) for prompt in prompts]
    groups: dict[tuple[int, bool, bool], list[int]] = defaultdict(list)
    low = [_mask_prompt(family, window, prompt) for prompt in prompts]
    for index, prompt in enumerate(prompts):
        make_up = (len(prompt.points), prompt.box is not None, low[index] is not None)
        groups[make_up].append(index)
    answers: dict[int, Answer] = {}
    for members in groups.values():
        for chunk in _chunks(members, family.info.chunk):
            batch = _batch([prompts[i] for i in chunk], [low[i] for i in chunk], window)
            with torch.no_grad():
                logits, scores = family.decode(features, batch, multimask)
            for index, one, score in zip(chunk, logits.cpu(), scores.cpu(), strict=True):
                answers[index] = _best_first(one, score)
    return [answers[index] for index in range(len(prompts))]


def _seen(prompts: Prompts, window: Window) -> Prompts:
    """The prompts without the points beyond the window; those are all negative, and far away."""
    inside = np.array([window.holds(np.tile(point, 2)) for point in prompts.points], bool)
    if inside.all():
        return prompts
    return replace(prompts, points=prompts.points[inside], positive=prompts.positive[inside])


def _batch(prompts: list[Prompts], low: list[Tensor | None], window: Window) -> PromptBatch:
    origin = np.array([window.row, window.col], float)
    points = np.stack([prompt.points - origin for prompt in prompts])
    boxes = [prompt.box - np.tile(origin, 2) for prompt in prompts if prompt.box is not None]
    present = [logits for logits in low if logits is not None]
    return PromptBatch(
        points=torch.from_numpy(points.astype(np.float32)),
        positive=torch.from_numpy(np.stack([prompt.positive for prompt in prompts])),
        boxes=torch.from_numpy(np.stack(boxes).astype(np.float32)) if boxes else None,
        logits=torch.cat(present) if present else None,
    )


def _mask_prompt(family: Family, window: Window, prompt: Prompts) -> Tensor | None:
    """The mask prompt ``(1, 1, h, w)`` from a previous answer or a mask; None for neither."""
    if prompt.mask is not None:
        mask = torch.from_numpy(prompt.mask[window.slices].copy())
        return family.mask_prompt(mask[None])
    if prompt.logits is None:
        return None
    if not isinstance(prompt.logits, LowResLogits):
        values = prompt.logits
    elif prompt.logits.window == window:
        values = prompt.logits.values
    else:
        return family.mask_prompt(_moved(family, prompt.logits, window)[None])
    expected = family.logits_size((window.rows, window.cols))
    if values.shape != expected:
        raise PromptError(
            f"logits have shape {values.shape}, here this model's are {expected}; "
            "use prediction.feedback(k) of a prediction on the same embedding"
        )
    return torch.from_numpy(np.array(values, np.float32))[None, None]


def _moved(family: Family, logits: LowResLogits, window: Window) -> Tensor:
    """A previous answer of another window as a mask ``(rows, cols)`` of this one."""
    old = logits.window
    low = torch.from_numpy(np.array(logits.values, np.float32))[None, None]
    full = family.upscale(low, (old.rows, old.cols))[0, 0].cpu()
    mask = torch.zeros((window.rows, window.cols), dtype=torch.bool)
    top, left = max(old.row, window.row), max(old.col, window.col)
    bottom = min(old.row + old.rows, window.row + window.rows)
    right = min(old.col + old.cols, window.col + window.cols)
    if top < bottom and left < right:
        piece = full[top - old.row : bottom - old.row, left - old.col : right - old.col]
        mask[top - window.row : bottom - window.row, left - window.col : right - window.col] = (
            piece > 0
        )
    return mask


def _best_first(logits: Tensor, scores: Tensor) -> Answer:
    order = torch.argsort(scores, descending=True, stable=True)
    return logits[order].float().numpy(), scores[order].float().numpy()


def _chunks(items: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
