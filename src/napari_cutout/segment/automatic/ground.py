"""Where in a frame objects are looked for, and what is there already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.segment.errors import OptionError
from napari_cutout.segment.windows import Window, fits

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from napari_cutout.segment.automatic.objects import FoundObject

MOSTLY = 0.5
"""An object of which a larger share lies on known ones is one of them."""


@dataclass(frozen=True, eq=False)
class Ground:
    """Where objects are looked for.

    Parameters
    ----------
    shape
        ``(rows, cols)`` of the frame.
    window
        The piece to keep to, or None for all.
    mask
        ``(rows, cols)`` bool, the pixels to keep to, or None for all.
    known
        ``(rows, cols)`` bool, where objects are already, or None.
    """

    shape: tuple[int, int]
    window: Window | None = None
    mask: NDArray[np.bool_] | None = None
    known: NDArray[np.bool_] | None = None

    @classmethod
    def of(
        cls,
        shape: tuple[int, int],
        within: Window | ArrayLike | None = None,
        known: ArrayLike | None = None,
    ) -> Ground:
        """The ground that was asked for.

        Parameters
        ----------
        shape
            ``(rows, cols)`` of the frame.
        within
            A window, or a mask ``(rows, cols)`` bool.
        known
            Labels ``(rows, cols)``; 0 is none.

        Raises
        ------
        OptionError
            If they don't fit the frame.
        """
        window = within if isinstance(within, Window) else None
        if window is not None and not fits(window, shape):
            raise OptionError(f"{window} does not lie inside the frame of {shape}")
        mask = None if within is None or window is not None else np.asarray(within)
        if mask is not None and (mask.shape != shape or mask.dtype != bool):
            raise OptionError(
                f"within is a Window, or a mask {shape} bool, not {mask.shape} {mask.dtype}"
            )
        labels = None if known is None else np.asarray(known)
        if labels is not None and (labels.shape != shape or labels.dtype.kind not in "biu"):
            raise OptionError(
                f"known are labels {shape}, whole numbers, not {labels.shape} {labels.dtype}"
            )
        return cls(shape, window, mask, None if labels is None else labels != 0)

    def holds(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of ``(N, 2)`` points in the frame lie where objects are looked for."""
        inside = np.ones(len(points), bool)
        if self.window is not None:
            low = np.array([self.window.row, self.window.col]) - 0.5
            size = np.array([self.window.rows, self.window.cols])
            inside &= ((points >= low) & (points <= low + size)).all(axis=1)
        if self.mask is not None:
            inside &= self.mask[self._pixels(points)]
        return inside

    def is_known(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of ``(N, 2)`` points lie on an object that is there already."""
        if self.known is None:
            return np.zeros(len(points), bool)
        return np.asarray(self.known[self._pixels(points)], bool)

    def is_on_known(self, one: FoundObject) -> bool:
        """Whether an object lies mostly on ones that are there already. O(its box)."""
        if self.known is None or not one.area:
            return False
        (row, col), (height, width) = one.origin, one.mask.size
        there = self.known[row : row + height, col : col + width]
        return bool(np.count_nonzero(there & one.decode()) > MOSTLY * one.area)

    def _pixels(self, points: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        last = np.array(self.shape) - 1
        rows, cols = np.clip(np.rint(points), 0, last).astype(np.intp).T
        return rows, cols
