"""A mask in its box: cutting, drawing and comparing it. Nothing here knows of frames or models."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self, TypeVar

import numpy as np
from scipy import ndimage

from napari_cutout.segment.windows import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)

_EIGHT = np.ones((3, 3), bool)


@dataclass(frozen=True, eq=False)
class Piece:
    """A mask that isn't empty, in its bounding box.

    Parameters
    ----------
    mask
        ``(h, w)`` bool, which touches all four sides.
    origin
        (row, col) of its first pixel in the frame.
    """

    mask: NDArray[np.bool_]
    origin: tuple[int, int]

    @classmethod
    def of(cls, mask: NDArray[np.bool_], origin: tuple[int, int]) -> Self | None:
        """A mask cut to its bounding box; None where nothing is set."""
        rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if not len(rows):
            return None
        cut = mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
        return cls(cut, (origin[0] + int(rows[0]), origin[1] + int(cols[0])))

    @cached_property
    def area(self) -> int:
        """The number of pixels."""
        return int(np.count_nonzero(self.mask))

    @property
    def size(self) -> float:
        """The side of a square of its area, in pixels."""
        return float(np.sqrt(self.area))

    @cached_property
    def centre(self) -> NDArray[np.float64]:
        """The mean (row, col) of its pixels in the frame."""
        return np.asarray(np.argwhere(self.mask).mean(axis=0) + self.origin, np.float64)

    @property
    def box(self) -> tuple[int, int, int, int]:
        """(row0, col0, row1, col1), both corners inside."""
        (row, col), (height, width) = self.origin, self.mask.shape
        return row, col, row + height - 1, col + width - 1

    @property
    def window(self) -> Window:
        """Its box as a window."""
        return Window(*self.origin, *self.mask.shape)

    def touches_side(self, shape: tuple[int, int]) -> bool:
        """Whether it reaches a side of a frame ``(rows, cols)``."""
        row0, col0, row1, col1 = self.box
        return row0 <= 0 or col0 <= 0 or row1 >= shape[0] - 1 or col1 >= shape[1] - 1

    def around(self, room: int, shape: tuple[int, int]) -> Window:
        """Its box with so many pixels around, as far as a frame ``(rows, cols)`` goes."""
        row0, col0, row1, col1 = self.box
        top, left = max(row0 - room, 0), max(col0 - room, 0)
        bottom, right = min(row1 + room, shape[0] - 1), min(col1 + room, shape[1] - 1)
        return Window(top, left, bottom - top + 1, right - left + 1)

    def drawn(self, window: Window) -> NDArray[np.bool_]:
        """What of it lies in a window, ``(window.rows, window.cols)`` bool."""
        return placed(self.mask, self.origin, window, False)

    def iou(self, other: Piece) -> float:
        """Intersection over union with another one. O(the boxes)."""
        low = np.maximum(self.origin, other.origin)
        high = np.minimum(self.box[2:], other.box[2:])
        if (high < low).any():
            return 0.0
        window = Window(*low.tolist(), *(high - low + 1).tolist())
        both = int(np.count_nonzero(self.drawn(window) & other.drawn(window)))
        return both / (self.area + other.area - both)


def placed(
    values: NDArray[Number], origin: tuple[int, int], window: Window, fill: float
) -> NDArray[Number]:
    """Values ``(h, w)`` that lie at (row, col) as seen in a window, ``(rows, cols)``.

    Parameters
    ----------
    values, origin
        What lies where in the frame.
    window
        What of the frame is wanted.
    fill
        Where there are no values.
    """
    drawn = np.full((window.rows, window.cols), fill, values.dtype)
    corner = (window.row, window.col)
    low = np.maximum(origin, corner)
    high = np.minimum(np.add(origin, values.shape), np.add(corner, drawn.shape))
    if (high > low).all():
        (top, left), (down, right) = low - corner, low - origin
        rows, cols = high - low
        part = values[down : down + rows, right : right + cols]
        drawn[top : top + rows, left : left + cols] = part
    return drawn


def depth(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How far pixels lie inside a mask's edge, in pixels; negative outside, 0 on the edge."""
    padded = np.pad(mask, 1)
    if not mask.any():
        return np.full(mask.shape, -float(max(mask.shape)), np.float32)
    inside = ndimage.distance_transform_edt(padded)
    outside = ndimage.distance_transform_edt(~padded)
    signed = np.where(padded, inside - 0.5, 0.5 - outside)
    return np.asarray(signed[1:-1, 1:-1], np.float32)


def main_part(mask: NDArray[np.bool_], expected: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The connected part that shares most with what is expected, or else is largest."""
    parts, count = ndimage.label(mask, _EIGHT)
    if count < 2:
        return mask
    shares = np.bincount(parts[expected], minlength=count + 1)
    shares[0] = 0
    if not shares.any():
        shares = np.bincount(parts.ravel())
        shares[0] = 0
    return np.asarray(parts == int(shares.argmax()))
