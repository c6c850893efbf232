"""The window of a large frame that was looked at, outlined. Frames taken whole have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_cutout.layers.image.coordinates import frame_shape, layer_shape, place_on, placing
from napari_cutout.layers.image.view_window import outline
from napari_cutout.layers.selecting import keeping_selection
from napari_cutout.segment.windows import whole

if TYPE_CHECKING:
    import numpy as np
    from napari import Viewer
    from napari.layers import Image, Shapes
    from numpy.typing import NDArray

    from napari_cutout.annotate import FrameIndex
    from napari_cutout.segment import Window

COLOR = "#999999"


class WindowOutline:
    """The outline on an image. Its layer is made when there is a window to be shown.

    Parameters
    ----------
    viewer, image
        Where it lies.
    """

    def __init__(self, viewer: Viewer, image: Image) -> None:
        self._viewer, self._image = viewer, image
        self._window: tuple[Window, FrameIndex] | None = None
        self._is_unwanted = False
        self.layer: Shapes | None = None

    def show(self, window: Window, index: FrameIndex) -> None:
        """Outline a window of a frame; nothing when it is the whole of it.

        Once the person deleted the layer, it isn't made again.
        """
        if window == whole(frame_shape(self._image, index)):
            self.hide()
            return
        if (window, index) == self._window or self._is_unwanted:
            return
        self._window = window, index
        corners = outline(window, index)
        if self.layer is None:
            self.layer = self._make(corners)
            return
        self.layer.data = [corners]
        self.layer.visible = True

    def shows(self, window: Window | None, index: FrameIndex | None) -> bool:
        """Whether a window of a frame is outlined already; None: nothing is."""
        if window is None or index is None:
            return self._window is None
        return (window, index) == self._window or (
            self._window is None and window == whole(frame_shape(self._image, index))
        )

    def hide(self) -> None:
        """Outline nothing."""
        self._window = None
        if self.layer is not None:
            self.layer.visible = False

    def place(self) -> None:
        """Follow the image to where it lies now."""
        if self.layer is not None:
            place_on(self.layer, self._image, self._viewer.dims)

    def forget(self, layer: object) -> bool:
        """Let go of the layer, which was deleted. Returns whether it was this one."""
        if self.layer is None or layer != self.layer:
            return False
        self.layer, self._is_unwanted = None, True
        return True

    def close(self) -> None:
        """Take the layer away."""
        layer, self.layer = self.layer, None
        if layer is not None and layer in self._viewer.layers:
            self._viewer.layers.remove(layer)

    def _make(self, corners: NDArray[np.float64]) -> Shapes:
        from napari.layers import Shapes

        layer = Shapes(
            [corners],
            shape_type="rectangle",
            ndim=self._image.ndim,
            name=f"window for {self._image.name}",
            edge_color=COLOR,
            edge_width=max(1.0, min(layer_shape(self._image)[-2:]) / 500),
            face_color="transparent",
            **placing(self._image, self._viewer.dims),
        )
        layers = self._viewer.layers
        with keeping_selection(self._viewer):
            layers.insert(layers.index(self._image) + 1, layer)
        return layer
