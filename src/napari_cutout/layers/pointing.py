"""What the mouse does in a session: tools, picking objects, outlining what is under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from napari_cutout.annotate import frame_axes
from napari_cutout.layers.errors import SessionError, TargetError, ViewError
from napari_cutout.layers.image.coordinates import from_world
from napari_cutout.layers.picking import uppermost_at
from napari_cutout.layers.prompting import Prompting

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Tool = Literal["points", "boxes", "ellipses", "polygons", "lasso", "scribbles", "pick"]
"""What the mouse does: ``"pick"`` takes an object that is there already."""

TOOLS: tuple[Tool, ...] = get_args(Tool)

_MODES = {
    "boxes": "add_rectangle",
    "ellipses": "add_ellipse",
    "polygons": "add_polygon",
    "lasso": "add_polygon_lasso",
    "scribbles": "add_path",
}
"""Of napari's Shapes layer."""


class Pointing(Prompting):
    """A session as far as the mouse. See :class:`.Session`."""

    def use(self, tool: Tool) -> None:
        """Make the mouse do something: click points, draw shapes, or pick objects.

        Raises
        ------
        SessionError
            If there is no such tool.
        """
        if tool not in TOOLS:
            raise SessionError(f"there is no tool {tool!r}; use one of {', '.join(TOOLS)}")
        self._picking.switch(False)
        if tool in _MODES:
            self._select(self._layers.make_shapes(), _MODES[tool])
            return
        self._select(self._layers.make_points(), "add" if tool == "points" else "pan_zoom")
        self._picking.switch(tool == "pick")

    def use_points(self) -> None:
        """Make clicks add points."""
        self.use("points")

    def use_boxes(self) -> None:
        """Make drags draw boxes."""
        self.use("boxes")

    @property
    def tool(self) -> Tool | None:
        """What the mouse does; None for something that is no tool of ours."""
        active = self.viewer.layers.selection.active
        if active is None:
            return None
        mode = str(active.mode)
        if active == self._layers.points:
            picks = self._picking.is_on and mode == "pan_zoom"
            return "pick" if picks else "points" if mode == "add" else None
        if active != self._layers.shapes:
            return None
        tools: list[Any] = [name for name, known in _MODES.items() if known == mode]
        return tools[0] if tools else None

    @property
    def own_labels(self) -> tuple[Any, ...]:
        """The Labels layers that the session shows masks in; None for one that isn't there."""
        return self.preview, self._hover.layer

    def restore_layers(self) -> None:
        """Make the layers of the session again that were deleted."""
        self._preview.make()
        self._layers.make_shapes()
        self._layers.make_points()
        self._bind_keys()
        self._set_dirty()

    @property
    def hovering(self) -> bool:
        """Whether what would be cut out under the cursor is outlined."""
        return self._hover.is_on

    @hovering.setter
    def hovering(self, on: bool) -> None:
        self._hover.switch(bool(on))
        self.events.options()

    @property
    def anticipating(self) -> bool:
        """Whether the model is asked as soon as the button goes down over the points layer."""
        return self._anticipation.is_on

    @anticipating.setter
    def anticipating(self, on: bool) -> None:
        self._anticipation.switch(bool(on))

    def hover(self, point: ArrayLike | None) -> None:
        """Outline what a click at a place would cut out; None: nothing.

        Parameters
        ----------
        point
            (row, col) of the shown frame.
        """
        self._check_open()
        if point is None:
            self._hover.drop()
        else:
            self._hover.ask(np.asarray(point, float))

    def toggle_hovering(self) -> None:
        """Outline what is under the cursor, or stop it."""
        self.hovering = not self.hovering

    def _on_pick(self, position: Any) -> None:
        from napari.layers import Labels

        if self.is_closed or self.tool != "pick":
            return
        ours = self.own_labels
        layers = [
            layer
            for layer in self.viewer.layers
            if isinstance(layer, Labels) and not any(layer is own for own in ours)
        ]
        try:
            index = self.frame
            data = from_world(self.image, self.viewer.dims, position)
            point = data[list(frame_axes(index))]
            self.pick(point, uppermost_at(layers, self.image, index, self.viewer.dims, point))
        except (TargetError, ViewError) as error:
            self._say(str(error))

    def _select(self, layer: Any, mode: str) -> None:
        self._bind_keys()
        self.viewer.layers.selection.active = layer
        layer.mode = mode
