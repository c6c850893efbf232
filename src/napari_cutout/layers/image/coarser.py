"""An image of fewer pixels in the place of one: for objects too large for full resolution.

A mask at full resolution takes the memory of its box. In a coarser level the same object is small,
and its labels lie where it is. Prompts can be carried from one to the other.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import frame_axes
from napari_cutout.layers.image.coordinates import (
    displayed_axes,
    layer_shape,
    world_matrix,
    world_units,
)
from napari_cutout.layers.selecting import keeping_selection
from napari_cutout.segment import FrameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari import Viewer
    from napari.layers import Image
    from numpy.typing import NDArray

    from napari_cutout.annotate.prompt_state import PromptMask, PromptState

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

    data = _coarser(image, displayed_axes(image.ndim, viewer.dims))
    factors = np.array(layer_shape(image)) / np.array(data.shape[: image.ndim])
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


def carried(prompts: PromptState, image: Image, coarse: Image) -> PromptState:
    """The same prompts in a coarser image.

    Parameters
    ----------
    prompts
        In data coordinates of the image.
    image, coarse
        The image, and what :func:`coarser_image` made of it.

    Returns
    -------
    PromptState
        In data coordinates of the coarser image. A mask that is smaller than its pixels stays
        behind.
    """
    factors = np.array(layer_shape(image)) / np.array(layer_shape(coarse))
    masks = (_shrunk(mask, factors) for mask in prompts.masks)
    return replace(
        prompts,
        points=_there(prompts.points, factors),
        shapes=tuple(
            replace(one, vertices=_there(one.vertices, factors)) for one in prompts.shapes
        ),
        masks=tuple(mask for mask in masks if mask.mask.any()),
    )


def _there(places: NDArray[np.float64], factors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((places - (factors - 1) / 2) / factors)


def _shrunk(given: PromptMask, factors: NDArray[np.float64]) -> PromptMask:
    """A mask prompt at the centres of coarser pixels."""
    low, chosen = [], []
    sizes = factors[list(frame_axes(given.frame))]
    for start, length, factor in zip(given.origin, given.mask.shape, sizes, strict=True):
        first, last = int(start // factor), int((start + length) // factor)
        centres = np.floor((np.arange(first, last + 1) + 0.5) * factor).astype(int) - start
        inside = np.flatnonzero((centres >= 0) & (centres < length))
        low.append(first + int(inside[0]) if len(inside) else first)
        chosen.append(centres[inside])
    # A level of a pyramid may have fewer frames, too.
    frames = _there(np.array([at or 0 for at in given.frame], float), factors).round()
    frame = tuple(
        None if at is None else int(there) for at, there in zip(given.frame, frames, strict=True)
    )
    mask = given.mask[np.ix_(*chosen)]
    return replace(given, frame=frame, mask=mask, origin=(low[0], low[1]))


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
