"""Showing objects that were found as labels, in a layer of its own that is written nowhere.

Of objects that share a pixel the smallest shows. What is shown follows what is kept: only the boxes
of objects that changed are written. Outlines are in outlines.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from napari_cutout.annotate.frame_index import frame_slices
from napari_cutout.annotate.replay import empty_labels
from napari_cutout.layers.everything.layers import features_of, lying_at, put_on

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari import Viewer
    from napari.layers import Image, Labels
    from numpy.typing import NDArray

    from napari_cutout.layers.everything.found_set import FoundSet

LEFT_OUT = "#BBBBBB"
"""Of the outlines of objects that aren't kept."""

_MANY = 4
"""Where more than one of so many objects changed, all is drawn anew: that is quicker."""


class FoundLabels:
    """The labels of a set of objects.

    Parameters
    ----------
    viewer, image
        Where they lie.
    kind
        ``"kept"``: what is kept, filled. ``"left out"``: the others, outlined in grey.
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
        kind: Literal["kept", "left out"] = "kept",
        announce: Callable[[Labels], object] = lambda _: None,
    ) -> None:
        self._viewer, self._image, self._kind = viewer, image, kind
        self._announce = announce
        self._found: FoundSet | None = None
        self._near: list[list[int]] = []
        self._low = (0, 0)
        self.layer: Labels | None = None

    def show(self, found: FoundSet) -> None:
        """Show a set, in a layer that is made when there is none. O(the box around all)."""
        if not len(found):
            self.hide()
            return
        self._found, self._near = found, _neighbours(found)
        boxes = np.array([one.box for one in found.objects])
        low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0) + 1
        self._low = int(low[0]), int(low[1])
        values = self._blank(found, (int(high[0] - low[0]), int(high[1] - low[1])))
        self._draw_all(found, values)
        place = lying_at(self._image, self._viewer.dims, self._low, found.frame)
        if self.layer is None:
            self.layer = self._new_layer(values, place)
            self._announce(self.layer)
            put_on(self._viewer, self._image, self.layer)
        else:
            self.layer.data = values
            for name, value in place.items():
                setattr(self.layer, name, value)
            self.layer.visible = True
        # It isn't painted in: what is kept is chosen, and corrected after the commit.
        self.layer.editable = False
        self.layer.features = features_of(found)

    def follow(self, changed: Sequence[int] | NDArray[np.intp]) -> None:
        """Show what is kept now, of which these objects changed. O(their boxes), or O(all)."""
        found, layer = self._found, self.layer
        if found is None or layer is None or not len(changed):
            return
        if len(changed) > len(found) / _MANY and isinstance(layer.data, np.ndarray):
            layer.data[...] = 0
            self._draw_all(found, layer.data)
        else:
            shown = self._shown(found)
            for k in changed:
                if not shown[k]:
                    self._take_out(found, layer.data, int(k), shown)
            for k in changed:
                if shown[k]:
                    self._put_in(found, layer.data, int(k))
        layer.refresh(extent=False)

    def hide(self) -> None:
        """Take the layer away."""
        layer, self.layer, self._found, self._near = self.layer, None, None, []
        if layer is not None and layer in self._viewer.layers:
            self._viewer.layers.remove(layer)

    def forget(self, layer: object) -> bool:
        """A layer was removed from the viewer. Returns whether it was this one."""
        if self.layer is None or layer != self.layer:
            return False
        self.layer, self._found, self._near = None, None, []
        return True

    def _shown(self, found: FoundSet) -> NDArray[np.bool_]:
        return found.kept if self._kind == "kept" else ~found.kept

    def _blank(self, found: FoundSet, shape: tuple[int, int]) -> Any:
        sizes = iter(shape)
        full = [next(sizes) if at is None else 1 for at in found.frame]
        return empty_labels(full, np.min_scalar_type(len(found)).name)

    def _draw_all(self, found: FoundSet, values: Any) -> None:
        shown = self._shown(found)
        for k in found.drawn[shown[found.drawn]].tolist():
            # In this order, what is there already has lower numbers.
            mask, place = self._placed(found, k)
            piece = np.asarray(values[place])
            piece[mask] = found.numbers[k]
            values[place] = piece

    def _put_in(self, found: FoundSet, values: Any, k: int) -> None:
        mask, place = self._placed(found, k)
        piece = np.asarray(values[place])
        piece[mask & (piece < found.numbers[k])] = found.numbers[k]
        values[place] = piece

    def _take_out(self, found: FoundSet, values: Any, k: int, shown: NDArray[np.bool_]) -> None:
        """Write the object below, where there is one, or nothing."""
        mask, place = self._placed(found, k)
        piece = np.asarray(values[place])
        bare = mask & (piece == found.numbers[k])
        piece[bare] = 0
        row, col = found.crop(k)[1]
        for j in self._near[k]:
            if not shown[j]:
                continue
            below, (top, left) = found.crop(j)
            start = max(row, top), max(col, left)
            stop = (
                min(row + mask.shape[0], top + below.shape[0]),
                min(col + mask.shape[1], left + below.shape[1]),
            )
            here = slice(start[0] - row, stop[0] - row), slice(start[1] - col, stop[1] - col)
            there = slice(start[0] - top, stop[0] - top), slice(start[1] - left, stop[1] - left)
            part = piece[here]
            part[bare[here] & below[there] & (part < found.numbers[j])] = found.numbers[j]
        values[place] = piece

    def _placed(self, found: FoundSet, k: int) -> tuple[NDArray[np.bool_], tuple[int | slice, ...]]:
        """The mask of an object, and where it goes in the layer's data."""
        mask, origin = found.crop(k)
        starts = [at - low for at, low in zip(origin, self._low, strict=True)]
        box = [slice(start, start + size) for start, size in zip(starts, mask.shape, strict=True)]
        here = tuple(None if at is None else 0 for at in found.frame)
        return mask, frame_slices(here, box)

    def _new_layer(self, values: Any, place: dict[str, Any]) -> Labels:
        from napari.layers import Labels
        from napari.utils.colormaps import DirectLabelColormap

        kept = self._kind == "kept"
        name = f"found in {self._image.name}" if kept else f"left out in {self._image.name}"
        layer = Labels(values, name=name, opacity=0.6 if kept else 0.9, **place)
        if not kept:
            layer.contour = 1
            layer.colormap = DirectLabelColormap(color_dict={None: LEFT_OUT, 0: "transparent"})
        return layer


def _neighbours(found: FoundSet) -> list[list[int]]:
    """For each object those that share a pixel with it."""
    near: list[list[int]] = [[] for _ in range(len(found))]
    pairs = found.measured.overlaps
    for first, second in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
        near[first].append(second)
        near[second].append(first)
    return near
