"""From micro-sam's distances to labels: markers where objects are deepest, grown to their edges.

After "Segment Anything for Microscopy" (Archit et al., Nature Methods 2025); smoothing and
thresholds are those that its decoders are used with. Arrays only; nothing here knows of a model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage
from skimage.segmentation import watershed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.segment.distances import FrameDistances

SMOOTHING = 1.6
"""Standard deviation in pixels of the Gaussian that distances go through."""

FOREGROUND_SMOOTHING = 1.0

DEEP = 0.5
"""A marker is where both distances are below it: the one to the centre doesn't run together where
objects touch, the one to the edge doesn't fall apart where they aren't round."""


def smoothed_depth(maps: FrameDistances) -> NDArray[np.float32]:
    """``(rows, cols)`` float32, 1 where an object is deepest, 0 at its edge."""
    return 1 - _smooth(maps.boundary, SMOOTHING)


def distance_basins(maps: FrameDistances, foreground: float) -> NDArray[np.int32]:
    """Labels ``(rows, cols)`` int32 of the objects, 1 and on; 0 is background.

    Parameters
    ----------
    maps
        Of a piece of a frame.
    foreground
        Pixels whose probability, smoothed, is above it belong to objects.
    """
    depth, centre = smoothed_depth(maps), _smooth(maps.centre, SMOOTHING)
    inside = _smooth(maps.foreground, FOREGROUND_SMOOTHING) > foreground
    markers, _ = ndimage.label(inside & (centre < DEEP) & (1 - depth < DEEP))
    return np.asarray(watershed(-depth, markers, mask=inside), np.int32)  # type: ignore[no-untyped-call]


def _smooth(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(ndimage.gaussian_filter(values, sigma), np.float32)
