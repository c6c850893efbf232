"""A model with an instance decoder whose maps are known exactly: those of the bright regions."""

from __future__ import annotations

import numpy as np
import torch
from scipy import ndimage

from exact_family import BRIGHT, ExactFamily
from napari_cutout.sam.family import DistanceMaps
from napari_cutout.segment import Segmenter


class DistanceFamily(ExactFamily):
    """It has no dense head: an attribute of that name would be one."""

    dense = None

    def distances(self, features):
        labels, _ = ndimage.label(features.maps["grey"][0, 0].numpy() > BRIGHT)
        centre, boundary = np.ones(labels.shape, np.float32), np.ones(labels.shape, np.float32)
        for value in range(1, labels.max() + 1):
            mask = labels == value
            depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
            boundary[mask] = 1 - depth[mask] / depth.max()
            middle = np.argwhere(mask).mean(axis=0)
            away = np.linalg.norm(np.argwhere(mask) - middle, axis=1)
            centre[mask] = away / away.max()
        foreground = torch.from_numpy((labels > 0).astype(np.float32))
        return DistanceMaps(foreground, torch.from_numpy(centre), torch.from_numpy(boundary))


def distance_segmenter(input_size: int = 1024) -> Segmenter:
    """A segmenter of that model."""
    return Segmenter.from_family(DistanceFamily(input_size), "distances")
