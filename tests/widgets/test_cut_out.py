"""The dock widget in a real window, with a model whose answers are known."""

from __future__ import annotations

import gc
import weakref

import napari
import numpy as np
import pytest
from qtpy.QtCore import QCoreApplication, QEvent, Qt
from qtpy.QtWidgets import QAbstractButton, QComboBox

import canvas
from exact_family import exact_segmenter
from napari_cutout.widgets import CutOut

pytestmark = pytest.mark.gui

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]


def frame():
    pixels = np.zeros((40, 60), np.uint8)
    pixels[LEFT] = pixels[RIGHT] = 255
    return pixels


def opened(viewer):
    """The widget in its dock, with the exact model."""
    widget = CutOut(viewer)
    viewer.window.add_dock_widget(widget, name="Cut Out")
    widget.session.model = exact_segmenter()
    return widget


def idle(widget):
    return not widget.is_busy


def test_a_person_cuts_two_objects_by_mouse_and_keys(make_napari_viewer, qtbot):
    """A click, C, a box, the button, Ctrl+Z: live, in threads, on a scaled and rotated image."""
    viewer = make_napari_viewer(show=True)
    image = viewer.add_image(frame(), scale=(2, 3), rotate=30, translate=(-7, 100))
    widget = opened(viewer)
    session = widget.session
    viewer.reset_view()

    canvas.click(viewer, image.data_to_world((8, 10)))
    qtbot.waitUntil(lambda: session.candidates is not None, timeout=20_000)
    assert [button.text() for button in widget.candidates] == ["1:  0.90", "2:  0.60", "3:  0.30"]
    canvas.press(viewer, Qt.Key.Key_C)
    expected = np.zeros((40, 60), int)
    expected[LEFT] = 1
    np.testing.assert_array_equal(session.labels.data, expected)

    widget.tools["boxes"].click()
    corners = [image.data_to_world(corner) for corner in ((16, 25), (33, 54))]
    canvas.drag(viewer, *corners)
    qtbot.waitUntil(lambda: session.candidates is not None and idle(widget), timeout=20_000)
    widget.actions["commit"].click()
    expected[RIGHT] = 2
    np.testing.assert_array_equal(session.labels.data, expected)

    canvas.press(viewer, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    expected[RIGHT] = 0
    np.testing.assert_array_equal(session.labels.data, expected)
    assert session.has_prompts, "the box is back"
    qtbot.waitUntil(lambda: idle(widget), timeout=20_000)


def use_and_close(viewer, qtbot):
    widget = opened(viewer)
    session = widget.session
    session.add_point((8, 10))
    qtbot.waitUntil(lambda: session.candidates is not None, timeout=20_000)
    viewer.window.remove_dock_widget(widget)
    assert session.is_closed
    widget.deleteLater()
    return [weakref.ref(widget), weakref.ref(session)]


def test_opened_twice_closed_and_collected(make_napari_viewer_proxy, qtbot):
    """Through the viewer that a plugin is handed."""
    viewer = make_napari_viewer_proxy()
    image = viewer.add_image(frame())
    gone = []
    for _ in range(2):
        gone += use_and_close(viewer, qtbot)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert [dead() for dead in gone] == [None] * 4
    assert list(viewer.layers) == [image]


def test_layers_come_and_go(make_napari_viewer_proxy, qtbot):
    """Without an image it waits for one; the target follows what was chosen and made."""
    viewer = make_napari_viewer_proxy()
    widget = CutOut(viewer)
    qtbot.addWidget(widget)
    assert widget.session is None
    assert "Open an image" in widget.status
    image = viewer.add_image(frame())
    assert widget.session.image == image
    widget.session.model = exact_segmenter()
    widget.live.setChecked(False)
    labels = viewer.add_labels(np.zeros((40, 60), int), name="mine")
    assert [widget.labels.itemText(k) for k in range(widget.labels.count())] == [
        "New labels",
        "mine",
    ]
    widget.labels.setCurrentIndex(1)
    widget.labels.activated.emit(1)
    assert widget.session.labels == labels
    viewer.layers.remove(image)
    assert widget.session is None
    widget.close()


def test_bad_input_is_a_notification(make_napari_viewer_proxy, qtbot, monkeypatch):
    """With nothing to commit, and with a file that isn't a model."""
    viewer = make_napari_viewer_proxy()
    viewer.add_image(frame())
    widget = opened(viewer)
    widget.live.setChecked(False)
    shown = []
    monkeypatch.setattr("napari_cutout.widgets.cut_out.show_warning", shown.append)
    widget.actions["commit"].setEnabled(True)
    widget.actions["commit"].click()
    assert "nothing to commit" in shown[-1]
    widget.session.model = "no_such_model"
    widget.session.add_point((8, 10))
    widget.actions["update"].click()
    qtbot.waitUntil(lambda: len(shown) == 2, timeout=20_000)
    assert "no_such_model" in shown[-1]
    widget.close()


def test_every_control_explains_itself(qtbot):
    """Tooltips, keys on buttons, and a way by keyboard."""
    widget = CutOut(napari.components.ViewerModel())
    qtbot.addWidget(widget)
    controls = widget.findChildren(QAbstractButton) + widget.findChildren(QComboBox)
    controls = [control for control in controls if control.parent() is not None]
    assert all(control.toolTip() for control in controls)
    assert all(control.focusPolicy() & Qt.FocusPolicy.TabFocus for control in controls)
    keys = {name: button.text().rpartition("[")[2][:-1] for name, button in widget.actions.items()}
    assert keys == {
        "update": "S",
        "commit": "C",
        "next_candidate": "N",
        "clear": "Shift+C",
        "undo": "Ctrl+Z",
        "redo": "Ctrl+Shift+Z",
    }
    assert widget.polarity.text().endswith("[T]")
    widget.close()
