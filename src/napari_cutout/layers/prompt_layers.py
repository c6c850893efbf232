"""The prompt layers of a session in its viewer: what happens to them, told in three calls.

They are ours to make and to remove. One that the person deleted is made again only when asked.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_cutout.layers import prompts
from napari_cutout.layers.image.coordinates import place_on
from napari_cutout.layers.selecting import keeping_selection
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Generator

    from napari import Viewer
    from napari.layers import Image, Points, Shapes

    from napari_cutout.annotate import PromptMask, PromptState

_BEFORE = ("adding", "removing", "changing")


class PromptLayers:
    """Points and shapes on an image, and the masks that are refined.

    Parameters
    ----------
    viewer, image
        Where they lie.
    before_change
        Called when prompts are about to change.
    changed
        Called when they have; napari may not be done with its bookkeeping, so read them later.
    lay
        Whether the layers are added at once; otherwise by :meth:`lay_next`, one at a time.
    """

    def __init__(
        self,
        viewer: Viewer,
        image: Image,
        before_change: Callable[[], None],
        changed: Callable[[], None],
        lay: bool = True,
    ) -> None:
        self._viewer, self._image = viewer, image
        self._before_change, self._changed = weak_call(before_change), weak_call(changed)
        self._quiet = False
        self._dragging = False
        self._positive, self._group = True, 0
        self._masks: tuple[PromptMask, ...] = ()
        self.points: Points | None = None
        self.shapes: Shapes | None = None
        self._not_yet = {"shapes", "points"}
        if lay:
            self.lay_next()
            self.make_points()

    @property
    def layers(self) -> list[Any]:
        """Those that are there."""
        return [layer for layer in (self.points, self.shapes) if layer is not None]

    def make_points(self) -> Points:
        """The points layer, made when it isn't there."""
        self._not_yet.discard("points")
        if self.points is None:
            self.points = prompts.make_points(self._image, self._viewer.dims)
            prompts.set_next(self.points, self._positive, self._group)
            self._add(self.points)
            self.points.mode = "add"
        return self.points

    def make_shapes(self) -> Shapes:
        """The shapes layer, made when it isn't there; points stay above it."""
        self._not_yet.discard("shapes")
        if self.shapes is None:
            self.shapes = prompts.make_shapes(self._image, self._viewer.dims)
            self._add(self.shapes)
            prompts.set_next(self.shapes, self._positive, self._group)
            self.shapes.mode = "add_rectangle"
        return self.shapes

    @property
    def are_laid(self) -> bool:
        """Whether none is left for later."""
        return not self._not_yet

    def lay_next(self) -> bool:
        """Add a layer that was left for later; the person's stays selected.

        Returns
        -------
        bool
            Whether another one is left.
        """
        if self._not_yet:
            with keeping_selection(self._viewer):
                (self.make_shapes if "shapes" in self._not_yet else self.make_points)()
        return bool(self._not_yet)

    def read(self) -> PromptState:
        """The prompts as they are now."""
        drawn = prompts.read_prompts(self.points, self.shapes, self._image.ndim)
        return replace(drawn, masks=self._masks)

    def write(self, state: PromptState) -> None:
        """Show other prompts; nobody is told."""
        with self._quietly():
            prompts.write_prompts(state, self.points, self.shapes)
        self._masks = state.masks
        # New features bring defaults of their own.
        self.set_next(self._positive, self._group)

    def set_next(self, positive: bool, group: int) -> None:
        """What the next prompt will be."""
        self._positive, self._group = positive, group
        with self._quietly():
            for layer in self.layers:
                prompts.set_next(layer, positive, group)

    def forget(self, layer: object) -> None:
        """Let go of one of these that was deleted."""
        if layer == self.points:
            self.points = None
        elif layer == self.shapes:
            self.shapes = None

    def place(self) -> None:
        """Follow the image to where it lies now."""
        for layer in self.layers:
            place_on(layer, self._image, self._viewer.dims)

    def close(self, left: Container[object] = ()) -> None:
        """Take the layers away, but for those that are left to somebody else."""
        for layer in self.layers:
            layer.events.data.disconnect(self._on_data)
            layer.events.features.disconnect(self._on_features)
            if layer in self._viewer.layers and layer not in left:
                self._viewer.layers.remove(layer)
        self.points = self.shapes = None

    def _add(self, layer: Points | Shapes) -> None:
        layers = self._viewer.layers
        is_below = layer == self.shapes and self.points is not None and self.points in layers
        layers.insert(layers.index(self.points) if is_below else len(layers), layer)
        layer.events.data.connect(self._on_data)
        layer.events.features.connect(self._on_features)
        layer.mouse_drag_callbacks.append(_drag_watcher(self))

    def _on_data(self, event: Any) -> None:
        if self._quiet or self._dragging:
            return
        action = getattr(event, "action", None)
        (self._before_change if str(action) in _BEFORE else self._changed)()

    def _on_features(self) -> None:
        if self._quiet:
            return
        with self._quietly():
            if self.points is not None:
                prompts.style_points(self.points)
                # napari selects what it adds; its mark hides the point's own colour.
                if str(self.points.mode) == "add":
                    self.points.selected_data = set()
            if self.shapes is not None:
                prompts.style_shapes(self.shapes)
        self.set_next(self._positive, self._group)
        self._changed()

    def start_drag(self) -> None:
        """A mouse button went down: what follows is one change."""
        self._before_change()
        self._dragging = True

    def end_drag(self) -> None:
        """It went up again."""
        self._dragging = False
        self._changed()

    @contextmanager
    def _quietly(self) -> Generator[None, None, None]:
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before


def _drag_watcher(owner: PromptLayers) -> Callable[[Any, Any], Generator[None, None, None]]:
    """A mouse callback that doesn't keep its owner alive."""
    start, end = weak_call(owner.start_drag), weak_call(owner.end_drag)

    def watch(_layer: Any, _event: Any) -> Generator[None, None, None]:
        start()
        yield
        while _event.type == "mouse_move":
            yield
        end()

    return watch
