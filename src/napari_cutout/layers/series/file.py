"""One file of a series in a viewer: its layers, and which of them holds its labels."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cutout.layers.errors import TargetError
from napari_cutout.layers.image.coordinates import layer_shape, placing
from napari_cutout.layers.selecting import keeping_selection
from napari_cutout.layers.target.targets import default_name, labels_of

if TYPE_CHECKING:
    from pathlib import Path

    from napari import Viewer
    from napari.layers import Labels, Layer

    from napari_cutout.annotate.series.labels import LabelsFile
    from napari_cutout.layers.session import Session

# Strokes and commits end in the first; undoing, replaced data and scrolling in the second.
_TOUCHING = ("labels_update", "set_data")
_LEAVING = " (before)"
_NUMBERED = re.compile(r" \[\d+\]$")


@dataclass(eq=False)
class ShownFile:
    """A file that is shown.

    Parameters
    ----------
    path, stored
        The file, and its labels on disk.
    layers, images
        All layers that were read from it, and those of them that can be cut.
    image
        The one that is being cut.
    others
        The Labels layers that were there before: the person's own.
    labels
        The layer that is saved for this file.
    session
        On the image.
    is_touched
        Whether anything happened to the labels since that was set to False.
    """

    path: Path
    stored: LabelsFile
    layers: list[Any]
    images: list[Any]
    image: Any
    others: list[Any] = field(default_factory=list)
    labels: Labels | None = None
    session: Session | None = None
    is_touched: bool = True

    @property
    def channel(self) -> int:
        """Which of the images is being cut."""
        return self.images.index(self.image)

    @property
    def own(self) -> list[Layer]:
        """The layers that go when the file goes."""
        return [*self.layers, *([] if self.labels is None else [self.labels])]

    def take_labels(self, labels: Labels | None) -> None:
        """Save this layer from now on."""
        self.let_go()
        self.labels, self.is_touched = labels, True
        if labels is not None:
            for name in _TOUCHING:
                labels.events[name].connect(self._touch)

    def _touch(self) -> None:
        self.is_touched = True

    def leave_names_to(self, next_file: ShownFile) -> None:
        """Let the next file's layers have the names that they were read with."""
        names = {layer.name for layer in self.own}
        for layer in self.own:
            layer.name += _LEAVING
        for layer in next_file.layers:
            name = _NUMBERED.sub("", layer.name)
            layer.name = name if name in names else layer.name

    def lies_as(self, other: ShownFile) -> bool:
        """Whether both images take the same place in the world."""
        one, two = self.image.extent.world, other.image.extent.world
        return one.shape == two.shape and bool(np.allclose(one, two))

    def remove_from(self, viewer: Viewer) -> None:
        """Take the layers away."""
        for layer in self.own:
            if layer in viewer.layers:
                viewer.layers.remove(layer)
        self.let_go()

    def let_go(self) -> None:
        """Don't listen any more; the layers stay."""
        if self.labels is not None:
            for name in _TOUCHING:
                self.labels.events[name].disconnect(self._touch)


def place_labels(viewer: Viewer, file: ShownFile, found: Any) -> Labels | None:
    """Show the labels that were read for a file, right above its image.

    Parameters
    ----------
    viewer, file
        Where.
    found
        The labels, as :func:`.levels_of` gives them; None if there are none.

    Raises
    ------
    TargetError
        If they aren't of the image's shape.
    """
    if found is None:
        return None
    full = found[0] if isinstance(found, list) else found
    shape = layer_shape(file.image)
    if tuple(full.shape) != shape:
        raise TargetError(
            f"{file.stored.path} has labels of shape {tuple(full.shape)}, and the image has "
            f"{shape}: they aren't shown"
        )
    name, place = default_name(file.image), placing(file.image, viewer.dims)
    labels = labels_of(found, name=name, **place)
    layers = viewer.layers
    with keeping_selection(viewer):
        viewer.add_layer(labels)
        layers.move(len(layers) - 1, layers.index(file.image) + 1)
    return labels
