"""Telling when the mouse begins to do something else: another layer is active, or another mode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import ref

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari import Viewer

from napari_cutout.layers.weak import weak_call


class ActiveMode:
    """Watches the active layer of a viewer and its mode until closed.

    Parameters
    ----------
    viewer
        Held.
    changed
        Called after each change; a method is held weakly.
    """

    def __init__(self, viewer: Viewer, changed: Callable[[], None]) -> None:
        self._selection = viewer.layers.selection
        self._changed = weak_call(changed)
        self._layer: Callable[[], Any] = lambda: None
        self._selection.events.active.connect(self._on_active)
        self._follow(self._selection.active)

    def close(self) -> None:
        """Stop watching."""
        self._selection.events.active.disconnect(self._on_active)
        self._follow(None)

    def _on_active(self) -> None:
        self._follow(self._selection.active)
        self._changed()

    def _follow(self, layer: Any) -> None:
        last = self._layer()
        if last is not None:
            last.events.mode.disconnect(self._on_mode)
        self._layer = (lambda: None) if layer is None else ref(layer)
        if layer is not None:
            layer.events.mode.connect(self._on_mode)

    def _on_mode(self) -> None:
        self._changed()
