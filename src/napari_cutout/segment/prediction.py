"""What a model answers to a prompt: candidates, best first.

How the logits of a large window become a mask at the frame's resolution is in crops.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from napari_cutout.segment import crops
from napari_cutout.segment.errors import TooLargeError
from napari_cutout.segment.mask_options import MaskOptions
from napari_cutout.segment.prompts import LowResLogits
from napari_cutout.segment.windows import is_cut, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from napari_cutout.segment.grid import Grid
    from napari_cutout.segment.windows import Window

MASKS_LIMIT = 1 << 31
"""Bytes that the masks of a whole frame take at most."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """The candidates for one prompt, best first.

    A pickle of it, for another process or the disk, holds no model: what that would make of the
    logits at the resolution of the window goes along instead, ``(K, *grid.shape)`` float32.

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
    grid
        How the window was read.
    """

    scores: NDArray[np.float32]
    logits: NDArray[np.float32]
    window: Window
    shape: tuple[int, int]
    key: str
    grid: Grid = field(repr=False)
    _upscale: Callable[[NDArray[np.float32]], NDArray[np.float32]] | None = field(repr=False)
    _upscaled: NDArray[np.float32] | None = field(default=None, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """What a pickle holds: all but the model, and the masks, which are made again."""
        upscaled = np.stack([self._on_grid(k) for k in range(len(self.scores))])
        state = {name: value for name, value in vars(self).items() if name != "masks"}
        return {**state, "_upscale": None, "_upscaled": upscaled}

    def __copy__(self) -> Self:
        """Another with the same arrays."""
        return replace(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Another with arrays of its own; the model, which never changes, is shared."""
        return replace(self, scores=self.scores.copy(), logits=self.logits.copy())

    @cached_property
    def masks(self) -> NDArray[np.bool_]:
        """``(K, rows, cols)`` bool, of the whole frame. Made when first asked for.

        Raises
        ------
        TooLargeError
            If they would take more than 2 GiB; :meth:`crop` gives a mask in its box.
        """
        count, (rows, cols) = len(self.scores), self.shape
        if count * rows * cols > MASKS_LIMIT:
            raise TooLargeError(
                f"{count} masks of a whole frame of {rows} x {cols} pixels would take "
                f"{count * rows * cols / 1e9:.1f} GB; use crop(k), which gives one in its box"
            )
        masks = np.zeros((count, rows, cols), bool)
        for k in range(count):
            masks[k][self.window.slices] = self.full_logits(k) > 0
        masks.flags.writeable = False
        return masks

    def full_logits(self, k: int = 0) -> NDArray[np.float32]:
        """Logits ``(window.rows, window.cols)`` of a candidate at the frame's resolution.

        Raises
        ------
        TooLargeError
            If they would take more than 2 GiB.
        """
        return crops.full(self._on_grid(k), self.grid)

    def crop(
        self, k: int = 0, options: MaskOptions | float = 0.0
    ) -> tuple[NDArray[np.bool_], tuple[int, int]]:
        """A candidate in its bounding box: cost follows the window or the object, not the frame.

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

        Raises
        ------
        TooLargeError
            If the box has more than 16,384 x 16,384 pixels; :meth:`pieces` gives any mask.
        """
        return crops.crop(self._on_grid(k), self.grid, _as_options(options))

    def pieces(
        self, k: int = 0, options: MaskOptions | float = 0.0
    ) -> Iterator[tuple[NDArray[np.bool_], tuple[int, int]]]:
        """A candidate piece by piece, however large it is: memory follows the piece.

        Parameters
        ----------
        k, options
            As :meth:`crop` takes them.

        Yields
        ------
        mask : ndarray
            ``(h, w)`` bool, up to 4,096 rows and columns of the candidate in their bounding box.
        origin : tuple
            (row, col) of its first pixel in the frame.
        """
        return crops.pieces(self._on_grid(k), self.grid, _as_options(options))

    def feedback(self, k: int = 0) -> LowResLogits:
        """What the next prompt of the same object gives as ``logits``."""
        return LowResLogits(self.logits[k], self.window, self.key)

    def is_cut(self, k: int = 0) -> bool:
        """Whether a candidate reaches a side of its window that isn't the frame's own.

        The best one is asked for again in a larger window, unless the embedding has one window
        only, or too much would have to be read for it: the window of a pyramid grows up to the
        whole frame, that of an array without one up to 16,384 pixels. Others may be cut.
        """
        if self.window == whole(self.shape):
            return False
        return is_cut(self._on_grid(k) > 0, self.window, self.shape)

    def _on_grid(self, k: int) -> NDArray[np.float32]:
        """Logits ``(h, w)`` of a candidate at the resolution at which the window was read."""
        if self._upscaled is not None:
            return np.asarray(self._upscaled[k])
        assert self._upscale is not None, "only a pickle is without it"
        return np.asarray(self._upscale(self.logits[k : k + 1])[0])


def _as_options(options: MaskOptions | float) -> MaskOptions:
    return options if isinstance(options, MaskOptions) else MaskOptions(float(options))
