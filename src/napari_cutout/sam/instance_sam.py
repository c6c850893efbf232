"""A SAM that carries micro-sam's instance decoder: the capability of distances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import torch

from napari_cutout.sam.family import DistanceMaps
from napari_cutout.sam.preprocess import upscale_logits
from napari_cutout.sam.sam import Sam

if TYPE_CHECKING:
    from napari_cutout.sam.config import SamConfig
    from napari_cutout.sam.family import Features
    from napari_cutout.sam.instance_decoder import InstanceDecoder


class InstanceSam(Sam):
    """A SAM beside whose mask decoder another finds all instances.

    Parameters
    ----------
    config
        Of the SAM.
    notes
        What its ``info`` tells of where its weights are from.
    decoder
        With its weights.
    """

    def __init__(self, config: SamConfig, notes: tuple[str, ...], decoder: InstanceDecoder) -> None:
        super().__init__(config, notes)
        self.instance_decoder = decoder

    def prepare(self, device: torch.device | str, precision: torch.dtype) -> Self:
        """Make it ready for use; the instance decoder has the precision of the encoder."""
        super().prepare(device, precision)
        self.instance_decoder.to(precision)
        return self

    def distances(self, features: Features) -> DistanceMaps:
        """The maps at the size of the encoded pixels.

        Parameters
        ----------
        features
            From :meth:`encode`.
        """
        image = features.maps["image"].to(self._device, self._precision)
        with torch.no_grad():
            maps = self.instance_decoder(image).float()
        # The way that SAM's logits go: up to the input, without the padding, then to the pixels.
        side = self.config.encoder.input_size
        full = upscale_logits(maps, side, features.pixel_size, "longest_side")[0]
        return DistanceMaps(*full)
