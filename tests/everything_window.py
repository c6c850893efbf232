"""A window with "Cut Out" and "Everything" in their docks, and an image of two objects."""

from __future__ import annotations

import numpy as np

from exact_family import exact_segmenter
from napari_cutout.segment.automatic.grid.options import GridOptions
from napari_cutout.widgets import CutOut, Everything

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]
QUICK = GridOptions(points_per_side=6, points_per_batch=8, stability_score_thresh=0.0)


def frame():
    pixels = np.zeros((40, 60), np.uint8)
    pixels[LEFT] = pixels[RIGHT] = 255
    return pixels


def opened(viewer, qtbot, segmenter=None):
    """Both widgets in their docks, with an image."""
    viewer.add_image(frame())
    cut_out = CutOut(viewer)
    viewer.window.add_dock_widget(cut_out, name="Cut Out")
    cut_out.live.setChecked(False)
    cut_out.session.model = segmenter or exact_segmenter()
    widget = Everything(viewer)
    viewer.window.add_dock_widget(widget, name="Everything")
    settled(widget, qtbot)
    widget.finding.options = QUICK
    viewer.reset_view()
    return widget, cut_out


def settled(widget, qtbot):
    qtbot.waitUntil(lambda: not widget.is_busy, timeout=30_000)


def found(viewer, qtbot):
    widget, cut_out = opened(viewer, qtbot)
    widget.find.click()
    settled(widget, qtbot)
    return widget, cut_out
