"""A window with "Cut Out" and "Stacks and videos" in their docks, and a film of two objects."""

from __future__ import annotations

import threading

import numpy as np

from exact_family import ExactFamily, exact_segmenter
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.widgets import CutOut, Stacks

QUICK = GridOptions(points_per_side=6, points_per_batch=8, stability_score_thresh=0.0)
FRAMES = 6


def film():
    """``(6, 40, 60)`` uint8: two bright rectangles that move by a pixel a frame."""
    pixels = np.zeros((FRAMES, 40, 60), np.uint8)
    for t in range(FRAMES):
        pixels[t, 5:12, 6 + t : 20 + t] = pixels[t, 20 + t : 30 + t, 30:50] = 255
    return pixels


def in_left(t):
    return t, 8, 12 + t


def in_right(t):
    return t, 25 + t, 40


class Gated(ExactFamily):
    """Encodes a frame when it is let."""

    def __init__(self):
        super().__init__()
        self.gate, self.asked = threading.Semaphore(0), threading.Event()

    def encode(self, pixels):
        self.asked.set()
        assert self.gate.acquire(timeout=30)
        return super().encode(pixels)


def opened(viewer, qtbot, segmenter=None, pixels=None, **layer):
    """Both widgets in their docks, with an image."""
    names = {"axis_labels": ("t", "y", "x")} if pixels is None else {}
    viewer.add_image(film() if pixels is None else pixels, **(names | layer))
    cut_out = CutOut(viewer)
    viewer.window.add_dock_widget(cut_out, name="Cut Out")
    cut_out.live.setChecked(False)
    cut_out.session.model = segmenter or exact_segmenter()
    widget = Stacks(viewer)
    viewer.window.add_dock_widget(widget, name="Stacks and videos")
    settled(widget, qtbot)
    widget.stacks.options = QUICK
    viewer.dims.set_current_step(0, 0)
    viewer.reset_view()
    settled(widget, qtbot)
    return widget, cut_out


def settled(widget, qtbot):
    qtbot.waitUntil(lambda: not widget.is_busy, timeout=30_000)


def choose(widget, task, qtbot):
    """Choose what is done, as a person does."""
    widget.what.setCurrentIndex(widget.what.findData(task))
    widget.what.activated.emit(widget.what.currentIndex())
    settled(widget, qtbot)
