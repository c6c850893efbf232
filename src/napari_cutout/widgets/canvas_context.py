"""Removing layers while the OpenGL context of their canvas is the current one.

napari deletes the shaders, textures and buffers of a removed layer at once, in whichever context
is current. Between two paintings that is the one in which Qt puts the window together, never the
canvas's. Mesa then takes away the shader that the canvas is drawing with, and the process dies in
one of the next paintings.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import ref

from qtpy.QtOpenGLWidgets import QOpenGLWidget

if TYPE_CHECKING:
    import napari
    from qtpy.QtWidgets import QMainWindow


class CanvasContext:
    """Makes the context of a window's canvas current when napari has to delete what was in it.

    Parameters
    ----------
    viewer
        The one of the window.
    """

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        self._viewer = viewer
        self._canvas: ref[QOpenGLWidget] | None = None
        self._listen(True)

    def look_in(self, window: QMainWindow) -> None:
        """Find the canvas of the window; other plugins' canvases are in its docks."""
        center = window.centralWidget()
        canvas = None if center is None else center.findChild(QOpenGLWidget)
        self._canvas = None if canvas is None else ref(canvas)

    def close(self) -> None:
        """Leave it to napari again."""
        self._listen(False)
        self._canvas = None

    def _listen(self, on: bool) -> None:
        # Of what was removed napari hears first. What comes with a batch is deleted at its end.
        removing = self._viewer.layers.events.removing
        (removing.connect if on else removing.disconnect)(self._make_current)

    def _make_current(self) -> None:
        canvas = None if self._canvas is None else self._canvas()
        # Qt's half of the canvas goes first where the window closes.
        with suppress(RuntimeError):
            if canvas is not None and canvas.isValid():
                canvas.makeCurrent()
