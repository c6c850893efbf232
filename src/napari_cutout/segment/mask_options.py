"""From logits to a mask: where the line is drawn, and what is tidied. Options of a preview."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from napari_cutout.segment.errors import PromptError

if TYPE_CHECKING:
    from numpy.typing import NDArray

THRESHOLDS = (-10.0, 10.0)
SMOOTHINGS = (0.0, 20.0)


@dataclass(frozen=True)
class MaskOptions:
    """How the logits of a candidate become its mask.

    Parameters
    ----------
    threshold
        Logits above it belong to the mask, -10 to 10. SAM's own is 0.
    smoothing
        Standard deviation in pixels of a Gaussian that the logits go through first, 0 to 20.
    fill_holes
        Whether background that the mask surrounds belongs to it.

    Raises
    ------
    PromptError
        If a value is out of its range.
    """

    threshold: float = 0.0
    smoothing: float = 0.0
    fill_holes: bool = False

    def __post_init__(self) -> None:
        for name, (low, high) in (("threshold", THRESHOLDS), ("smoothing", SMOOTHINGS)):
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                raise PromptError(f"{name} goes from {low:g} to {high:g}, not {value!r}")

    def apply(self, logits: NDArray[np.float32]) -> NDArray[np.bool_]:
        """The mask of ``(h, w)`` logits.

        Notes
        -----
        Logits are smoothed rather than masks: an edge between two pixels stays where it is.
        """
        if self.smoothing:
            logits = ndimage.gaussian_filter(logits, self.smoothing, mode="nearest")
        mask: NDArray[np.bool_] = logits > self.threshold
        if self.fill_holes:
            mask = np.asarray(ndimage.binary_fill_holes(mask), bool)
        return mask
