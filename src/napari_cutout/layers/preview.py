"""The preview: masks being edited, in a small Labels layer of its own, written nowhere else.

The layer holds the bounding box of the masks and lies where that is in the image, so that its cost
follows the objects, and it shows in no other frame. While a brush is chosen it has room around
them. What is under the cursor is outlined by another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, frame_axes
from napari_cutout.layers.coordinates import frame_shape, in_data, world_matrix
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
        Called when the person painted in it.
    """

    def __init__(
        self,
        viewer: Viewer,
        image: Image,
        kind: Literal["preview", "hover"] = "preview",
        touched: Callable[[], None] | None = None,
    ) -> None:
        self._viewer, self._image, self._kind = viewer, image, kind
        self._touched = None if touched is None else weak_call(touched)
        self._place: tuple[tuple[int, int], FrameIndex] | None = None
        self._masks: list[Crop] = []
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
        if self._brush_is_chosen:
            low = np.maximum(low - _ROOM, 0)
            high = np.minimum(high + _ROOM, frame_shape(self._image, index))
        values = np.zeros(high - low, np.uint8)
        for k, mask, origin in filled:
            row, col = np.subtract(origin, low)
            piece = values[row : row + mask.shape[0], col : col + mask.shape[1]]
            piece[mask] = min(k, LARGEST)
        self._put(layer, values, (int(low[0]), int(low[1])), index, dims)

    def masks(self) -> list[Crop]:
        """The masks as they are shown, with what was painted, one for each that was given."""
        assert self.layer is not None
        assert self._place is not None
        origin, index = self._place
        values = np.asarray(self.layer.data).reshape(
            [self.layer.data.shape[axis] for axis in frame_axes(index)]
        )
        return [_crop(values == k, origin) for k in range(1, max(len(self._masks), 1) + 1)]

    def hide(self) -> None:
        """Show nothing, nor in the thumbnail."""
        if self.layer is not None and self.layer.visible:
            # Before it is made invisible: napari draws no thumbnail of what isn't visible.
            self.layer.data = np.zeros((1,) * self._image.ndim, np.uint8)
            self.layer.visible = False
        self._place = None

    @property
    def is_shown(self) -> bool:
        """Whether there is a mask to be seen."""
        return self.layer is not None and bool(self.layer.visible)

    def close(self) -> None:
        """Take the layer away."""
        layer, self.layer = self.layer, None
        if layer is None:
            return
        layer.events.paint.disconnect(self._on_paint)
        layer.events.mode.disconnect(self._on_mode)
        if layer in self._viewer.layers:
            self._viewer.layers.remove(layer)

    @property
    def _brush_is_chosen(self) -> bool:
        return self.layer is not None and str(self.layer.mode) in BRUSHES

    def _put(
        self,
        layer: Labels,
        values: NDArray[np.uint8],
        origin: tuple[int, int],
        index: FrameIndex,
        dims: Dims,
    ) -> None:
        shape = [1] * self._image.ndim
        for axis, size in zip(frame_axes(index), values.shape, strict=True):
            shape[axis] = size
        matrix = np.array(world_matrix(self._image, dims))
        matrix[:-1, -1] += matrix[:-1, :-1] @ in_data([origin], index)[0]
        mode = layer.mode
        # Each setter draws anew: only what changed is set.
        units = _world_units(self._image, dims)
        if tuple(layer.units) != units:
            layer.units = units
        with layer.events.mode.blocker(self._on_mode):
            if not np.array_equal(layer.affine.affine_matrix, matrix):
                layer.affine = matrix
            layer.data = values.reshape(shape)
            if not layer.visible:
                layer.visible = True
            # napari takes the brush away when data are set.
            if layer.mode != mode:
                layer.mode = mode
        self._place = origin, index

    def _on_mode(self) -> None:
        """Make room for a brush."""
        if self._place is not None and self._brush_is_chosen:
            self.show(self.masks(), self._place[1], self._viewer.dims)

    def _on_paint(self) -> None:
        if self._touched is not None and self._place is not None:
            self._touched()


def _crop(mask: NDArray[np.bool_], origin: tuple[int, int]) -> Crop:
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return np.zeros((0, 0), bool), origin
    piece = mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1].copy()
    return piece, (origin[0] + int(rows[0]), origin[1] + int(cols[0]))


def _empty_layer(image: Image, dims: Dims, kind: str) -> Labels:
    from napari.layers import Labels
    from napari.utils.colormaps import DirectLabelColormap

    colors: dict[int | None, Any] = {None: "transparent", 0: "transparent"}
    if kind == "hover":
        colors[1] = HOVER_COLOR
    else:
        colors |= {k: _COLORS[(k - 1) % len(_COLORS)] for k in range(1, LARGEST + 1)}
    layer = Labels(
        np.zeros((1,) * image.ndim, np.uint8),
        name=f"{kind} for {image.name}",
        opacity=0.9 if kind == "hover" else 0.55,
        visible=False,
        colormap=DirectLabelColormap(color_dict=colors),
        units=_world_units(image, dims),
        axis_labels=image.axis_labels,
        # The image's whole placing goes into the affine, where the box's place is added.
        affine=world_matrix(image, dims),
    )
    if kind == "hover":
        layer.contour = 1
    return layer


def _world_units(image: Image, dims: Dims) -> tuple[Any, ...]:
    world = dims.units
    if world is None or len(world) < image.ndim:
        return tuple(image.units)
    return tuple(world[-image.ndim :])
