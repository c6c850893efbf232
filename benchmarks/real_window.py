"""A real napari window with "Cut Out" in its dock, and waiting until something is drawn in it.

What is measured in it is in the scripts beside this one. The person's own settings stay out of it.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import napari
import numpy as np
from qtpy.QtCore import QElapsedTimer, QEventLoop, QPoint, Qt, QTimer
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.layers import Image

PATIENCE = 60_000
"""Milliseconds after which something that doesn't happen is an error."""


class RealWindow:
    """A viewer that is shown, with the widget in its dock as a person opens it.

    Parameters
    ----------
    width, height
        Of the window in pixels.
    before
        Called with the viewer before the widget is opened.
    """

    def __init__(
        self,
        width: int = 1200,
        height: int = 800,
        before: Callable[[napari.Viewer], None] | None = None,
    ) -> None:
        # Read when the first viewer is made.
        self._home = tempfile.TemporaryDirectory(prefix="napari-cutout-benchmark-")
        os.environ["NAPARI_CONFIG"] = str(Path(self._home.name) / "settings.yaml")
        os.environ["NAPARI_CUTOUT_HOME"] = str(Path(self._home.name) / "napari-cutout")
        self.viewer = napari.Viewer()
        self.viewer.window.resize(width, height)
        if before is not None:
            before(self.viewer)
        _, self.widget = self.viewer.window.add_plugin_dock_widget("napari-cutout", "Cut Out")
        self.canvas = self.viewer.window._qt_viewer.canvas
        self.native = self.canvas.native
        self._drawn: Callable[[], None] = lambda: None
        self._shown: Callable[[], None] = lambda: None
        self.draws = 0
        # After the scene itself has drawn.
        self.canvas._scene_canvas.events.draw.connect(self._on_draw, position="last")
        # After that was put on the screen with the rest of the window.
        self.native.frameSwapped.connect(self._on_swap)

    @property
    def session(self) -> Any:
        """The session of the widget."""
        return self.widget.session

    def add_image(self, data: Any, **options: Any) -> Image:
        """An image to work on, in view."""
        image = self.viewer.add_image(data, **options)
        self.settle()
        self.viewer.reset_view()
        self.settle()
        return image

    def settle(self) -> None:
        """Wait until nothing is computed, nothing waits to be drawn, and all events are handled."""
        self.until(lambda: not self.widget.is_busy)
        before = -1
        while before != self.draws:
            before = self.draws
            QTest.qWait(40)

    def until(self, condition: Callable[[], bool]) -> None:
        """Let events happen until something holds."""
        waited = QElapsedTimer()
        waited.start()
        while not condition():
            if waited.elapsed() > PATIENCE:
                raise TimeoutError("what was waited for didn't happen")
            QTest.qWait(5)

    def seconds_until_shown(
        self, act: Callable[[], None], condition: Callable[[], bool]
    ) -> tuple[float, float]:
        """Seconds from an action until something that holds was drawn, and was on the screen.

        The event loop sleeps where there is nothing to do, as in use: a loop that spins would keep
        threads from working.
        """
        loop = QEventLoop()
        ended: list[float] = []

        def drawn() -> None:
            if not ended and condition():
                ended.append(perf_counter())

        def shown() -> None:
            if len(ended) == 1:
                ended.append(perf_counter())
                loop.quit()

        self._drawn, self._shown = drawn, shown
        late = QTimer(singleShot=True, interval=PATIENCE)
        late.timeout.connect(loop.quit)
        late.start()
        begun = perf_counter()
        act()
        if len(ended) < 2:
            loop.exec()
        late.stop()
        self._drawn = self._shown = lambda: None
        if len(ended) < 2:
            raise TimeoutError("what was waited for wasn't drawn")
        return ended[0] - begun, ended[1] - begun

    def place(self, world: Any) -> QPoint:
        """Where on the canvas a place of the world is drawn."""

        def back(x: float, y: float) -> np.ndarray:
            shown = list(self.viewer.dims.displayed)
            return np.array(self.canvas._map_canvas2world((x, y), self.canvas.view))[shown]

        origin = back(0, 0)
        steps = np.stack([back(100, 0) - origin, back(0, 100) - origin], axis=1) / 100
        x, y = np.linalg.solve(steps, np.asarray(world, float) - origin)
        return QPoint(round(x), round(y))

    def move(self, world: Any) -> None:
        """Bring the cursor to a place of the world."""
        self.native._last_time = 0.0  # vispy drops moves that follow within 10 ms
        QTest.mouseMove(self.native, self.place(world))

    def click(self, world: Any) -> None:
        """Press and release the left button at a place of the world, where the cursor is."""
        self.hold(world)
        self.release(world)

    def hold(self, world: Any) -> None:
        """Press the left button at a place of the world, where the cursor is."""
        QTest.mousePress(self.native, Qt.MouseButton.LeftButton, pos=self.place(world))

    def release(self, world: Any) -> None:
        """Release it there."""
        QTest.mouseRelease(self.native, Qt.MouseButton.LeftButton, pos=self.place(world))

    def press(self, key: Qt.Key, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> None:
        """Press and release a key on the canvas."""
        QTest.keyClick(self.native, key, modifiers)

    def pixel(self, world: Any) -> tuple[int, ...]:
        """What is on the screen at a place of the world."""
        shown = self.native.grabFramebuffer()
        ratio = self.native.devicePixelRatioF()
        at = self.place(world)
        return shown.pixelColor(round(at.x() * ratio), round(at.y() * ratio)).getRgb()

    def close(self) -> None:
        """Close the window."""
        self.settle()
        self.canvas._scene_canvas.events.draw.disconnect(self._on_draw)
        self.viewer.close()
        QApplication.processEvents()

    def _on_draw(self, _event: Any = None) -> None:
        self.draws += 1
        self._drawn()

    def _on_swap(self) -> None:
        self._shown()


def what_draws() -> str:
    """A sentence: what draws the window, and what else computes."""
    # Not before: start.py has a window without torch.
    import torch
    from vispy.gloo import gl

    renderer = str(gl.glGetParameter(gl.GL_RENDERER)).split("(")[0].strip()
    return f"Drawn by {renderer}; torch has {torch.get_num_threads()} threads."
