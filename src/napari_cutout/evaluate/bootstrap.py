"""How far a mean would move if other images had been taken: intervals by drawing images again.

Images are drawn, not objects: those of one image resemble each other, and an interval over objects
would be too narrow. Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

DRAWS = 1000
LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """Where a mean lies, with most probability.

    Parameters
    ----------
    low, high
        The ends.
    """

    low: float
    high: float

    def to_json(self) -> list[float]:
        """The two ends."""
        return [self.low, self.high]


def mean_interval(values: Sequence[Sequence[float]], seed: int = 0) -> Interval | None:
    """The interval of the mean over all values when images are drawn with replacement.

    The same seed and the same number of images give the same draws, so that two models are
    compared on the same ones.

    Parameters
    ----------
    values
        For each image the values of its objects; images without any count for nothing.
    seed
        Of the draws.

    Returns
    -------
    Interval or None
        None for fewer than two images, of which nothing can be said.
    """
    means = drawn_means(values, seed)
    return None if means is None else _ends(means)


def difference_interval(
    values: Sequence[Sequence[float]], others: Sequence[Sequence[float]], seed: int = 0
) -> Interval | None:
    """The interval of ``mean(values) - mean(others)``, both on the same drawn images.

    Narrower than the two intervals suggest, as an image that is hard for one model is hard for the
    other.

    Raises
    ------
    ValueError
        If they aren't of equally many images.
    """
    if len(values) != len(others):
        raise ValueError(f"pairs of images expected, got {len(values)} and {len(others)}")
    means, other_means = drawn_means(values, seed), drawn_means(others, seed)
    if means is None or other_means is None or len(means) != len(other_means):
        return None
    return _ends(means - other_means)


def drawn_means(values: Sequence[Sequence[float]], seed: int = 0) -> NDArray[np.float64] | None:
    """The mean over all values in each of many draws of images; None for fewer than two.

    O(draws times images).
    """
    there = [image for image in values if len(image)]
    if len(there) < 2:
        return None
    sums = np.array([np.sum(image) for image in there])
    counts = np.array([len(image) for image in there])
    drawn = np.random.default_rng(seed).integers(len(there), size=(DRAWS, len(there)))
    means: NDArray[np.float64] = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return means


def _ends(means: NDArray[np.float64]) -> Interval:
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))
