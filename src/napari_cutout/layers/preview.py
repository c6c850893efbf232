"""The preview: masks being edited, in a small Labels layer of its own, written nowhere else.

The layer holds the tiles of the frame that the masks touch and lies where those are in the image,
so that its cost follows the objects, and it shows in no other frame. The next masks of the same
tiles are written in place: that is all that napari then has to draw anew. While a brush is chosen
it has room around them. What is under the cursor is outlined by another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy import ndimage

from napari_cutout.annotate.frame_index import FrameIndex, frame_axes
from napari_cutout.layers.image.coordinates import (
    frame_shape,
    in_data,
    world_matrix,
    world_units,
)
from napari_cutout.layers.target.painting import paint_again
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from napari import Viewer
    from napari.components import Dims
    from napari.layers import Image, Labels
    from numpy.typing import NDArray

    Crop = tuple[NDArray[np.bool_], tuple[int, int]]

COLOR = "#F0E442"
"""Of the preview; several objects take turns with the others."""

_COLORS = (COLOR, "#56B4E9", "#CC79A7", "#009E73", "#E69F00")
HOVER_COLOR = "#FFFFFF"

LARGEST = 250
"""Objects that a preview tells apart; it is of 8 bits."""

BRUSHES = ("paint", "erase", "fill", "polygon")
_ROOM = 1024
"""Pixels around the masks that a brush can reach."""

TILE = 1024
"""Rows and columns of a tile: what a graphics card is sent in a few milliseconds."""


class Preview:
    """A preview of a session. Once the person deleted its layer, it is made again when asked.

    Parameters
    ----------
    viewer, image
        Where it lies.
    kind
        ``"preview"``: filled, in colours; ``"hover"``: an outline, whose layer is made when there
        is something to show.
    touched
        Called with what :meth:`masks` gives from then on, when the person painted in it.
    """

    def __init__(
        self,
        viewer: Viewer,
        image: Image,
        kind: Literal["preview", "hover"] = "preview",
        touched: Callable[[list[Crop]], None] | None = None,
    ) -> None:
        self._viewer, self._image, self._kind = viewer, image, kind
        self._touched = None if touched is None else weak_call(touched)
        self._place: tuple[tuple[int, int], FrameIndex] | None = None
        self._masks: list[Crop] = []
        self._is_empty = True
        self.layer: Labels | None = None
        if kind == "preview":
            self.make()

    def make(self) -> Labels:
        """The layer, made when it isn't there."""
        if self.layer is None:
            self.layer = _empty_layer(self._image, self._viewer.dims, self._kind)
            self._viewer.add_layer(self.layer)
            self.layer.events.paint.connect(self._on_paint)
            self.layer.events.mode.connect(self._on_mode)
        return self.layer

    def show(self, masks: Sequence[Crop], index: FrameIndex, dims: Dims) -> None:
        """Show masks, each given in its box, at their places in a frame. O(pixels of the boxes)."""
        self._masks = [(mask, origin) for mask, origin in masks]
        filled = [(k, *crop) for k, crop in enumerate(masks, 1) if crop[0].size]
        layer = self.layer
        if layer is None:
            return
        if not filled:
            self.hide()
            return
        low = np.min([origin for _, _, origin in filled], axis=0)
        high = np.max([np.add(origin, mask.shape) for _, mask, origin in filled], axis=0)
        room = _ROOM if self._brush_is_chosen else 0
        low = np.maximum(low - room, 0) // TILE * TILE
        high = np.minimum(-(-(high + room) // TILE) * TILE, frame_shape(self._image, index))
        origin = int(low[0]), int(low[1])
        mode = layer.mode
        with layer.events.mode.blocker(self._on_mode):
            self._lie(layer, origin, index, dims)
            values = self._room(layer, high - low, index)
            for k, mask, corner in filled:
                row, col = np.subtract(corner, origin)
                piece = values[row : row + mask.shape[0], col : col + mask.shape[1]]
                piece[self._drawn(mask)] = min(k, LARGEST)
            self._is_empty = False
            self._draw(layer)
            # napari takes the brush away when data are set.
            if layer.mode != mode:
                layer.mode = mode

    def masks(self) -> list[Crop]:
        """The masks as they are shown, with what was painted, one for each that was given."""
        assert self.layer is not None
        return self._masks_in(self.layer.data)

    def _masks_in(self, data: NDArray[np.uint8]) -> list[Crop]:
        """The masks of an array like the layer's."""
        assert self._place is not None
        origin, index = self._place
        values = _plane(data, index)
        count = max(len(self._masks), 1)
        boxes = [*ndimage.find_objects(values, count), *[None] * count][:count]
        return [_crop(values, k, box, origin) for k, box in enumerate(boxes, 1)]

    def hide(self) -> None:
        """Show nothing, nor in the thumbnail.

        Once it was shown, the layer stays visible: to switch that, napari builds its scene anew,
        which takes as long as a brush does for a dab.
        """
        layer, self._is_empty = self.layer, True
        if layer is None or not np.any(layer.data):
            return
        np.asarray(layer.data)[:] = 0
        layer.refresh(extent=False, highlight=False)

    @property
    def is_shown(self) -> bool:
        """Whether there is a mask to be seen."""
        return self.layer is not None and not self._is_empty and bool(self.layer.visible)

    def close(self, left: Container[object] = ()) -> None:
        """Take the layer away, but where it is among those left to somebody else."""
        layer, self.layer = self.layer, None
        if layer is None:
            return
        layer.events.paint.disconnect(self._on_paint)
        layer.events.mode.disconnect(self._on_mode)
        if layer in self._viewer.layers:
            # A layer that goes together with others may be drawn once more without its textures.
            layer.visible = False
            if layer not in left:
                self._viewer.layers.remove(layer)

    @property
    def _brush_is_chosen(self) -> bool:
        return self.layer is not None and str(self.layer.mode) in BRUSHES

    def _lie(self, layer: Labels, origin: tuple[int, int], index: FrameIndex, dims: Dims) -> None:
        """Be where a piece of a frame is. Each setter of napari draws anew: only what changed."""
        matrix = np.array(world_matrix(self._image, dims))
        matrix[:-1, -1] += matrix[:-1, :-1] @ in_data([origin], index)[0]
        units = world_units(self._image, dims)
        if tuple(layer.units) != units:
            layer.units = units
        if not np.array_equal(layer.affine.affine_matrix, matrix):
            layer.affine = matrix
        self._place = origin, index

    def _room(self, layer: Labels, size: NDArray[np.int64], index: FrameIndex) -> NDArray[np.uint8]:
        """The layer's pixels ``(rows, cols)``, empty; made anew only for another size."""
        shape = [1] * self._image.ndim
        for axis, length in zip(frame_axes(index), size, strict=True):
            shape[axis] = int(length)
        if layer.data.shape != tuple(shape):
            layer.data = np.zeros(shape, np.uint8)
        values = _plane(layer.data, index)
        values[:] = 0
        return values

    def _drawn(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The pixels of a mask that are drawn."""
        # napari's own contour would be computed for all pixels of the layer.
        return mask if self._kind == "preview" else mask & ~ndimage.binary_erosion(mask)

    def _draw(self, layer: Labels) -> None:
        if layer.visible:
            layer.refresh(extent=False, highlight=False)
        else:
            layer.visible = True

    def _on_mode(self) -> None:
        """Make room for a brush."""
        if not self._is_empty and self._place is not None and self._brush_is_chosen:
            self.show(self.masks(), self._place[1], self._viewer.dims)

    def _on_paint(self, event: Any) -> None:
        if self.layer is None or self._touched is None or self._is_empty:
            return
        # Of what isn't part of a drag, napari tells before it writes.
        data = np.array(self.layer.data)
        paint_again(data, event.value)
        self._touched(self._masks_in(data))


def _plane(data: NDArray[np.uint8], index: FrameIndex) -> NDArray[np.uint8]:
    """A layer's pixels as ``(rows, cols)`` of the frame; writing there writes to the layer."""
    return data.reshape([data.shape[axis] for axis in frame_axes(index)])


def _crop(
    values: NDArray[np.uint8],
    k: int,
    box: tuple[slice, slice] | None,
    origin: tuple[int, int],
) -> Crop:
    if box is None:
        return np.zeros((0, 0), bool), origin
    return values[box] == k, (origin[0] + box[0].start, origin[1] + box[1].start)


def _empty_layer(image: Image, dims: Dims, kind: str) -> Labels:
    from napari.layers import Labels
    from napari.utils.colormaps import DirectLabelColormap

    colors: dict[int | None, Any] = {None: "transparent", 0: "transparent"}
    if kind == "hover":
        colors[1] = HOVER_COLOR
    else:
        colors |= {k: _COLORS[(k - 1) % len(_COLORS)] for k in range(1, LARGEST + 1)}
    return Labels(
        np.zeros((1,) * image.ndim, np.uint8),
        name=f"{kind} for {image.name}",
        opacity=0.9 if kind == "hover" else 0.55,
        visible=False,
        colormap=DirectLabelColormap(color_dict=colors),
        units=world_units(image, dims),
        axis_labels=image.axis_labels,
        # The image's whole placing goes into the affine, where the box's place is added.
        affine=world_matrix(image, dims),
    )
