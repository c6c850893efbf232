"""What the layers that show found objects have in common: where they lie, and among what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.layers.image.coordinates import in_data, world_matrix
from napari_cutout.layers.selecting import keeping_selection

if TYPE_CHECKING:
    from napari import Viewer
    from napari.components import Dims
    from napari.layers import Image, Layer

    from napari_cutout.annotate import FrameIndex


def lying_at(
    image: Image, dims: Dims, origin: tuple[int, int], frame: FrameIndex
) -> dict[str, Any]:
    """What makes a layer lie at a pixel of a frame of an image, as arguments for the layer.

    Its data has one position on the axes that are sliced, so that it shows in no other frame.
    """
    matrix = np.array(world_matrix(image, dims))
    matrix[:-1, -1] += matrix[:-1, :-1] @ in_data([origin], frame)[0]
    world = dims.units
    units = image.units if world is None or len(world) < image.ndim else world[-image.ndim :]
    return {"affine": matrix, "units": tuple(units), "axis_labels": image.axis_labels}


def place_at(layer: Layer, place: dict[str, Any]) -> None:
    """Move a layer to where :func:`lying_at` says; each change has napari draw it anew."""
    if not np.array_equal(layer.affine.affine_matrix, place["affine"]):
        layer.affine = place["affine"]
    if tuple(map(str, layer.units)) != tuple(map(str, place["units"])):
        layer.units = place["units"]
    if tuple(layer.axis_labels) != tuple(place["axis_labels"]):
        layer.axis_labels = place["axis_labels"]


def put_on(viewer: Viewer, image: Image, layer: Layer) -> None:
    """Add a layer right above the image and what lies on it, below prompts and previews.

    The layer that is active stays so.
    """
    layers = viewer.layers
    with keeping_selection(viewer):
        viewer.add_layer(layer)
        layers.move(len(layers) - 1, layers.index(image) + 1)
