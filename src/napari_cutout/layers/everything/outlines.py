"""Showing objects that were found as outlines, in a Shapes layer of closed paths.

Objects that aren't kept stay in the layer, without colour, until the outlines are released to the
person: making shapes takes much longer than colouring them, and making polygons, whose insides are
cut into triangles, much longer still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from skimage.measure import approximate_polygon, find_contours

from napari_cutout.layers.everything.layers import features_of, lying_at, put_on
from napari_cutout.layers.image.coordinates import in_data

if TYPE_CHECKING:
    from napari import Viewer
    from napari.layers import Image, Shapes
    from numpy.typing import NDArray

    from napari_cutout.layers.answers import Crop
    from napari_cutout.layers.everything.found_set import FoundSet

COLOR = "#F0E442"

_TOLERANCE = 0.4
"""Pixels that a line may lie off the outline, so that it has few corners."""


class FoundOutlines:
    """The outlines of a set of objects.

    Parameters
    ----------
    viewer, image
        Where they lie.

    Attributes
    ----------
    layer
        The layer; None while there is none, and once the person deleted it.
    """

    def __init__(self, viewer: Viewer, image: Image) -> None:
        self._viewer, self._image = viewer, image
        self._found: FoundSet | None = None
        self._objects: NDArray[np.intp] = np.zeros(0, np.intp)
        self.layer: Shapes | None = None

    def show(self, found: FoundSet) -> None:
        """Show a set, in a new layer. Takes about a second for 1,000 objects."""
        self.hide()
        self._found = found
        self.layer = self._add(found, range(len(found)), f"outlines found in {self._image.name}")
        if self.layer is not None:
            self._color(found, self.layer)

    def follow(self) -> None:
        """Show what is kept now."""
        if self._found is not None and self.layer is not None:
            self._color(self._found, self.layer)

    def release(self) -> Shapes | None:
        """Leave a layer with the outlines of what is kept to the person, and show none.

        Returns
        -------
        Shapes or None
            That layer; None where nothing is kept.
        """
        found = self._found
        self.hide()
        if found is None:
            return None
        kept = np.flatnonzero(found.kept).tolist()
        return self._add(found, kept, f"outlines of {self._image.name}")

    def hide(self) -> None:
        """Take the layer away."""
        layer, self.layer, self._found = self.layer, None, None
        if layer is not None and layer in self._viewer.layers:
            self._viewer.layers.remove(layer)

    def forget(self, layer: object) -> bool:
        """A layer was removed from the viewer. Returns whether it was this one."""
        if self.layer is None or layer != self.layer:
            return False
        self.layer, self._found = None, None
        return True

    def _add(self, found: FoundSet, chosen: Any, name: str) -> Shapes | None:
        from napari.layers import Shapes

        rings = [(k, ring) for k in chosen for ring in outer_rings(found.crop(k))]
        if not rings:
            return None
        self._objects = np.array([k for k, _ in rings], np.intp)
        layer = Shapes(
            [in_data(np.concatenate([ring, ring[:1]]), found.frame) for _, ring in rings],
            shape_type="path",
            face_color="transparent",
            edge_color=COLOR,
            edge_width=1,
            features=features_of(found, self._objects.tolist()),
            name=name,
            ndim=self._image.ndim,
            **lying_at(self._image, self._viewer.dims, (0, 0), self._from_zero(found)),
        )
        put_on(self._viewer, self._image, layer)
        return layer

    def _from_zero(self, found: FoundSet) -> tuple[int | None, ...]:
        """The frame at position 0: vertices say themselves in which frame they lie."""
        return tuple(None if at is None else 0 for at in found.frame)

    def _color(self, found: FoundSet, layer: Shapes) -> None:
        from napari.utils.colormaps.standardize_color import transform_color

        colors = np.repeat(transform_color(COLOR), len(self._objects), axis=0)
        colors[:, 3] = found.kept[self._objects]
        layer.edge_color = colors


def outer_rings(crop: Crop) -> list[NDArray[np.float64]]:
    """The outlines of the pieces of a mask, without those of its holes.

    Parameters
    ----------
    crop
        The mask ``(h, w)`` in its box, and the box's (row, col).

    Returns
    -------
    list of ndarray
        ``(V, 2)`` each, (row, col) of the frame, the first vertex not repeated. They run between
        the pixels of the object and those beside it.
    """
    mask, origin = crop
    rings = []
    for ring in find_contours(np.pad(mask, 1).astype(np.float32), 0.5):  # type: ignore[no-untyped-call]
        rows, cols = ring[:-1].T
        around = np.sum(rows * np.roll(cols, -1) - cols * np.roll(rows, -1))
        simple = approximate_polygon(ring, _TOLERANCE)[:-1]  # type: ignore[no-untyped-call]
        # Around a hole they run the other way.
        if around < 0 and len(simple) >= 3:
            rings.append(simple - 1 + origin)
    return rings
