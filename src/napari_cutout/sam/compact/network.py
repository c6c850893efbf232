"""The compact network as a whole: encoder, dense head and mask decoder, for training and use."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_cutout.sam.compact.decoder import MaskDecoder
from napari_cutout.sam.compact.encoder import ImageEncoder, Merge

if TYPE_CHECKING:
    from napari_cutout.sam.compact.config import CompactConfig

OFFSET_UNIT = 32.0
"""Input pixels that one unit of the dense head's offsets stands for."""


class CompactNetwork(nn.Module):
    """Encode once, decode each prompt; the dense head belongs to the encoding.

    Parameters
    ----------
    config
        The sizes.
    """

    def __init__(self, config: CompactConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = ImageEncoder(config)
        self.dense_merge = Merge(config.stride2, config.skip4, config.dense)
        self.dense_out = nn.Conv2d(config.dense, 4, 1)
        self.decoder = MaskDecoder(config)

    def placed(self, device: torch.device) -> CompactNetwork:
        """The network on a device, laid out as its convolutions are fastest."""
        return self.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]

    def computing_in(self, encoding: torch.dtype, decoding: torch.dtype) -> CompactNetwork:
        """The network in these precisions: itself, or a copy that is not for training.

        Convolutions and the encoder's attention are converted. Normalisation, the dense head's
        answers, tokens and scores stay in float32.
        """
        if encoding == decoding == torch.float32:
            return self
        network = copy.deepcopy(self)
        for name, module in network.named_modules():
            decoder = name.startswith("decoder.")
            if isinstance(module, nn.Conv2d) or (isinstance(module, nn.Linear) and not decoder):
                module.to(decoding if decoder else encoding)
        return network

    def encode(self, x: Tensor) -> dict[str, Tensor]:
        """Encode an image.

        Parameters
        ----------
        x
            ``(B, 3, H, W)``, normalised, H and W multiples of 32.

        Returns
        -------
        dict
            ``image``, ``skip8``, ``skip4``, ``skip2``, and ``dense`` ``(B, 4, H / 2, W / 2)``
            float32: logits of foreground and of distance, and offsets in units of 32 pixels.
        """
        maps: dict[str, Tensor] = self.encoder(x)
        merged = self.dense_merge(maps.pop("stride2"), F.relu(maps["skip4"]))
        maps["dense"] = self.dense_out(F.relu(merged)).float()
        return maps

    @staticmethod
    def dense_at_stride4(dense: Tensor) -> Tensor:
        """What the prompt maps need of the dense head, ``(B, 4, H / 4, W / 4)`` float32."""
        pooled = F.avg_pool2d(dense.float(), 2)
        return torch.cat([pooled[:, :2].sigmoid(), pooled[:, 2:] * OFFSET_UNIT], dim=1)
