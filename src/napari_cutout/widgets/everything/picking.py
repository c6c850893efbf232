"""The mouse of "Everything": clicks that drop and keep objects, and what lies under the cursor.

What a click or a move means is for others to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QObject, Qt, Signal
from qtpy.QtWidgets import QApplication

from napari_cutout.layers.picking import Clicks
from napari_cutout.layers.weak import weak_call

if TYPE_CHECKING:
    from collections.abc import Callable

    from qtpy.QtWidgets import QWidget


class Picking(QObject):
    """While it is on, clicks do nothing else than being told of.

    Signals
    -------
    clicked
        A position in the world.
    ended
        It is off: by Escape, or because another layer was chosen.
    """

    clicked = Signal(object)
    ended = Signal()

    def __init__(self, viewer: Any, parent: QWidget) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._clicks = Clicks(viewer, self._on_click)
        self._before: tuple[Any, Any, str] | None = None

    @property
    def is_on(self) -> bool:
        """Whether clicks are told of."""
        return self._clicks.is_on

    def begin(self, layer: Any) -> None:
        """Tell of clicks, with a layer active that they move the camera of."""
        if self.is_on:
            return
        selection = self._viewer.layers.selection
        self._before = selection.active, layer, str(layer.mode)
        selection.active = layer
        layer.mode = "pan_zoom"
        self._clicks.switch(True)
        selection.events.active.connect(self._on_active)
        # The keyboard may be anywhere: in the canvas, or in any dock.
        QApplication.instance().installEventFilter(self)

    def end(self) -> None:
        """Tell no more; the layer that was active is so again, unless another was chosen."""
        if not self.is_on:
            return
        self._clicks.switch(False)
        QApplication.instance().removeEventFilter(self)
        layers = self._viewer.layers
        layers.selection.events.active.disconnect(self._on_active)
        before, self._before = self._before, None
        if before is not None:
            active, layer, mode = before
            there = layer in layers
            if there:
                layer.mode = mode
            if not there or layers.selection.active == layer:
                layers.selection.active = active if active in layers else None
        self.ended.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape ends it, wherever the keyboard is."""
        if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self.end()
            return True
        return super().eventFilter(watched, event)

    def _on_click(self, position: Any) -> None:
        self.clicked.emit(position)

    def _on_active(self) -> None:
        """Whoever chooses another layer wants its tool."""
        before = self._before
        if before is not None and self._viewer.layers.selection.active != before[1]:
            self.end()


class Hovering:
    """Moves of the mouse over the canvas, told of while it is on.

    Parameters
    ----------
    viewer
        Whose canvas.
    moved
        Called with the position in the world.
    """

    def __init__(self, viewer: Any, moved: Callable[[Any], object]) -> None:
        self._callbacks = viewer.mouse_move_callbacks
        tell = weak_call(moved)
        self._callback: Callable[..., None] = lambda _viewer, event: tell(event.position)

    def switch(self, on: bool) -> None:
        """Tell of moves, or don't."""
        is_on = self._callback in self._callbacks
        if on and not is_on:
            self._callbacks.append(self._callback)
        elif is_on and not on:
            self._callbacks.remove(self._callback)
