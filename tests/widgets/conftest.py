"""A window with the widget in its dock, and a model whose answers are known."""

from __future__ import annotations

import gc

import numpy as np
import pytest

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]


@pytest.fixture(scope="module", autouse=True)
def _short_collections_again() -> None:
    """Let the garbage collector forget what the modules before left, too.

    Each window collects all garbage several times; what is there for good only makes that longer.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture
def frame():
    """``(40, 60)`` uint8 with two bright rectangles, LEFT and RIGHT."""
    pixels = np.zeros((40, 60), np.uint8)
    pixels[LEFT] = pixels[RIGHT] = 255
    return pixels


@pytest.fixture
def window(make_napari_viewer, qtbot, frame):
    """A shown viewer with an image, the docked widget, and waiting until it is idle."""
    from qtpy.QtWidgets import QApplication

    from exact_family import exact_segmenter
    from napari_cutout.widgets import CutOut

    class Window:
        def __init__(self):
            self.viewer = make_napari_viewer(show=True)
            self.image = self.viewer.add_image(frame)
            self.widget = CutOut(self.viewer)
            self.viewer.window.add_dock_widget(self.widget, name="Cut Out")
            self.session = self.widget.session
            self.session.model = exact_segmenter()
            self.viewer.reset_view()
            self.settle()

        def settle(self):
            QApplication.processEvents()
            qtbot.waitUntil(lambda: not self.widget.is_busy, timeout=30_000)

        @property
        def labels(self):
            return np.asarray(self.session.labels.data)

    return Window()
