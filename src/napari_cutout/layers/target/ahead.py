"""The labels that the first commit is going to add, made when there is time for it.

Adding them is napari's affair and takes long enough; making them takes a while as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.layers.image.coordinates import layer_shape, lies_on
from napari_cutout.layers.target.targets import default_name, new_labels

if TYPE_CHECKING:
    from napari import Viewer
    from napari.layers import Image, Labels


class Ahead:
    """A layer that isn't in the viewer yet.

    Parameters
    ----------
    viewer, image
        Where it is going to lie.
    """

    def __init__(self, viewer: Viewer, image: Image) -> None:
        self._viewer, self._image = viewer, image
        self.layer: Labels | None = None

    def make(self) -> Labels:
        """The layer, made anew where the one that there is wouldn't lie on the image any more."""
        if self.layer is None or not self._is_like_new(self.layer):
            self.layer = new_labels(self._image, self._viewer.dims)
        return self.layer

    def take(self) -> Labels:
        """The layer, to be added; it isn't held any longer."""
        layer, self.layer = self.make(), None
        return layer

    def _is_like_new(self, layer: Labels) -> bool:
        image = self._image
        return (
            layer_shape(layer) == layer_shape(image)
            and layer.name == default_name(image)
            and lies_on(layer, image, self._viewer.dims)
        )
