"""An image of fewer pixels in the place of one: for objects too large for full resolution.

A mask at full resolution takes the memory of its box. In a coarser level the same object is small,
and its labels lie where it is.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.layers.image.coordinates import displayed_axes, world_matrix, world_units
from napari_cutout.layers.selecting import keeping_selection
from napari_cutout.segment import FrameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari import Viewer
    from napari.layers import Image

SIDE = 8192
"""Rows and columns that a coarser image has at most: all of it may be one object."""


def coarser_image(viewer: Viewer, image: Image) -> Image:
    """Add a coarser level of an image as an image of its own, lying on it; nothing is read.

    Parameters
    ----------
    viewer
        The image is in it; which axes it shows decides which are made shorter.
    image
        A pyramid, of which the finest level is taken that is small enough; or an array that is
        sliced without being read, such as one of numpy or dask: every n-th pixel.

    Returns
    -------
    Image
        Right above the image.

    Raises
    ------
    FrameError
        If there is no such level, with what to do.
    """
    from napari.layers import Image as Layer

    full, data = _full(image), _coarser(image, displayed_axes(image.ndim, viewer.dims))
    factors = np.array(full.shape[: image.ndim]) / np.array(data.shape[: image.ndim])
    # The edges of both lie on each other, and the centres of their first pixels don't.
    to_image = np.diag([*factors, 1.0])
    to_image[:-1, -1] = (factors - 1) / 2
    layer = Layer(
        data,
        name=f"{image.name} ({math.ceil(max(factors))} times coarser)",
        rgb=image.rgb,
        affine=world_matrix(image, viewer.dims) @ to_image,
        units=world_units(image, viewer.dims),
        axis_labels=image.axis_labels,
        contrast_limits=image.contrast_limits,
    )
    if not image.rgb:
        layer.colormap = image.colormap
    with keeping_selection(viewer):
        viewer.layers.insert(viewer.layers.index(image) + 1, layer)
    return layer


def _full(image: Image) -> Any:
    return image.data[0] if image.multiscale else image.data


def _coarser(image: Image, shown: Sequence[int]) -> Any:
    """The finest pixels that are small enough along the axes that are shown."""
    levels = list(image.data) if image.multiscale else [image.data]
    for level in levels:
        if max(level.shape[axis] for axis in shown) <= SIDE:
            if level is levels[0]:
                raise FrameError(
                    f"{image.name!r} has no more than {SIDE:,} pixels a side; any object in it can "
                    "be cut as it is"
                )
            return level
    coarsest = levels[-1]
    if not isinstance(coarsest, np.ndarray) and not hasattr(coarsest, "__dask_graph__"):
        raise FrameError(
            f"{image.name!r} has no level of {SIDE:,} pixels a side or fewer; open it as a pyramid "
            "(OME-Zarr), or as a dask array"
        )
    step = max(-(-coarsest.shape[axis] // SIDE) for axis in shown)
    return coarsest[
        tuple(slice(None, None, step if axis in shown else 1) for axis in range(image.ndim))
    ]
