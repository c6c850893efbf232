"""A model with simple exact rules, so that tests can say what the answer must be."""

from __future__ import annotations

import numpy as np
import torch
from scipy import ndimage

from napari_cutout.sam.family import DenseMaps, Features, ModelInfo


class Flood:
    """Answers with the connected bright region under the first positive point or in the box.

    Logits are at the resolution of the pixels; a mask prompt alone is answered by itself.
    """

    def __init__(self, input_size: int = 64) -> None:
        self.info = ModelInfo("flood", "flood", input_size, logits_stride=1, chunk=3)
        self.fingerprint = "flood"
        self.encoded: list[tuple[int, int]] = []

    def encode(self, pixels):
        self.encoded.append(tuple(pixels.shape[:2]))
        size = tuple(pixels.shape[:2])
        return Features({"image": pixels[..., 0][None, None].float() / 255}, size, size)

    def decode(self, features, prompts, multimask):
        bright = features.maps["image"][0, 0].numpy() > 0.5
        parts, _ = ndimage.label(bright)
        masks = [self._one(parts, prompts, i) for i in range(len(prompts.points))]
        logits = torch.from_numpy(np.stack(masks).astype(np.float32) * 2 - 1)[:, None]
        scores = torch.tensor([[0.9]] * len(masks))
        if multimask:
            logits = torch.cat([-torch.ones_like(logits), logits, logits], dim=1)
            scores = torch.tensor([[0.1, 0.9, 0.5]] * len(masks))
        return logits, scores

    def _one(self, parts, prompts, i):
        if prompts.boxes is not None:
            row0, col0, row1, col1 = prompts.boxes[i].round().int().tolist()
            inside = np.zeros(parts.shape, bool)
            inside[row0 : row1 + 1, col0 : col1 + 1] = True
            return inside & (parts > 0)
        mask = np.zeros(parts.shape, bool)
        if prompts.logits is not None:
            mask |= prompts.logits[i, 0].numpy() > 0
        for point, positive in zip(prompts.points[i], prompts.positive[i], strict=True):
            row, col = point.round().int().tolist()
            part = parts == parts[row, col] if parts[row, col] else np.zeros_like(mask)
            mask = mask | part if positive else mask & ~part
        return mask

    def logits_size(self, pixel_size):
        return pixel_size

    def upscale(self, logits, pixel_size):
        assert tuple(logits.shape[-2:]) == tuple(pixel_size)
        return logits

    def mask_prompt(self, masks):
        return masks[:, None].float() * 2 - 1

    def dense(self, features):
        image = features.maps["image"][0, 0].float()
        return DenseMaps(image, image, torch.stack([image, -image]))
