"""What the command palette and the menus call acts on the widget of that viewer."""

from __future__ import annotations

from inspect import getmembers, isfunction

import numpy as np
import pytest

from exact_family import exact_segmenter
from napari_cutout.layers import KEYS
from napari_cutout.widgets import CutOut, commands
from napari_cutout.widgets.tools import TOOL_BUTTONS

pytestmark = pytest.mark.gui

IN_LEFT = (8, 10)


@pytest.fixture
def said(monkeypatch):
    shown = []
    monkeypatch.setattr("napari.utils.notifications.show_warning", shown.append)
    return shown


def test_there_is_one_for_every_key_and_every_tool():
    names = {
        name
        for name, function in getmembers(commands, isfunction)
        if function.__module__ == commands.__name__ and not name.startswith("_")
    }
    wanted = {key.action for key in KEYS} | {f"use_{known.tool}" for known in TOOL_BUTTONS}
    assert wanted <= names


def test_without_the_widget_it_says_what_to_open(make_napari_viewer_proxy, said):
    commands.commit(make_napari_viewer_proxy())
    assert "Plugins > Cut Out" in said[-1]


def test_without_an_image_it_says_so(make_napari_viewer_proxy, said):
    viewer = make_napari_viewer_proxy()
    viewer.window.add_dock_widget(CutOut(viewer), name="Cut Out")
    commands.commit(viewer)
    assert "no image" in said[-1]


def test_they_act_on_the_session(window, said):
    viewer, session = window.viewer, window.session
    commands.use_lasso(viewer)
    assert session.tool == "lasso"
    commands.toggle_polarity(viewer)
    commands.toggle_polarity(viewer)
    session.add_point(IN_LEFT)
    commands.update(viewer)
    window.settle()
    commands.next_candidate(viewer)
    assert session.chosen == 1
    commands.touch_up(viewer)
    assert viewer.layers.selection.active is session.preview
    commands.commit(viewer)
    assert window.labels.any()
    commands.undo(viewer)
    assert not window.labels.any()
    commands.redo(viewer)
    assert window.labels.any()
    commands.toggle_hovering(viewer)
    assert session.hovering
    commands.toggle_hovering(viewer)
    commands.toggle_same_object(viewer)
    assert session.same_object
    viewer.layers.remove(session.points_layer)
    commands.restore_layers(viewer)
    assert session.points_layer in viewer.layers
    window.settle()
    assert not said


def test_two_viewers_have_a_widget_each(make_napari_viewer, qtbot, frame):
    widgets = []
    for _ in range(2):
        viewer = make_napari_viewer()
        viewer.add_image(frame)
        widget = CutOut(viewer)
        widget.live.setChecked(False)
        viewer.window.add_dock_widget(widget, name="Cut Out")
        widget.session.model = exact_segmenter()
        widgets.append(widget)
    commands.use_boxes(widgets[1]._viewer)
    assert [widget.session.tool for widget in widgets] == ["points", "boxes"]
    qtbot.waitUntil(lambda: not any(widget.is_busy for widget in widgets), timeout=30_000)


def test_napari_gives_the_viewer_to_what_the_manifest_names(make_napari_viewer, qtbot, frame):
    """As the command palette runs it."""
    from napari._app_model import get_app_model

    viewer = make_napari_viewer()
    viewer.add_image(np.array(frame))
    _, widget = viewer.window.add_plugin_dock_widget("napari-cutout", "Cut Out")
    widget.live.setChecked(False)
    get_app_model().commands.execute_command("napari-cutout.use_ellipses").result()
    assert widget.session.tool == "ellipses"
    qtbot.waitUntil(lambda: not widget.is_busy, timeout=60_000)
