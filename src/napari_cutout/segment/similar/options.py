"""How more objects of a kind are looked for, as data."""

from __future__ import annotations

import math
from dataclasses import dataclass

from napari_cutout.segment.errors import OptionError


@dataclass(frozen=True)
class SimilarOptions:
    """What counts as one of a kind, and how hard it is looked for.

    Parameters
    ----------
    min_rank
        Objects below it are left out, 0 to 1; see :class:`.SimilarObject`.
    min_similarity
        Places are asked about whose likeness to the examples is above it, -1 to 1.
    size_tolerance
        How freely sizes vary: the standard deviation of the logarithm of the area beyond the
        range of the examples; 1 is a factor of 2.7.
    max_overlap
        The largest share of a new object, and of one that is there, that both may have in common.
    rounds
        How often places that are still uncovered are looked at.
    max_prompts
        The most places that are asked about in a window and round, the likest first.
    guided
        Whether a decoder that can be guided by a target is.

    Raises
    ------
    OptionError
        If a value is out of its range.
    """

    min_rank: float = 0.4
    min_similarity: float = 0.5
    size_tolerance: float = 1.0
    max_overlap: float = 0.5
    rounds: int = 2
    max_prompts: int = 256
    guided: bool = True

    def __post_init__(self) -> None:
        ranges = {
            "min_rank": (0.0, 1.0),
            "min_similarity": (-1.0, 1.0),
            "size_tolerance": (0.01, 100.0),
            "max_overlap": (0.0, 1.0),
            "rounds": (1, 100),
            "max_prompts": (1, 100_000),
        }
        for name, (low, high) in ranges.items():
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                raise OptionError(f"{name} goes from {low:g} to {high:g}, not {value!r}")
