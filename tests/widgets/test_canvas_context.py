"""What the graphics of removed layers are deleted in: the context that they were made in."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from qtpy.QtGui import QOpenGLContext
from qtpy.QtOpenGLWidgets import QOpenGLWidget
from qtpy.QtWidgets import QApplication

import canvas
import removed_layers
from napari_cutout.widgets.browse import Browse

pytestmark = pytest.mark.gui


class Deleting:
    """Whether the canvas's context was the current one whenever napari deleted something."""

    def __init__(self, viewer, monkeypatch):
        self._canvas = canvas.native(viewer)
        self._canvas.doneCurrent()
        self.is_canvas = []
        context = viewer.window._qt_viewer.canvas._scene_canvas.context
        self._finish = context.finish
        monkeypatch.setattr(context, "finish", self._look)

    def _look(self):
        self.is_canvas.append(QOpenGLContext.currentContext() == self._canvas.context())
        self._finish()
        self._canvas.doneCurrent()


@pytest.fixture
def deleting(window, monkeypatch):
    return Deleting(window.viewer, monkeypatch)


def browse_instead(window):
    """Close "Cut Out", and open another of our widgets."""
    window.viewer.window.remove_dock_widget(window.widget)
    window.viewer.window.add_dock_widget(Browse(window.viewer))
    QApplication.processEvents()
    canvas.native(window.viewer).doneCurrent()


def test_image_that_a_script_removes_goes_in_its_canvas(window, deleting):
    window.viewer.layers.remove(window.image)
    # The image, and what the session had on it.
    assert deleting.is_canvas == [True] * 2


def test_layers_that_a_person_removes_go_in_their_canvas(window, deleting):
    viewer = window.viewer
    viewer.layers.selection = {viewer.add_image(window.image.data) for _ in range(2)}
    # Adding them made it the current one.
    canvas.native(viewer).doneCurrent()
    viewer.layers.remove_selected()
    assert deleting.is_canvas == [True]


def test_layers_of_a_widget_that_is_closed_go_in_their_canvas(window, deleting):
    window.viewer.window.remove_dock_widget(window.widget)
    assert deleting.is_canvas == [True]


def test_layers_go_in_their_canvas_while_another_widget_is_docked(window, deleting):
    browse_instead(window)
    window.viewer.layers.remove(window.image)
    assert deleting.is_canvas == [True] * 2


def test_a_canvas_in_a_dock_is_another_one(window, deleting):
    window.viewer.window.add_dock_widget(QOpenGLWidget(), name="another", area="left")
    browse_instead(window)
    window.viewer.layers.remove(window.image)
    assert deleting.is_canvas == [True] * 2


def test_what_is_removed_after_the_widget_was_closed_is_left_to_napari(window, deleting):
    window.viewer.window.remove_dock_widget(window.widget)
    window.viewer.layers.remove(window.image)
    assert deleting.is_canvas == [True, False]


@pytest.mark.parametrize("what", ["image", "widget"])
def test_window_is_painted_after_layers_went(what):
    """In a process of its own, which would die."""
    program = [sys.executable, "-X", "faulthandler", removed_layers.__file__, what]
    ended = subprocess.run(
        program, env=os.environ | {"OMP_NUM_THREADS": "1"}, stderr=subprocess.PIPE, timeout=300
    )
    assert ended.returncode == 0, ended.stderr.decode()
