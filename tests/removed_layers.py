"""A program that takes layers of a session away and has the window painted; it ends, or it dies.

Run with ``image`` (a script removes the image) or ``widget`` (the widget's dock is closed).
"""

from __future__ import annotations

import sys

import napari
import numpy as np
from qtpy.QtTest import QSignalSpy, QTest

import canvas
from exact_family import exact_segmenter
from napari_cutout.widgets import CutOut

PATIENCE = 30_000
"""Milliseconds after which a window isn't going to be painted any more."""


def paint(viewer):
    """Have the canvas painted, and put on the screen."""
    painted = QSignalSpy(canvas.native(viewer).frameSwapped)
    canvas.native(viewer).update()
    assert len(painted) or painted.wait(PATIENCE)


def settle(viewer, widget):
    """Wait until nothing is left to do, and paint."""
    while widget.is_busy:
        QTest.qWait(5)
    paint(viewer)


def main(what):
    """Take away, and paint until what was taken away is long gone."""
    viewer = napari.Viewer()
    viewer.add_image(np.zeros((40, 60), np.uint8))
    image = viewer.add_image(np.zeros((40, 60), np.uint8))
    widget = CutOut(viewer)
    viewer.window.add_dock_widget(widget, name="Cut Out")
    widget.session.model = exact_segmenter()
    settle(viewer, widget)
    if what == "image":
        viewer.layers.remove(image)
    else:
        viewer.layers.remove(viewer.layers[0])
        viewer.window.remove_dock_widget(widget)
    for _ in range(4):
        paint(viewer)
    viewer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
