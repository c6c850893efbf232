"""Which session the widget works with: chosen, handed over, carried on, let go."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from qtpy.QtCore import QCoreApplication, QEvent, Qt

import canvas
from exact_family import exact_segmenter
from napari_cutout.formats.logs.prompt_log import read_log
from napari_cutout.layers.journal.recovery import find
from napari_cutout.layers.preferences import Preferences
from napari_cutout.segment import MaskOptions
from napari_cutout.widgets import CutOut

pytestmark = pytest.mark.gui


def prefer(monkeypatch, **values):
    monkeypatch.setattr(
        "napari_cutout.widgets.opening.read_preferences", lambda: Preferences(**values)
    )


def idle(widget):
    return lambda: not widget.is_busy


def test_it_works_on_an_image_and_labels_that_it_is_handed(make_napari_viewer_proxy, qtbot, frame):
    viewer = make_napari_viewer_proxy()
    viewer.add_image(frame, name="first")
    widget = CutOut(viewer)
    widget.live.setChecked(False)
    viewer.window.add_dock_widget(widget, name="Cut Out")
    first = widget.session
    second = viewer.add_image(frame, name="second")
    labels = viewer.add_labels(np.zeros((40, 60), int), name="its labels")
    session = widget.work_on(second, labels)
    assert first.is_closed
    assert session is widget.session
    assert session.image == second
    assert session.labels == labels
    assert widget.image.currentText() == "second"
    assert widget.labels.currentText() == "its labels"
    qtbot.waitUntil(idle(widget), timeout=30_000)


def test_the_labels_of_one_image_are_not_those_of_the_next(window):
    """As when a folder is gone through."""
    viewer, widget = window.viewer, window.widget
    canvas.click(viewer, (8, 10))
    window.settle()
    canvas.press(viewer, Qt.Key.Key_C)
    other = viewer.add_image(np.zeros((20, 20), np.uint8))
    session = widget.work_on(other)
    assert session.labels is None
    assert widget.labels.currentText() == "New labels"
    window.settle()


def test_the_image_that_is_worked_on_keeps_its_session(window):
    canvas.click(window.viewer, (8, 10))
    window.settle()
    labels = window.viewer.add_labels(np.zeros((40, 60), int))
    assert window.widget.work_on(window.image, labels) is window.session
    assert window.session.has_prompts
    assert window.session.labels is labels
    assert window.widget.work_on(window.image) is window.session
    assert window.session.labels is labels


def test_an_image_that_is_not_in_the_viewer_is_refused(window, monkeypatch):
    from napari.layers import Image

    said = []
    monkeypatch.setattr("napari_cutout.widgets.cut_out.show_warning", said.append)
    assert window.widget.work_on(Image(np.zeros((9, 9)), name="elsewhere")) is None
    assert "isn't in the viewer" in said[-1]
    assert window.widget.work_on(window.image) is not None
    window.settle()


def test_what_is_set_goes_on_with_the_next_image(window):
    viewer, widget = window.viewer, window.widget
    widget.tools["lasso"].click()
    widget.separate.click()
    widget.hovering.click()
    widget.policy.setCurrentIndex(widget.policy.findData("only_background"))
    widget.mask_options.smoothing.setValue(2)
    window.settle()
    viewer.layers.remove(window.image)
    assert widget.session is None
    viewer.add_image(np.zeros((30, 30), np.uint8))
    session = widget.session
    session.model = exact_segmenter()
    window.settle()
    assert session.tool == "lasso"
    assert session.separate
    assert session.hovering
    assert session.policy == "only_background"
    assert session.mask_options == MaskOptions(smoothing=2)
    window.settle()


def test_it_begins_as_the_preferences_say(make_napari_viewer, qtbot, frame, monkeypatch):
    prefer(monkeypatch, live=False, hovering=True, policy="keep_existing", autosave=False)
    viewer = make_napari_viewer()
    viewer.add_image(frame)
    widget = CutOut(viewer)
    viewer.window.add_dock_widget(widget, name="Cut Out")
    assert not widget.live.isChecked()
    assert widget.hovering.isChecked()
    assert widget.session.hovering
    assert widget.session.policy == "keep_existing"
    qtbot.waitUntil(idle(widget), timeout=30_000)


def test_a_preferred_model_that_is_not_there_leaves_the_one_in_the_package(
    make_napari_viewer, qtbot, monkeypatch
):
    prefer(monkeypatch, model="vit_h")
    said = []
    monkeypatch.setattr("napari_cutout.widgets.cut_out.show_warning", said.append)
    viewer = make_napari_viewer()
    widget = CutOut(viewer)
    viewer.window.add_dock_widget(widget, name="Cut Out")
    assert widget.model.model == "compact"
    assert "napari-cutout models get vit_h" in said[-1]


def test_the_foot_says_where_it_is_computed_and_how_long_it_took(window):
    assert "exact on cpu" in window.widget._foot.facts.text()
    assert "encoded in" in window.widget._foot.facts.text()


def test_a_deleted_outline_switches_the_switch_off(window):
    viewer, widget = window.viewer, window.widget
    widget.hovering.click()
    canvas.hover(viewer, (8, 10))
    window.settle()
    (outline,) = [layer for layer in viewer.layers if layer.name.startswith("hover")]
    viewer.layers.remove(outline)
    window.settle()
    assert not widget.hovering.isChecked()
    assert not window.session.hovering


def test_closing_the_window_closes_the_session(make_napari_viewer, qtbot, frame, tmp_path):
    """As an end in good order: the log says so, and nothing is offered the next time."""
    viewer = make_napari_viewer(show=True)
    image = viewer.add_image(frame, metadata={"path": str(tmp_path / "squares.tif")})
    widget = CutOut(viewer)
    viewer.window.add_dock_widget(widget, name="Cut Out")
    widget.live.setChecked(False)
    session = widget.session
    session.model = exact_segmenter()
    session.add_point((8, 10))
    session.update()
    qtbot.waitUntil(lambda: session.candidates is not None, timeout=30_000)
    session.commit()
    session.add_point((25, 40))
    session.flush()
    log = session.log_path
    qtbot.waitUntil(idle(widget), timeout=30_000)
    assert find(image) is None  # while it lives
    viewer.close()

    assert session.is_closed
    assert read_log(log).entries[-1].kind == "closed"
    assert find(image) is None


def use_everything_and_close(viewer, frame, qtbot):
    image = viewer.add_image(frame)
    widget = CutOut(viewer)
    viewer.window.add_dock_widget(widget, name="Cut Out")
    session = widget.session
    session.model = exact_segmenter()
    widget.hovering.click()
    session.add_point((8, 10))
    qtbot.waitUntil(idle(widget), timeout=30_000)
    widget.mask_options.slider.setValue(-3)
    widget.brushes["paint"].click()
    session.preview.paint((2, 2), 1)
    widget.actions["commit"].click()
    session.hover((25, 40))
    viewer.window.remove_dock_widget(widget)
    assert session.is_closed
    viewer.layers.remove(image)
    widget.deleteLater()
    return [weakref.ref(widget), weakref.ref(session)]


def test_nothing_is_left_of_what_was_used_and_closed(make_napari_viewer_proxy, frame, qtbot):
    viewer = make_napari_viewer_proxy()
    moves = len(viewer.mouse_move_callbacks)
    gone = [ref for _ in range(2) for ref in use_everything_and_close(viewer, frame, qtbot)]
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert [dead() for dead in gone] == [None] * 4
    assert len(viewer.mouse_move_callbacks) == moves
