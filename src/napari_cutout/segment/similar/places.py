"""Where the next object of a kind may lie: the peaks of a map of likeness, one an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SMOOTHING = 0.1
"""Of the map, as a share of the size of an object: the peaks within one become one."""

_APART = 0.4
"""How far apart two peaks are at least, as a share of the size of an object."""


def peaks(
    likeness: NDArray[np.float32],
    size: tuple[float, float],
    above: float,
    free: NDArray[np.bool_],
    most: int,
) -> NDArray[np.int64]:
    """The places that are most like a kind, none of them nearer than objects lie to each other.

    Parameters
    ----------
    likeness
        ``(h, w)`` float32.
    size
        Rows and columns of an object, in cells of the map.
    above
        The likeness that a peak has at least.
    free
        ``(h, w)`` bool, where nothing was found yet.
    most
        So many at most.

    Returns
    -------
    ndarray
        ``(N, 2)`` cells, the likest first.
    """
    sigma = [_SMOOTHING * side for side in size]
    smooth = ndimage.gaussian_filter(likeness, sigma, mode="nearest")
    smooth = np.where(free, smooth, np.float32(-2))
    reach = [2 * max(round(_APART * side / 2), 1) + 1 for side in size]
    highest = ndimage.maximum_filter(smooth, reach, mode="nearest")
    found = (smooth == highest) & (smooth > above) & free
    # Of a plateau one place is enough: the middle of it.
    plateaus, count = ndimage.label(found, np.ones((3, 3)))
    middles = ndimage.maximum_position(
        ndimage.distance_transform_edt(found), plateaus, np.arange(1, count + 1)
    )
    places = np.array(middles, np.int64).reshape(-1, 2)
    order = np.argsort(-smooth[places[:, 0], places[:, 1]], kind="stable")
    return places[order[:most]]
