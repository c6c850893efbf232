"""A kind of image that no model was trained on: banded rods on a ground as bright as they are.

Seeded. Rods lie at any angle, bent a little, some across others' ends. Across a rod run bright and
dark bands, so that nothing tells it from the ground but how it looks as a whole, and a click on a
band tends to get that band.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 512
_RODS = (18, 30)
_LENGTHS = (60.0, 130.0)
_WIDTHS = (16.0, 26.0)
_BANDS = (9.0, 14.0)


def field(seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """A field of banded rods and its labels, ``(512, 512)`` each."""
    rng = np.random.default_rng((seed, 77))
    image = 110 + 26 * _texture(rng, 5.0) + 10 * _texture(rng, 1.2)
    labels = np.zeros((SIDE, SIDE), np.uint16)
    for _ in range(rng.integers(*_RODS)):
        along, across, length, width = _rod(rng)
        inside = (np.abs(along) < length / 2) & (np.abs(across) < _half_width(along, length, width))
        if inside.sum() < 200 or (labels[inside] > 0).mean() > 0.02:
            continue
        inside &= labels == 0
        period, phase = rng.uniform(*_BANDS), rng.uniform(0, 2 * np.pi)
        bands = np.sin(2 * np.pi * along / period + phase)
        shade = 110 + 55 * np.sign(bands) * np.abs(bands) ** 0.6
        image = np.where(inside, shade + 8 * _texture(rng, 1.0), image)
        labels[inside] = labels.max() + 1
    blurred = ndimage.gaussian_filter(image, 0.8)
    noisy = blurred + rng.normal(0, 9, image.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8), labels


def _rod(rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64], float, float]:
    """Coordinates along and across a bent rod of each pixel, and its length and width."""
    rows, cols = np.mgrid[:SIDE, :SIDE].astype(float)
    row, col = rng.uniform(20, SIDE - 20, 2)
    angle, bend = rng.uniform(0, np.pi), rng.normal(0, 0.0025)
    along = (rows - row) * np.cos(angle) + (cols - col) * np.sin(angle)
    across = -(rows - row) * np.sin(angle) + (cols - col) * np.cos(angle)
    return along, across - bend * along**2, rng.uniform(*_LENGTHS), rng.uniform(*_WIDTHS)


def _half_width(along: NDArray[np.float64], length: float, width: float) -> NDArray[np.float64]:
    """Half the width along a rod: round at its ends."""
    from_end = np.clip(length / 2 - np.abs(along), 0, width / 2)
    return np.sqrt(np.maximum(0, (width / 2) ** 2 - (width / 2 - from_end) ** 2))


def _texture(rng: np.random.Generator, sigma: float) -> NDArray[np.float64]:
    """Noise of some coarseness, of mean 0 and deviation 1."""
    noise = ndimage.gaussian_filter(rng.standard_normal((SIDE, SIDE)), sigma)
    return np.asarray((noise - noise.mean()) / noise.std())
