"""The preview: the mask being edited, in a small Labels layer of its own, written nowhere else.

The layer holds the mask's bounding box and lies where that is in the image, so that its cost
follows the object, and it shows in no other frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.annotate.frame_index import FrameIndex, frame_axes
from napari_cutout.layers.coordinates import in_data, world_matrix

if TYPE_CHECKING:
    from napari import Viewer
    from napari.components import Dims
    from napari.layers import Image, Labels
    from numpy.typing import NDArray

COLOR = "#F0E442"


class Preview:
    """The preview of a session. Once the person deleted its layer, it is made again when asked.

    Parameters
    ----------
    viewer, image
        Where it lies.
    """

    def __init__(self, viewer: Viewer, image: Image) -> None:
        self._viewer, self._image = viewer, image
        self.layer: Labels | None = None
        self.make()

    def make(self) -> Labels:
        """The layer, made when it isn't there."""
        if self.layer is None:
            self.layer = _empty_layer(self._image, self._viewer.dims)
            self._viewer.add_layer(self.layer)
        return self.layer

    def show(
        self, mask: NDArray[np.bool_], origin: tuple[int, int], index: FrameIndex, dims: Dims
    ) -> None:
        """Show a mask, given in its box, at its place in a frame. O(pixels of the box)."""
        layer = self.layer
        if layer is None:
            return
        if not mask.size:
            self.hide()
            return
        shape = [1] * self._image.ndim
        for axis, size in zip(frame_axes(index), mask.shape, strict=True):
            shape[axis] = size
        matrix = np.array(world_matrix(self._image, dims))
        matrix[:-1, -1] += matrix[:-1, :-1] @ in_data([origin], index)[0]
        layer.units = _world_units(self._image, dims)
        layer.affine = matrix
        layer.data = mask.astype(np.uint8).reshape(shape)
        layer.visible = True

    def hide(self) -> None:
        """Show nothing, nor in the thumbnail."""
        if self.layer is not None and self.layer.visible:
            # Before it is made invisible: napari draws no thumbnail of what isn't visible.
            self.layer.data = np.zeros((1,) * self._image.ndim, np.uint8)
            self.layer.visible = False

    @property
    def is_shown(self) -> bool:
        """Whether there is a mask to be seen."""
        return self.layer is not None and bool(self.layer.visible)

    def close(self) -> None:
        """Take the layer away."""
        if self.layer is not None and self.layer in self._viewer.layers:
            self._viewer.layers.remove(self.layer)
        self.layer = None


def _empty_layer(image: Image, dims: Dims) -> Labels:
    from napari.layers import Labels
    from napari.utils.colormaps import DirectLabelColormap

    return Labels(
        np.zeros((1,) * image.ndim, np.uint8),
        name=f"preview for {image.name}",
        opacity=0.55,
        visible=False,
        colormap=DirectLabelColormap(color_dict={None: "transparent", 1: COLOR}),
        units=_world_units(image, dims),
        axis_labels=image.axis_labels,
        # The image's whole placing goes into the affine, where the box's place is added.
        affine=world_matrix(image, dims),
    )


def _world_units(image: Image, dims: Dims) -> tuple[Any, ...]:
    world = dims.units
    if world is None or len(world) < image.ndim:
        return tuple(image.units)
    return tuple(world[-image.ndim :])
