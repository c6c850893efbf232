"""Showing objects that were found as labels, in a layer of its own that is written nowhere.

What is drawn in it is in drawing.py. Outlines as shapes are in outlines.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_cutout.layers.everything.layers import lying_at, place_at, put_on
from napari_cutout.layers.everything.refreshing import refresh_boxes

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari import Viewer
    from napari.layers import Image, Labels, Layer

    from napari_cutout.layers.everything.drawing import Drawing, Kind
    from napari_cutout.layers.everything.found_set import FoundSet

OUTLINED, LEFT_OUT = "#F0E442", "#BBBBBB"
"""Of the outlines of objects that are kept, and of those that aren't."""

_NAMES = {
    "kept": "found in {}",
    "left out": "left out in {}",
    "rims": "outlines while choosing in {}",
}
_COLORS = {"rims": OUTLINED, "left out": LEFT_OUT}


class FoundLabels:
    """The labels of a set of objects.

    Parameters
    ----------
    viewer, image
        Where they lie.
    kind
        What is shown of it, see :data:`.Kind`; all but what is kept in one colour.
    announce
        Called with the layer before it is added to the viewer.

    Attributes
    ----------
    layer
        The layer; None while there is none, and once the person deleted it.
    """

    def __init__(
        self,
        viewer: Viewer,
        image: Image,
        kind: Kind = "kept",
        announce: Callable[[Labels], object] = lambda _: None,
    ) -> None:
        self._viewer, self._image, self._kind = viewer, image, kind
        self._announce = announce
        self._found: FoundSet | None = None
        self._drawing: Drawing | None = None
        self.layer: Labels | None = None

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layer, if there is one."""
        return () if self.layer is None else (self.layer,)

    @property
    def is_drawn(self) -> bool:
        """Whether a set is drawn, be it visible or not."""
        return self._drawing is not None

    def show(self, found: FoundSet, *, more_comes: bool = False) -> None:
        """Show a set, in a layer that is made when there is none, whether or not more comes.

        Quick where the drawing was prepared, see :meth:`.FoundSet.prepare`; else O(the box around
        all).
        """
        if not len(found):
            self.hide()
            return
        if found is self._found and self.layer is not None:
            self.follow()
            return
        self._found, self._drawing = found, found.drawing(self._kind)
        drawing = self._drawing
        place = lying_at(self._image, self._viewer.dims, drawing.low, found.frame)
        if self.layer is None:
            self.layer = self._new_layer(drawing.values, place)
            self._announce(self.layer)
            put_on(self._viewer, self._image, self.layer)
        else:
            self.layer.data = drawing.values
            place_at(self.layer, place)
            self.layer.visible = True
        # It isn't painted in: what is kept is chosen, and corrected after the commit.
        self.layer.editable = False
        self.layer.features = found.features()

    def follow(self) -> None:
        """Show what is kept now. O(the boxes of the objects that changed), or O(all)."""
        if self._drawing is not None and self.layer is not None:
            refresh_boxes(self.layer, self._drawing.follow(), self._viewer.dims)

    def rest(self) -> None:
        """Show nothing until :meth:`follow` is needed again."""
        if self.layer is not None:
            self.layer.visible = False

    def blank(self) -> None:
        """Show nothing for now: taking a layer away, and adding one, takes napari long."""
        self._found = self._drawing = None
        if self.layer is not None:
            self.layer.visible = False

    def hide(self) -> None:
        """Take the layer away."""
        layer, self.layer, self._found, self._drawing = self.layer, None, None, None
        if layer is not None and layer in self._viewer.layers:
            self._viewer.layers.remove(layer)

    def forget(self, layer: object) -> bool:
        """A layer was removed from the viewer. Returns whether it was this one."""
        if self.layer is None or layer != self.layer:
            return False
        self.layer = self._found = self._drawing = None
        return True

    def _new_layer(self, values: Any, place: dict[str, Any]) -> Labels:
        from napari.layers import Labels
        from napari.utils.colormaps import DirectLabelColormap

        color = _COLORS.get(self._kind)
        # Given at once: set later, it takes longer than all the rest.
        colormap = (
            None
            if color is None
            else DirectLabelColormap(color_dict={None: color, 0: "transparent"})
        )
        return Labels(
            values,
            name=_NAMES[self._kind].format(self._image.name),
            opacity=0.6 if color is None else 0.9,
            colormap=colormap,
            **place,
        )
