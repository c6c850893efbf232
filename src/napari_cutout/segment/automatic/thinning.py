"""Edges of one pixel's width: of a map of edges, only what is highest across each edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SCALE = 2.0
"""Standard deviation in pixels at which the direction of an edge is looked at."""

_SLACK = 1e-6


def thinned(edges: NDArray[np.float32]) -> NDArray[np.float32]:
    """What is highest across each edge; 0 elsewhere.

    Parameters
    ----------
    edges
        ``(rows, cols)`` float32, how strong an edge is at each pixel.

    Returns
    -------
    ndarray
        ``(rows, cols)`` float32.

    Notes
    -----
    Non-maximum suppression as Canny [1]_ has it, of the map itself: across an edge is where the
    smoothed map bends down most, which is an eigenvector of its second derivatives. A pixel stays
    that isn't below the map one pixel further, interpolated, on either side; at the foot of an
    edge, where the map bends up more than down, none does.

    References
    ----------
    .. [1] Canny, "A computational approach to edge detection", IEEE TPAMI 1986.
    """
    rr, rc, cc = (
        ndimage.gaussian_filter(edges, _SCALE, order=order, mode="nearest")
        for order in ((2, 0), (1, 1), (0, 2))
    )
    # The sum of both eigenvalues: whether the larger one is that of bending down.
    bends_down = rr + cc < 0
    # The angle of the direction in which it bends up most; down most is a right angle away.
    angle = 0.5 * np.arctan2(2 * rc, rr - cc) + np.pi / 2
    step_row, step_col = np.cos(angle), np.sin(angle)
    rows, cols = np.indices(edges.shape, dtype=float)
    stays = (edges > 0) & bends_down
    for sign in (1, -1):
        places = [rows + sign * step_row, cols + sign * step_col]
        beside = ndimage.map_coordinates(edges, places, order=1, mode="nearest")
        stays &= edges >= beside - _SLACK
    return np.where(stays, edges, np.float32(0))
