"""Random changes of a crop's intensities, so that one model serves many modalities.

Geometry is changed in crops.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Pixels = NDArray[np.float32]


def augment(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Change intensities at random.

    Parameters
    ----------
    pixels
        ``(rows, cols, 3)`` float32 in 0 to 1.
    rng
        Where chance comes from.

    Returns
    -------
    ndarray
        The same shape, float32 in 0 to 1.
    """
    pixels = _colours(pixels, rng)
    if rng.random() < 0.2:
        pixels = 1 - pixels
    if rng.random() < 0.5:
        pixels = np.clip(pixels, 0, 1) ** np.float32(np.exp(rng.normal(0, 0.4)))
    if rng.random() < 0.5:
        gain, shift = np.exp(rng.normal(0, 0.25)), rng.normal(0, 0.1)
        pixels = (pixels - 0.5) * np.float32(gain) + np.float32(0.5 + shift)
    if rng.random() < 0.15:
        pixels = pixels + _shading(pixels.shape[:2], rng)[..., None]
    if rng.random() < 0.25:
        sigma = rng.uniform(0.4, 1.8)
        pixels = ndimage.gaussian_filter(pixels, (sigma, sigma, 0))
    if rng.random() < 0.3:
        pixels = pixels + _noise(pixels.shape, rng)
    return np.clip(pixels, 0, 1).astype(np.float32)


def _colours(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Colour to grey, grey to colour, channels in another order."""
    grey = bool(np.abs(pixels[..., 0] - pixels[..., 2]).max() < 1e-6)
    if grey and rng.random() < 0.15:
        tint = rng.uniform(0.2, 1.0, 3).astype(np.float32)
        return pixels * tint if rng.random() < 0.5 else 1 - (1 - pixels) * tint
    if not grey and rng.random() < 0.2:
        return np.repeat(pixels.mean(axis=2, keepdims=True), 3, axis=2)
    if not grey and rng.random() < 0.2:
        return pixels[..., rng.permutation(3)]
    if not grey and rng.random() < 0.4:
        gains = np.exp(rng.normal(0, 0.15, 3)).astype(np.float32)
        return pixels * gains
    return pixels


def _shading(shape: tuple[int, ...], rng: np.random.Generator) -> Pixels:
    """Uneven illumination: a plane."""
    rows = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None]
    cols = np.linspace(-1, 1, shape[1], dtype=np.float32)[None, :]
    slope = rng.normal(0, 0.12, 2).astype(np.float32)
    return np.asarray(rows * slope[0] + cols * slope[1])


def _noise(shape: tuple[int, ...], rng: np.random.Generator) -> Pixels:
    """White or slightly blurred noise, the same in all channels or not."""
    channels = 1 if rng.random() < 0.7 else 3
    noise = rng.standard_normal((*shape[:2], channels), dtype=np.float32)
    if rng.random() < 0.3:
        noise = ndimage.gaussian_filter(noise, (0.7, 0.7, 0)) * 2
    return noise * np.float32(np.exp(rng.uniform(np.log(0.01), np.log(0.08))))
