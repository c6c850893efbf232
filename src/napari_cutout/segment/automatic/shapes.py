"""The form of a mask as one number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def perimeter(mask: NDArray[np.bool_]) -> float:
    """The length of the outline of ``(h, w)`` bool in pixels, by Crofton's formula.

    Lines in four directions cross the outline; the axes' lie 1 apart, the diagonals' 1 / sqrt(2),
    and each direction stands for an eighth of a turn.
    """
    padded = np.pad(mask, 1)
    straight = np.count_nonzero(padded[1:] != padded[:-1])
    straight += np.count_nonzero(padded[:, 1:] != padded[:, :-1])
    slanted = np.count_nonzero(padded[1:, 1:] != padded[:-1, :-1])
    slanted += np.count_nonzero(padded[1:, :-1] != padded[:-1, 1:])
    return float(np.pi / 8 * (straight + slanted / np.sqrt(2)))


def roundness(mask: NDArray[np.bool_]) -> float:
    """4 pi times the area over the square of the perimeter: 1 for a disc, 0 for no pixels.

    Parameters
    ----------
    mask
        ``(h, w)`` bool.
    """
    area = np.count_nonzero(mask)
    return min(1.0, 4 * np.pi * area / perimeter(mask) ** 2) if area else 0.0
