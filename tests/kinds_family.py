"""A model with known answers, for which objects of one grey value are of one kind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from exact_family import ExactFamily
from napari_cutout.segment import Segmenter

if TYPE_CHECKING:
    from torch import Tensor

    from napari_cutout.sam.family import Features

ROUND, SQUARE = 200, 250
"""Grey values of two kinds; 0 is ground."""


class KindsFamily(ExactFamily):
    """Its embedding has a channel for the ground and one for each kind."""

    def encode(self, pixels: Tensor) -> Features:
        features = super().encode(pixels)
        grey = features.maps["grey"]
        image = torch.cat([grey == value for value in (0, ROUND, SQUARE)], dim=1).float()
        return replace(features, maps={**features.maps, "image": image})


def kinds_segmenter(input_size: int = 1024) -> Segmenter:
    """A segmenter for frames that are encoded with intensity ``"none"``."""
    family = KindsFamily(input_size)
    segmenter = Segmenter.from_family(family, "kinds")
    segmenter.family = family
    return segmenter
