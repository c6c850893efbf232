"""Random crops of labelled frames: which object, how large, turned how.

The intensities of a crop are changed in augment.py; what is learned from it in targets.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

from napari_cutout.segment.intensity import to_pixels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_cutout.formats.labelled import LabelledFrame
    from napari_cutout.train.recipe import Recipe

ZOOMS = (0.25, 4.0)
_LEVELS = 3
_LEAST_FILLED = 0.75
_WITHIN_SHARE = 0.85


@dataclass(frozen=True)
class Source:
    """A frame prepared for cropping: its pixels at halved sizes, its labels and its objects."""

    folder: str
    levels: tuple[NDArray[np.uint8], ...]
    labels: NDArray[np.int32]
    boxes: NDArray[np.float32]


@dataclass(frozen=True)
class Crop:
    """A piece of a frame, resampled.

    Parameters
    ----------
    pixels
        ``(side, side, 3)`` float32 in 0 to 1.
    labels
        ``(side, side)`` int32.
    inside
        ``(side, side)`` bool: False beyond the frame's edge.
    """

    pixels: NDArray[np.float32]
    labels: NDArray[np.int32]
    inside: NDArray[np.bool_]


def prepare(frame: LabelledFrame) -> Source | None:
    """A frame ready for cropping, or None when it holds no object."""
    labels = frame.labels.astype(np.int32)
    slices = ndimage.find_objects(labels)
    boxes = [(s[0].start, s[1].start, s[0].stop, s[1].stop) for s in slices if s is not None]
    if not boxes:
        return None
    pixels = to_pixels(frame.frame, "percentile")
    levels = [pixels]
    for _ in range(_LEVELS - 1):
        levels.append(_halve(levels[-1]))
    folder = frame.name.split("/")[0]
    return Source(folder, tuple(levels), labels, np.array(boxes, np.float32))


class CropSampler:
    """Draws crops from sources, folder by folder with the recipe's weights.

    Parameters
    ----------
    sources
        Of all folders.
    recipe
        For weights and object sizes.
    """

    def __init__(self, sources: Sequence[Source], recipe: Recipe) -> None:
        self.folders: dict[str, list[Source]] = {}
        for source in sources:
            self.folders.setdefault(source.folder, []).append(source)
        weights = np.array([recipe.weights.get(name, 0.05) for name in self.folders])
        self.share = weights / weights.sum()
        self.recipe = recipe

    def draw(self, rng: np.random.Generator, side: int) -> Crop:
        """One crop with at least one object of ``side`` pixels a side."""
        names = list(self.folders)
        while True:
            sources = self.folders[names[rng.choice(len(names), p=self.share)]]
            source = sources[rng.integers(len(sources))]
            crop = self._crop(source, rng, side)
            if (crop.labels > 0).sum() >= 30:
                return crop

    def _crop(self, source: Source, rng: np.random.Generator, side: int) -> Crop:
        row0, col0, row1, col1 = source.boxes[rng.integers(len(source.boxes))]
        size = float(np.sqrt((row1 - row0) * (col1 - col0)))
        largest = np.log(self.recipe.largest_object * side)
        target = np.exp(rng.uniform(np.log(self.recipe.smallest_object), largest))
        shape = np.array(source.labels.shape)
        least = max(ZOOMS[0], _LEAST_FILLED * side / shape.max())
        zoom = float(np.clip(target / size, min(least, ZOOMS[1]), ZOOMS[1]))
        centre = np.array([(row0 + row1) / 2, (col0 + col1) / 2])
        centre += rng.uniform(-0.42, 0.42, 2) * side / zoom
        if rng.random() < _WITHIN_SHARE:
            half = np.minimum(0.5 * side / zoom, shape / 2)
            centre = np.clip(centre, half, shape - half)
        matrix = turn(rng, self.recipe.elongated) / zoom
        return resample(source, matrix, centre, side, zoom)


def turn(rng: np.random.Generator, elongated: float = 0.0) -> NDArray[np.float64]:
    """A rotation, by any angle or by quarter turns, maybe mirrored and a little stretched.

    ``elongated`` is the share that is stretched much, so that round things become rods.
    """
    quarter = rng.random() < 0.5
    angle = rng.integers(4) * np.pi / 2 if quarter else rng.uniform(0, 2 * np.pi)
    cos, sin = np.cos(angle), np.sin(angle)
    mirror = np.diag([1.0, rng.choice([-1.0, 1.0])])
    stretch = np.exp(rng.normal(0, 0.08))
    if elongated and rng.random() < elongated:
        stretch = np.exp(rng.uniform(0, 0.6))
    rotation: NDArray[np.float64] = np.array([[cos, -sin], [sin, cos]])
    return np.asarray(rotation @ mirror @ np.diag([stretch, 1 / stretch]))


def resample(
    source: Source, matrix: NDArray[np.float64], centre: NDArray[np.float64], side: int, zoom: float
) -> Crop:
    """The crop at ``centre``; ``matrix`` takes crop offsets to frame offsets (row, col)."""
    level = int(np.clip(np.floor(-np.log2(zoom) + 0.3), 0, _LEVELS - 1))
    offsets = np.arange(side) + 0.5 - side / 2
    grid = np.stack(np.meshgrid(offsets, offsets, indexing="ij"), axis=-1)
    places = grid @ matrix.T + centre
    pixels = _take(source.levels[level], places / 2**level)
    labels, inside = _nearest(source.labels, places)
    return Crop(pixels, labels, inside)


def _take(pixels: NDArray[np.uint8], places: NDArray[np.float64]) -> NDArray[np.float32]:
    """Bilinear values in 0 to 1 at continuous places ``(h, w, 2)``; mid-grey outside."""
    low = np.maximum(np.floor(places.min(axis=(0, 1))).astype(int) - 1, 0)
    high = np.maximum(np.ceil(places.max(axis=(0, 1))).astype(int) + 1, low + 1)
    piece = pixels[low[0] : high[0], low[1] : high[1]]
    if 0 in piece.shape:
        return np.full((*places.shape[:2], 3), 0.5, np.float32)
    tensor = torch.from_numpy(piece.astype(np.float32) / 255 - 0.5).permute(2, 0, 1)[None]
    relative = (places - low) / np.array(piece.shape[:2]) * 2 - 1
    where = torch.from_numpy(relative[..., ::-1].astype(np.float32))[None]
    values = F.grid_sample(tensor, where, padding_mode="zeros", align_corners=False)
    return np.asarray(values[0].permute(1, 2, 0).numpy() + 0.5, np.float32)


def _nearest(
    labels: NDArray[np.int32], places: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Labels at continuous places ``(h, w, 2)``, 0 outside, and what is inside."""
    index = np.floor(places).astype(np.int64)
    inside = np.asarray(((index >= 0) & (index < labels.shape)).all(axis=-1))
    index = np.clip(index, 0, np.array(labels.shape) - 1)
    found = np.where(inside, labels[index[..., 0], index[..., 1]], 0)
    return found.astype(np.int32), inside


def _halve(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Half the size by means of 2 x 2 pixels; an odd last row or column is repeated."""
    rows, cols = pixels.shape[:2]
    padded = np.pad(pixels, ((0, rows % 2), (0, cols % 2), (0, 0)), mode="edge")
    blocks = padded.reshape(padded.shape[0] // 2, 2, padded.shape[1] // 2, 2, 3)
    halved: NDArray[np.uint8] = np.rint(blocks.mean(axis=(1, 3))).astype(np.uint8)
    return halved
