"""Guiding a decoder to what is sought: it attends to places that look alike, and knows the look.

Only SAM's decoder can be guided so. Any other answers as it would.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

if TYPE_CHECKING:
    from torch import Tensor

    from napari_cutout.sam.family import Draft, Family, Features, ModelInfo, PromptBatch
    from napari_cutout.segment.similar.kind import Kind

_FAMILY = "sam"

_LEAST = 1e-6


def guided(family: Family, kind: Kind) -> Family:
    """A model whose answers are guided to a kind, where it can be.

    Parameters
    ----------
    family
        The model.
    kind
        What is sought.
    """
    return Guided(family, kind.image) if family.info.family == _FAMILY else family


class Guided:
    """A model that is told with each prompt what is sought; a :class:`.Family`.

    Parameters
    ----------
    family
        The model.
    image
        ``(N, C)`` float32, the mean of the embedding under the mask of each example.

    Notes
    -----
    After PerSAM [1]_, section 3.2: the cosine of the embedding with the target, standardised and
    through a sigmoid, is added to the attention from tokens to the image, and the target itself to
    the tokens. Of several examples the likest counts at each place, and their mean is the target.

    References
    ----------
    .. [1] Zhang et al., "Personalize Segment Anything Model with One Shot", 2023.
       https://arxiv.org/abs/2305.03048
    """

    def __init__(self, family: Family, image: Tensor) -> None:
        self._family = family
        self._image = image

    @property
    def info(self) -> ModelInfo:
        """The model's sizes."""
        return self._family.info

    @property
    def fingerprint(self) -> str:
        """A hash of the model's weights."""
        return self._family.fingerprint

    def encode(self, pixels: Tensor) -> Features:
        """As the model does."""
        return self._family.encode(pixels)

    def decode(
        self, features: Features, prompts: PromptBatch, multimask: bool
    ) -> tuple[Tensor, Tensor]:
        """As the model does, guided."""
        return self._family.decode(features, self._told(features, prompts), multimask)

    def draft(self, features: Features, prompts: PromptBatch, multimask: bool) -> Draft:
        """As the model does, guided."""
        return self._family.draft(features, self._told(features, prompts), multimask)

    def logits_size(self, pixel_size: tuple[int, int]) -> tuple[int, int]:
        """As the model does."""
        return self._family.logits_size(pixel_size)

    def upscale(self, logits: Tensor, pixel_size: tuple[int, int]) -> Tensor:
        """As the model does."""
        return self._family.upscale(logits, pixel_size)

    def mask_prompt(self, masks: Tensor) -> Tensor:
        """As the model does."""
        return self._family.mask_prompt(masks)

    def _told(self, features: Features, prompts: PromptBatch) -> PromptBatch:
        count = len(prompts.points)
        similarity = attention_similarity(features.maps["image"], self._image)
        target = self._image.mean(dim=0)
        return replace(
            prompts,
            similarity=similarity.expand(count, -1, -1),
            target=target.expand(count, -1),
        )


def attention_similarity(image: Tensor, targets: Tensor) -> Tensor:
    """How much each place of an embedding is like one of some targets, 0 to 1.

    Parameters
    ----------
    image
        ``(1, C, h, w)``.
    targets
        ``(N, C)``.

    Returns
    -------
    Tensor
        ``(h, w)`` float32.
    """
    unit = F.normalize(image[0].float().cpu(), dim=0)
    cosine = torch.einsum("nc,chw->nhw", F.normalize(targets, dim=1), unit).amax(dim=0)
    return ((cosine - cosine.mean()) / cosine.std().clamp(min=_LEAST)).sigmoid()
