"""The labels that the first commit is going to add, made when there is time for it.

Adding them is napari's affair and takes long enough; making them takes a while as well.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from napari_cutout.layers.image.coordinates import layer_shape, lies_on
from napari_cutout.layers.target.targets import default_name, empty_pixels, new_labels

if TYPE_CHECKING:
    from collections.abc import Callable

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

    @property
    def is_made(self) -> bool:
        """Whether there is a layer, and it would lie on the image as it is now."""
        return self.layer is not None and self._is_like_new(self.layer)

    def pixels(self) -> Callable[[], Any]:
        """What makes the pixels of the layer, in any thread: zarr may have to be imported."""
        return partial(empty_pixels, layer_shape(self._image))

    def make(self, pixels: Any = None) -> Labels:
        """The layer, made anew where the one that there is wouldn't lie on the image any more.

        Parameters
        ----------
        pixels
            What :meth:`pixels` gave. They are left out if the image has another shape by now.
        """
        if self.layer is None or not self.is_made:
            self.layer = new_labels(self._image, self._viewer.dims, pixels=self._fitting(pixels))
        return self.layer

    def take(self) -> Labels:
        """The layer, to be added; it isn't held any longer."""
        layer, self.layer = self.make(), None
        return layer

    def _fitting(self, pixels: Any) -> Any:
        full = pixels[0] if isinstance(pixels, list) else pixels
        is_fit = full is not None and tuple(full.shape) == layer_shape(self._image)
        return pixels if is_fit else None

    def _is_like_new(self, layer: Labels) -> bool:
        image = self._image
        return (
            layer_shape(layer) == layer_shape(image)
            and layer.name == default_name(image)
            and lies_on(layer, image, self._viewer.dims)
        )
