"""Drawing parts of a Labels layer anew after its array was written, rather than all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.components import Dims
    from napari.layers import Labels

    from napari_cutout.layers.everything.drawing import Box

_FEW = 64
"""Boxes that are drawn one by one; of more, the box around all."""


def refresh_boxes(layer: Labels, boxes: Sequence[Box], dims: Dims) -> None:
    """Have napari draw boxes of a layer again.

    Parameters
    ----------
    layer
        Whose array was written, of size 1 along the axes that are sliced.
    boxes
        Rows and columns that were.
    dims
        Of the viewer.
    """
    if not boxes or not layer.visible:
        return
    plane = _as_drawn(layer, dims)
    chosen = boxes if len(boxes) <= _FEW else [_around(boxes)]
    if plane is None or 2 * sum(map(_area, chosen)) > plane.size:
        layer.refresh(extent=False, highlight=False)
        return
    for box in chosen:
        offset = [axis.start for axis in box]
        layer.events.labels_update(data=plane[box], offset=offset)
    layer.refresh(extent=False, highlight=False, data_displayed=False)


def _as_drawn(
    layer: Labels, dims: Dims
) -> np.ndarray[tuple[int, ...], np.dtype[np.integer]] | None:
    """The array as it lies on the canvas, where that holds the very numbers of it."""
    values = layer.data
    is_as_it_is = (
        isinstance(values, np.ndarray)
        and values.dtype in (np.uint8, np.uint16)
        and layer.contour == 0
    )
    # Axes that are shown in another order are drawn transposed.
    is_flat = dims.ndisplay == 2 and list(dims.displayed) == sorted(dims.displayed)
    if not is_as_it_is or not is_flat or not layer.loaded:
        return None
    plane = values.squeeze(tuple(axis for axis, size in enumerate(values.shape) if size == 1))
    return plane if plane.ndim == 2 else None


def _around(boxes: Sequence[Box]) -> Box:
    rows = slice(min(box[0].start for box in boxes), max(box[0].stop for box in boxes))
    cols = slice(min(box[1].start for box in boxes), max(box[1].stop for box in boxes))
    return rows, cols


def _area(box: Box) -> int:
    rows, cols = box
    return int((rows.stop - rows.start) * (cols.stop - cols.start))
