"""An annotated image in a viewer: its layers, and what a person changed in them.

Reading it is in opened.py, and which image is next in browsing.py.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from napari_cutout.layers.files.tables import rows_of

if TYPE_CHECKING:
    from napari import Viewer
    from napari.layers import Labels, Layer

    from napari_cutout.layers.files.opened import Opened

_LEAVING = " (before)"
_LOOKS = ("visible", "opacity", "contour", "blending")
_COUNTED = "area"
"""What a session counts again: pixels that objects share are one's alone in labels."""


class ShownImage:
    """The layers of an image.

    Parameters
    ----------
    opened
        What was read.
    edited
        Labels of this image that the person edited before: they are shown, not those of the file.
    """

    def __init__(self, opened: Opened, edited: Labels | None = None) -> None:
        self.opened = opened
        self.images: list[Any] = []
        self.labels: Any = edited
        self._was_edited = edited is not None
        self._names: dict[Any, str] = {}
        self._before: tuple[bytes, Any] | None = None

    @property
    def layers(self) -> list[Any]:
        """Those of the image, and the labels."""
        return [*self.images, *([] if self.labels is None else [self.labels])]

    @property
    def is_edited(self) -> bool:
        """Whether the labels, or what is known of them, aren't those of the file any more."""
        return self._was_edited or (
            self.labels is not None and _contents(self.labels) != self._before
        )

    def add_to(self, viewer: Viewer, old: ShownImage | None) -> None:
        """Show the layers, looking as those of the image before."""
        looks = {} if old is None else old.looks()
        for data, options, kind in self.opened.layers:
            if kind == "image":
                added: Any = viewer.add_image(data, **options)
                self.images += added if isinstance(added, list) else [added]
            elif self.labels is None:
                self.labels = viewer.add_labels(data, **options)
                self._before = _contents(self.labels)
            else:
                layers = viewer.layers
                layers.move(layers.index(self.labels), len(layers))
                self.labels.visible = True
                layers.selection.active = self.labels
        for layer in self.layers:
            for name, value in looks.get(layer.__class__.__name__, {}).items():
                setattr(layer, name, value)
        self._names = {layer: layer.name for layer in self.layers}

    def looks(self) -> dict[str, dict[str, Any]]:
        """How the layers look, by their kind."""
        return {
            layer.__class__.__name__: {
                name: getattr(layer, name) for name in _LOOKS if hasattr(layer, name)
            }
            for layer in reversed(self.layers)
        }

    def leave_names(self, viewer: Viewer) -> None:
        """Let the next image's layers have the names of those that will be removed."""
        for layer in self._unmissed(viewer, self.is_edited):
            layer.name += _LEAVING
            self._names[layer] = layer.name

    def remove_from(self, viewer: Viewer) -> Labels | None:
        """Take the layers away, but none that the person edited or named.

        Returns
        -------
        Labels or None
            The labels, where they were edited; they are hidden.
        """
        is_edited = self.is_edited
        for layer in self._unmissed(viewer, is_edited):
            viewer.layers.remove(layer)
        if not is_edited or self.labels not in viewer.layers:
            return None
        self.labels.visible = False
        return cast("Labels", self.labels)

    def lies_as(self, other: ShownImage) -> bool:
        """Whether both take the same place in the world."""
        one, two = (shown.layers[0].extent.world for shown in (self, other))
        return one.shape == two.shape and bool(np.allclose(one, two))

    def _unmissed(self, viewer: Viewer, is_edited: bool) -> list[Layer]:
        """The layers that are as they were read."""
        return [
            layer
            for layer in self.layers
            if layer in viewer.layers
            and layer.name == self._names.get(layer)
            and not (layer is self.labels and is_edited)
        ]


def _contents(labels: Labels) -> tuple[bytes, Any]:
    """What stands for the pixels and the features. O(pixels), 15 ms for 4 million."""
    pixels = np.ascontiguousarray(labels.data)
    digest = hashlib.blake2b(pixels.data, digest_size=16)
    digest.update(f"{pixels.shape} {pixels.dtype}".encode())
    rows = rows_of(labels.features)
    known = {
        number: {name: value for name, value in row.items() if name != _COUNTED}
        for number, row in rows.items()
    }
    return digest.digest(), known
