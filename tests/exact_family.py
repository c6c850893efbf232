"""A model whose answers are known exactly: the connected bright region under each click.

A frame encodes to itself. Candidates, best first: the regions clicked on; those grown by one pixel;
all that is bright. Logits that are fed back add what they cover.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from napari_cutout.sam.family import DenseMaps, Features, ModelInfo, PromptBatch
from napari_cutout.segment import Segmenter

BRIGHT = 127
SCORES = (0.9, 0.6, 0.3)


class ExactFamily:
    """See the module. ``calls`` counts what was asked of it, ``encoded`` keeps the sizes."""

    def __init__(self, input_size: int = 1024, chunk: int = 8) -> None:
        self.info = ModelInfo("exact", "exact", input_size, logits_stride=1, chunk=chunk)
        self.fingerprint = "exact"
        self.calls = {"encode": 0, "decode": 0}
        self.encoded: list[tuple[int, int]] = []
        self.fed_back: list[bool] = []

    def encode(self, pixels: Tensor) -> Features:
        self.calls["encode"] += 1
        size = (int(pixels.shape[0]), int(pixels.shape[1]))
        self.encoded.append(size)
        return Features({"grey": pixels[None, None, :, :, 0].float()}, size, size)

    def decode(
        self, features: Features, prompts: PromptBatch, multimask: bool
    ) -> tuple[Tensor, Tensor]:
        self.calls["decode"] += 1
        self.fed_back.append(prompts.logits is not None)
        bright = features.maps["grey"][0, 0].numpy() > BRIGHT
        regions, _ = ndimage.label(bright)
        found = []
        for index in range(len(prompts.points)):
            mask = _under(regions, prompts, index)
            grown = ndimage.binary_dilation(mask)
            masks = np.stack([bright, grown, mask] if multimask else [mask])
            found.append(torch.from_numpy(masks).float() * 2 - 1)
        # Worst first: putting them in order is not the model's task.
        scores = torch.tensor(SCORES[::-1] if multimask else SCORES[:1]).repeat(len(found), 1)
        return torch.stack(found), scores

    def draft(self, features: Features, prompts: PromptBatch, multimask: bool) -> Decoded:
        return Decoded(*self.decode(features, prompts, multimask))

    def logits_size(self, pixel_size: tuple[int, int]) -> tuple[int, int]:
        return pixel_size

    def upscale(self, logits: Tensor, pixel_size: tuple[int, int]) -> Tensor:
        return logits

    def mask_prompt(self, masks: Tensor) -> Tensor:
        return masks[:, None].float() * 2 - 1

    def dense(self, features: Features) -> DenseMaps:
        grey = features.maps["grey"][0, 0].float() / 255
        return DenseMaps(grey, 1 - grey)


@dataclass(frozen=True, eq=False)
class Decoded:
    """A draft whose masks ``(P, K, h, w)`` are there already."""

    all_logits: Tensor
    scores: Tensor

    def logits(self, prompts: Tensor, candidates: Tensor) -> Tensor:
        return self.all_logits[prompts, candidates]


def exact_segmenter() -> Segmenter:
    """A segmenter with known answers; its family is ``segmenter.family``."""
    family = ExactFamily()
    segmenter = Segmenter.from_family(family, "exact")
    segmenter.family = family
    return segmenter


def _under(regions: np.ndarray, prompts: PromptBatch, index: int) -> np.ndarray:
    mask = np.zeros(regions.shape, bool)
    if prompts.logits is not None:
        mask |= prompts.logits[index, 0].numpy() > 0
    if prompts.boxes is not None:
        row0, col0, row1, col1 = prompts.boxes[index].round().int().tolist()
        inside = np.zeros_like(mask)
        inside[max(row0, 0) : row1 + 1, max(col0, 0) : col1 + 1] = True
        mask |= inside & (regions > 0)
    for point, positive in zip(prompts.points[index], prompts.positive[index], strict=True):
        row, col = (int(at) for at in point.round())
        region = regions == regions[row, col] if regions[row, col] else np.zeros_like(mask)
        mask = mask | region if positive else mask & ~region
    return mask
