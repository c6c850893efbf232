"""Small holes of a mask filled, and small pieces apart removed, in its box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Placed = tuple[NDArray[np.bool_], tuple[int, int]]

_TOUCHING = np.ones((3, 3), int)


def tidied(
    mask: NDArray[np.bool_], origin: tuple[int, int], shape: tuple[int, int], least: int
) -> Placed | None:
    """A mask with small holes filled, and then small pieces removed; None if nothing changed.

    Parameters
    ----------
    mask
        ``(h, w)`` bool, in its box.
    origin
        (row, col) of the box in the frame.
    shape
        ``(rows, cols)`` of the frame.
    least
        Holes and pieces of fewer pixels go. If all pieces are smaller, the largest stays.

    Returns
    -------
    mask, origin
        Where it has pixels.

    Notes
    -----
    Pixels that touch at a corner belong together, in holes and pieces both, as in the reference.
    What lies around the mask is a hole as well, if it is that small: so its size counts, though
    none of it is looked at.
    """
    filled = _without_holes(mask, origin, shape, least)
    whole, corner = (mask, origin) if filled is None else filled
    cleaned = _without_islands(whole, least)
    if cleaned is not None:
        return _tight(cleaned, corner)
    return None if filled is None else _tight(whole, corner)


def _without_holes(
    mask: NDArray[np.bool_], origin: tuple[int, int], shape: tuple[int, int], least: int
) -> Placed | None:
    """The mask with small holes filled, larger than its box if what lies around it is one."""
    border = [
        (start, length - start - side)
        for start, side, length in zip(origin, mask.shape, shape, strict=True)
    ]
    widths = [(int(before > 0), int(after > 0)) for before, after in border]
    around = np.pad(mask, widths)
    # One row or column of the border stands for all beyond the box.
    sides = [
        np.array([before] * (before > 0) + [1] * side + [after] * (after > 0))
        for (before, after), side in zip(border, mask.shape, strict=True)
    ]
    regions, count = ndimage.label(~around, _TOUCHING)
    sizes = np.bincount(regions.ravel(), np.outer(*sides).ravel(), count + 1)
    small = sizes < least
    small[0] = False
    if not small.any():
        return None
    filled = around | small[regions]
    inside = np.pad(np.ones(mask.shape, bool), widths)
    if (filled & ~inside).any():
        return filled.repeat(sides[0], axis=0).repeat(sides[1], axis=1), (0, 0)
    return filled[inside].reshape(mask.shape), origin


def _without_islands(mask: NDArray[np.bool_], least: int) -> NDArray[np.bool_] | None:
    """The mask without small pieces, the largest kept if all are small; None if none is."""
    regions, count = ndimage.label(mask, _TOUCHING)
    sizes = np.bincount(regions.ravel(), minlength=count + 1)[1:]
    if not (sizes < least).any():
        return None
    stays = np.concatenate([[False], sizes >= least])
    if not stays.any():
        stays[1 + np.argmax(sizes)] = True
    return np.asarray(stays[regions], bool)


def _tight(mask: NDArray[np.bool_], origin: tuple[int, int]) -> Placed:
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    piece = mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    return piece, (origin[0] + int(rows[0]), origin[1] + int(cols[0]))
