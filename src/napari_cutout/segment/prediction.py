"""What a model answers to a prompt: candidates, best first."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.mask_options import MaskOptions
from napari_cutout.segment.prompts import LowResLogits
from napari_cutout.segment.windows import is_cut, whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from napari_cutout.segment.windows import Window


@dataclass(frozen=True, eq=False)
class Prediction:
    """The candidates for one prompt, best first.

    Parameters
    ----------
    scores
        ``(K,)`` float32, the predicted IoU, falling.
    logits
        ``(K, h, w)`` float32 at the decoder's own resolution, of :attr:`window` alone.
    window
        The piece of the frame that was looked at.
    shape
        ``(rows, cols)`` of the frame.
    key
        Of the embedding that was asked.
    """

    scores: NDArray[np.float32]
    logits: NDArray[np.float32]
    window: Window
    shape: tuple[int, int]
    key: str
    _upscale: Callable[[NDArray[np.float32]], NDArray[np.float32]] = field(repr=False)

    @cached_property
    def masks(self) -> NDArray[np.bool_]:
        """``(K, rows, cols)`` bool, of the whole frame. Made when first asked for."""
        masks = np.zeros((len(self.scores), *self.shape), bool)
        masks[(slice(None), *self.window.slices)] = self._upscale(self.logits) > 0
        masks.flags.writeable = False
        return masks

    def full_logits(self, k: int = 0) -> NDArray[np.float32]:
        """Logits ``(window.rows, window.cols)`` of a candidate at the frame's resolution."""
        full: NDArray[np.float32] = self._upscale(self.logits[k : k + 1])[0]
        return full

    def crop(
        self, k: int = 0, options: MaskOptions | float = 0.0
    ) -> tuple[NDArray[np.bool_], tuple[int, int]]:
        """A candidate in its bounding box: cost follows the window, not the frame.

        Parameters
        ----------
        k
            Which candidate.
        options
            How the logits become a mask; a number is a threshold.

        Returns
        -------
        mask : ndarray
            ``(h, w)`` bool; ``(0, 0)`` when the mask is empty.
        origin : tuple
            (row, col) of its first pixel in the frame.
        """
        if not isinstance(options, MaskOptions):
            options = MaskOptions(float(options))
        mask = options.apply(self.full_logits(k))
        rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if not len(rows):
            return np.zeros((0, 0), bool), (self.window.row, self.window.col)
        piece = mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
        return piece, (self.window.row + int(rows[0]), self.window.col + int(cols[0]))

    def feedback(self, k: int = 0) -> LowResLogits:
        """What the next prompt of the same object gives as ``logits``."""
        return LowResLogits(self.logits[k], self.window, self.key)

    def is_cut(self, k: int = 0) -> bool:
        """Whether a candidate reaches a side of its window that isn't the frame's own.

        Unless the embedding has one window only, the best one never is: it is asked for again in
        a larger window. Others may be.
        """
        if self.window == whole(self.shape):
            return False
        return is_cut(self.full_logits(k) > 0, self.window, self.shape)
