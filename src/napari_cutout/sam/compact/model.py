"""The compact model as a family: pixels in, masks out, in the coordinates of the pixels.

Continuous coordinates are used inside: the first pixel of an image covers 0 to 1, so that pixel
centre ``r`` of a frame is ``(r + 0.5) * scale`` in the network's input, and a box whose corners
both lie inside reaches from ``r0 * scale`` to ``(r1 + 1) * scale``.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from napari_cutout.sam.compact.draft import CompactDraft
from napari_cutout.sam.compact.prompts import InputPrompts
from napari_cutout.sam.device import DTYPES
from napari_cutout.sam.family import DenseMaps, Features, ModelInfo, PromptBatch
from napari_cutout.sam.fingerprint import fingerprint
from napari_cutout.sam.last_image import LastImage
from napari_cutout.sam.resizing import resize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_cutout.sam.compact.decoder import SharedMaps
    from napari_cutout.sam.compact.network import CompactNetwork

MULTIPLE = 32
MASK_PROMPT_LOGIT = 6.0
"""Logit of a pixel inside a mask prompt; the recipe trains with the same."""

# Which of the network's masks are wanted, by ``multimask``.
_CHOSEN = {False: slice(0, 1), True: slice(1, None), None: slice(0, None)}

# A CPU decodes as many prompts at once as keep the largest of their maps in its cache.
_CACHED_BYTES = 2**24
_LARGEST_CHUNK = 64


class Compact:
    """The compact model, ready to be used and not to be changed.

    Its parameters are frozen, so its answers carry no graph. Those of its :attr:`network` that are
    made to ask for gradients do: the same methods serve training.

    Parameters
    ----------
    network
        With its weights, on its device. It is frozen and put in evaluation mode.
    precision
        ``"float32"``, ``"bfloat16"`` or ``"float16"``: what the image encoder computes in.
    decoding
        What the mask decoder computes in; None for the same.
    """

    def __init__(
        self, network: CompactNetwork, precision: str = "float32", decoding: str | None = None
    ) -> None:
        self._network = network.eval().requires_grad_(False)
        self._encoding, self._decoding = DTYPES[precision], DTYPES[decoding or precision]
        self._computing = network.computing_in(self._encoding, self._decoding)
        self._device = next(network.parameters()).device
        self._last_image: LastImage[SharedMaps] = LastImage()

    @property
    def network(self) -> CompactNetwork:
        """The weights, in float32."""
        return self._network

    @property
    def info(self) -> ModelInfo:
        """The model's sizes."""
        return ModelInfo(
            "compact",
            "compact",
            self._network.config.input_size,
            logits_stride=2,
            chunk=self._chunk,
            precision=str(self._encoding).removeprefix("torch."),
        )

    @property
    def _chunk(self) -> int:
        config = self._network.config
        largest = (config.input_size // 2) ** 2 * config.skip2 * self._decoding.itemsize
        return max(1, _CACHED_BYTES // largest) if self._device.type == "cpu" else _LARGEST_CHUNK

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the weights."""
        return fingerprint(self._network.state_dict(), self._network.config)

    def encode(self, pixels: Tensor) -> Features:
        """Encode ``(rows, cols, 3)`` uint8 RGB pixels of any size, once.

        The long side becomes ``input_size``, but nothing is enlarged more than four times.
        """
        rows, cols = int(pixels.shape[0]), int(pixels.shape[1])
        height, width = self.input_extent((rows, cols))
        x = pixels.to(self._device).permute(2, 0, 1)[None].float()
        x = resize(x, (height, width))
        x = (x / 255 - 0.5) / 0.25
        x = F.pad(x, (0, -width % MULTIPLE, 0, -height % MULTIPLE))
        x = x.to(self._encoding, memory_format=torch.channels_last)
        maps = self._computing.encode(x)
        maps = {name: value.float() for name, value in maps.items()}
        return Features(maps, (rows, cols), (height, width))

    def decode(
        self, features: Features, prompts: PromptBatch, multimask: bool | None
    ) -> tuple[Tensor, Tensor]:
        """Masks for each prompt, see :meth:`napari_cutout.sam.family.Family.decode`."""
        draft = self.draft(features, prompts, multimask)
        return draft.all_logits(), draft.scores

    def draft(
        self, features: Features, prompts: PromptBatch, multimask: bool | None
    ) -> CompactDraft:
        """Scores for each prompt, and masks when asked for.

        ``multimask`` None is for training: the single mask, then the three.
        """
        decoder = self._computing.decoder
        shared = self._shared(features)
        attended = decoder.attend(shared, self._inputs(features, prompts))
        chosen = _CHOSEN[multimask]
        scores = decoder.scores(attended).sigmoid()[:, chosen]
        return CompactDraft(scores, chosen.start, attended, shared, decoder)

    def _shared(self, features: Features) -> SharedMaps:
        """What all prompts on an image share."""

        def make() -> SharedMaps:
            maps = {name: value.to(self._device) for name, value in features.maps.items()}
            dense = self._network.dense_at_stride4(maps.pop("dense"))
            return self._computing.decoder.share(maps, dense, self._decoding)

        image, weights = features.maps["image"], self._computing.decoder.draw4.weight
        if torch.is_grad_enabled() and (image.requires_grad or weights.requires_grad):
            return make()
        key = self._decoding, weights.data_ptr(), weights._version
        return self._last_image.get(image, key, make)

    def logits_size(self, pixel_size: tuple[int, int]) -> tuple[int, int]:
        """``(h, w)`` of the low-resolution logits for pixels of ``(rows, cols)``."""
        height, width = self.input_extent(pixel_size)
        return (height + -height % MULTIPLE) // 2, (width + -width % MULTIPLE) // 2

    def upscale(self, logits: Tensor, pixel_size: tuple[int, int]) -> Tensor:
        """Low-resolution logits ``(P, K, h, w)`` as ``(P, K, rows, cols)`` of the pixels."""
        height, width = self.input_extent(pixel_size)
        full = F.interpolate(logits.float(), scale_factor=2.0, mode="bilinear")
        return resize(full[..., :height, :width], pixel_size)

    def mask_prompt(self, masks: Tensor) -> Tensor:
        """Masks ``(P, rows, cols)`` bool as the mask prompt ``(P, 1, h, w)`` float32 logits."""
        height, width = self.input_extent((int(masks.shape[1]), int(masks.shape[2])))
        x = resize(masks[:, None].to(self._device).float(), (height, width))
        x = F.avg_pool2d(F.pad(x, (0, -width % MULTIPLE, 0, -height % MULTIPLE)), 2)
        return (x * 2 - 1) * MASK_PROMPT_LOGIT

    def dense(self, features: Features) -> DenseMaps:
        """The dense maps at the size of the encoded pixels."""
        height, width = features.input_size
        # One map after the other, as each is looked at by itself.
        dense = features.maps["dense"][:, :2].float().contiguous()
        full = F.interpolate(dense, scale_factor=2.0, mode="bilinear")
        maps = resize(full[..., :height, :width], features.pixel_size)[0].sigmoid()
        return DenseMaps(maps[0], maps[1])

    def input_extent(self, pixel_size: tuple[int, int]) -> tuple[int, int]:
        """``(rows, cols)`` of the network's input that pixels cover, before padding."""
        (rows, cols), config = pixel_size, self._network.config
        scale = min(config.input_size / max(rows, cols), config.largest_zoom)
        return max(1, int(rows * scale + 0.5)), max(1, int(cols * scale + 0.5))

    def _inputs(self, features: Features, prompts: PromptBatch) -> InputPrompts:
        """Prompts in the network's input."""
        if prompts.similarity is not None or prompts.target is not None:
            raise ValueError(
                "the compact model was given a similarity or a target, which it has no use for; "
                "give them to a SAM, for example 'vit_b'"
            )
        ratios = [i / r for r, i in _pairs(features)]
        scale = torch.tensor(ratios, dtype=torch.float32, device=self._device)
        points = (prompts.points.to(self._device).float() + 0.5) * scale
        boxes, logits = prompts.boxes, prompts.logits
        if boxes is not None:
            edges = boxes.to(self._device).float() + points.new_tensor([0, 0, 1, 1])
            boxes = edges * scale.repeat(2)
        positive = prompts.positive
        return InputPrompts(
            points=points,
            polarity=positive.to(self._device).float() * 2 - 1,
            boxes=boxes,
            logits=None if logits is None else logits.to(self._device).float(),
            signs=(1,) if bool(positive.all()) else (1, -1),
        )


def _pairs(features: Features) -> Sequence[tuple[int, int]]:
    return list(zip(features.pixel_size, features.input_size, strict=True))
