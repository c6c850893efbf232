"""Labels painted anew: made-up images of real shapes, so that no look is needed to be an object.

Objects get a brightness, a texture, a rim and a halo at random; real looks are changed in
augment.py. Nothing here reads a file.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Pixels = NDArray[np.float32]


def render(labels: NDArray[np.int32], rng: np.random.Generator) -> Pixels:
    """Paint an image of the objects.

    Parameters
    ----------
    labels
        ``(rows, cols)``, 0 is background.
    rng
        Where chance comes from.

    Returns
    -------
    ndarray
        ``(rows, cols, 3)`` float32 in 0 to 1: grey, or in the colours of a stain.
    """
    inside = labels > 0
    depth = _depth(labels)
    ground, object_mean = _two_levels(rng)
    shade = np.full(int(labels.max()) + 1, object_mean, np.float32)
    shade += rng.normal(0, rng.uniform(0, 0.12), shade.shape).astype(np.float32)
    value = np.where(inside, shade[labels], np.float32(ground))
    value += _texture(labels.shape, rng) * inside
    value += _texture(labels.shape, rng) * ~inside
    sign = np.float32(np.sign(object_mean - ground))
    if rng.random() < 0.35:  # domes: bright in the middle, as a cell seen in fluorescence is
        reach = rng.uniform(3, 15)
        fall = np.exp(-depth / np.float32(reach))
        value -= (
            sign * np.float32(rng.uniform(0.3, 0.9) * abs(object_mean - ground)) * fall * inside
        )
    if rng.random() < 0.4:  # a rim: a membrane, a wall
        width = rng.uniform(0.8, 3.0)
        rim = np.exp(-((depth / np.float32(width)) ** 2)) * inside
        value += np.float32(rng.choice([-1, 1]) * rng.uniform(0.1, 0.45)) * rim
    if rng.random() < 0.35:  # a halo: phase contrast
        away = ndimage.distance_transform_edt(~inside).astype(np.float32)
        halo = np.exp(-away / np.float32(rng.uniform(1.5, 6.0))) * ~inside
        value += np.float32(rng.choice([-1, 1]) * rng.uniform(0.08, 0.35)) * halo
    if rng.random() < 0.3:
        value += _nuclei(labels, depth, rng)
    value = ndimage.gaussian_filter(value, rng.uniform(0.3, 1.6))
    return _coloured(np.clip(value, 0, 1), rng)


def _two_levels(rng: np.random.Generator) -> tuple[float, float]:
    """Means of the ground and of the objects; now and then they differ by little."""
    ground = rng.uniform(0.05, 0.9)
    while True:
        mean = rng.uniform(0.05, 0.95)
        if abs(mean - ground) > (0.03 if rng.random() < 0.3 else 0.15):
            return ground, mean


def _depth(labels: NDArray[np.int32]) -> Pixels:
    """Distance to the edge of the own object, 0 outside."""
    inside = labels > 0
    for axis in (0, 1):
        here, there = np.moveaxis(inside, axis, 0), np.moveaxis(labels, axis, 0)
        here[1:] &= ~((there[1:] != there[:-1]) & (there[1:] > 0) & (there[:-1] > 0))
    return np.asarray(ndimage.distance_transform_edt(inside), np.float32)


def _texture(shape: tuple[int, ...], rng: np.random.Generator) -> Pixels:
    """Noise at one or two scales, of a strength that is often small."""
    result = np.zeros(shape, np.float32)
    for _ in range(rng.integers(1, 3)):
        sigma = np.exp(rng.uniform(np.log(0.6), np.log(12)))
        noise = ndimage.gaussian_filter(rng.standard_normal(shape, dtype=np.float32), sigma)
        noise /= max(float(noise.std()), 1e-6)
        result += noise * np.float32(np.exp(rng.uniform(np.log(0.005), np.log(0.12))))
    return result


def _nuclei(labels: NDArray[np.int32], depth: Pixels, rng: np.random.Generator) -> Pixels:
    """Something darker or brighter deep inside the objects, which is not their outline."""
    deepest = np.asarray(ndimage.maximum(depth, labels, np.arange(labels.max() + 1)), np.float32)
    relative = depth / np.maximum(deepest[labels], 1)
    core = (relative > rng.uniform(0.4, 0.7)) & (labels > 0)
    return core.astype(np.float32) * np.float32(rng.choice([-1, 1]) * rng.uniform(0.05, 0.3))


def _coloured(value: Pixels, rng: np.random.Generator) -> Pixels:
    """Grey in three channels, or between two colours."""
    if rng.random() < 0.6:
        return np.repeat(value[..., None], 3, axis=2).astype(np.float32)
    low, high = rng.uniform(0, 1, (2, 3)).astype(np.float32)
    return np.asarray(low + (high - low) * value[..., None], np.float32)
