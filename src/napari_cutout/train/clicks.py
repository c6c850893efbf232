"""The annotator of training: first prompts, and corrections where the answer was wrong.

Unlike the simulated annotator of evaluate/, which always does the same, this one varies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

if TYPE_CHECKING:
    from napari_cutout.train.targets import Asked

Floats = NDArray[np.float32]


def first_click(targets: Asked, index: int, rng: np.random.Generator) -> Floats:
    """A point inside an object, often its deepest, in continuous pixels of the crop."""
    mask, stride = targets.masks[index], targets.stride
    if rng.random() < 0.4:
        size = targets.boxes[index, 2:] - targets.boxes[index, :2]
        point = targets.deepest[index] + rng.normal(0, 0.05, 2) * size
        row, col = np.clip(point // stride, 0, np.array(mask.shape) - 1).astype(int)
        if mask[row, col] > 0.5:
            return np.asarray(point, np.float32)
    return random_inside(mask * (targets.distance + 0.1), rng, stride)


def random_inside(weight: Floats, rng: np.random.Generator, stride: int = 2) -> Floats:
    """A point, in continuous pixels, drawn with the weights of a map of such a stride."""
    total = np.cumsum(weight.ravel(), dtype=np.float64)
    flat = int(np.searchsorted(total, rng.random() * total[-1]))
    row, col = np.unravel_index(min(flat, weight.size - 1), weight.shape)
    return (np.array([row, col]) + rng.random(2)).astype(np.float32) * stride


def jittered_box(box: Floats, side: int, rng: np.random.Generator) -> Floats:
    """The box as it is, or as a hand would draw it."""
    if rng.random() < 0.5:
        return box
    height, width = box[2] - box[0], box[3] - box[1]
    sigma = rng.uniform(0.01, 0.1)
    noise = rng.normal(0, sigma, 4) * np.array([height, width, height, width])
    row0, col0, row1, col1 = np.clip(box + noise, 0, side)
    return np.array([row0, col0, max(row1, row0 + 2), max(col1, col0 + 2)], np.float32)


def correction(
    answer: NDArray[np.bool_], truth: NDArray[np.bool_], rng: np.random.Generator, stride: int = 2
) -> tuple[Floats, int] | None:
    """A click in the deepest error, with its polarity; None when nothing is wrong.

    Parameters
    ----------
    answer, truth
        ``(h, w)`` at the stride.
    rng
        Moves the click away from the deepest point.
    stride
        Pixels that a cell stands for.
    """
    missing, extra = truth & ~answer, answer & ~truth
    depths = [_depth(missing), _depth(extra)]
    best = int(depths[1].max() > depths[0].max())
    depth = depths[best]
    if depth.max() < 1:
        return None
    near = depth >= depth.max() * (0.999 if rng.random() < 0.5 else 0.5)
    return random_inside(near.astype(np.float32), rng, stride), 1 - 2 * best


def rough_mask(mask: Floats, rng: np.random.Generator) -> Floats:
    """The mask as another program might have found it: grown, shrunk, moved. In 0 to 1."""
    rough = ndimage.gaussian_filter(mask, rng.uniform(0.5, 3.0))
    rough = np.roll(rough, rng.integers(-3, 4, 2), axis=(0, 1))
    return np.asarray(rough > rng.uniform(0.25, 0.75), np.float32)


def _depth(mask: NDArray[np.bool_]) -> Floats:
    if not mask.any():
        return np.zeros(mask.shape, np.float32)
    # Nothing farther away than the edge of what is set counts.
    place = ndimage.find_objects(mask.astype(np.uint8))[0]
    depth = np.zeros(mask.shape, np.float32)
    depth[place] = ndimage.distance_transform_edt(np.pad(mask[place], 1))[1:-1, 1:-1]
    return depth
