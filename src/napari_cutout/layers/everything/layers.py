"""What the layers that show found objects have in common: where they lie, and their features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.layers.image.coordinates import in_data, world_matrix
from napari_cutout.layers.target.target import keeping_selection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari import Viewer
    from napari.components import Dims
    from napari.layers import Image, Layer

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.layers.everything.found_set import FoundSet


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


def put_on(viewer: Viewer, image: Image, layer: Layer) -> None:
    """Add a layer right above the image and what lies on it, below prompts and previews.

    The layer that is active stays so.
    """
    layers = viewer.layers
    with keeping_selection(viewer):
        viewer.add_layer(layer)
        layers.move(len(layers) - 1, layers.index(image) + 1)


def features_of(found: FoundSet, chosen: Sequence[int] | None = None) -> dict[str, Any]:
    """A row for each object, in the order of their numbers, or for some in the order given.

    ``index`` is the number that the object has among the labels; ``box`` is (row0, col0, row1,
    col1), both corners inside.
    """
    order = found.drawn.tolist() if chosen is None else list(chosen)
    measured = found.measured
    return {
        "index": found.numbers[order],
        "area": measured.area[order],
        "box": [", ".join(map(str, found.objects[k].box)) for k in order],
        "score": np.round(measured.score[order], 3),
        "stability": np.round(measured.stability[order], 3),
    }
