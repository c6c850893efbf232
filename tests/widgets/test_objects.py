"""The dock widget "Objects" in a real window, beside "Cut Out" with a model of known answers."""

from __future__ import annotations

import csv
import gc
import threading
import weakref
from dataclasses import replace

import dask.array as da
import numpy as np
import pytest
from qtpy.QtCore import QCoreApplication, QEvent, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QAbstractButton, QComboBox, QFileDialog, QLineEdit

import canvas
from exact_family import exact_segmenter
from napari_cutout.widgets import CutOut
from napari_cutout.widgets.object_cells import AREA, CLASS, ID, REVIEW, SCORE, TITLES
from napari_cutout.widgets.objects import Objects

pytestmark = pytest.mark.gui

LEFT, RIGHT, LOW = np.s_[5:12, 6:20], np.s_[20:30, 30:50], np.s_[32:37, 4:24]
MIDDLES = ((8, 10), (25, 40), (34, 14))


def frame():
    pixels = np.zeros((40, 60), np.uint8)
    pixels[LEFT] = pixels[RIGHT] = pixels[LOW] = 255
    return pixels


def opened(viewer, qtbot, objects=3):
    """Both widgets in their docks, and so many objects committed."""
    viewer.add_image(frame())
    cut_out = CutOut(viewer)
    viewer.window.add_dock_widget(cut_out, name="Cut Out")
    cut_out.live.setChecked(False)
    cut_out.session.model = exact_segmenter()
    widget = Objects(viewer)
    viewer.window.add_dock_widget(widget, name="Objects")
    for middle in MIDDLES[:objects]:
        commit(cut_out.session, middle, qtbot)
    shown(widget, qtbot)
    return widget, cut_out


def commit(session, middle, qtbot):
    session.add_point(middle)
    session.update()
    qtbot.waitUntil(lambda: session.candidates is not None, timeout=20_000)
    session.commit()


def shown(widget, qtbot):
    qtbot.waitUntil(lambda: not widget.is_busy, timeout=20_000)


def shown_later(widget, qtbot):
    """What is to be shown is, though something is still being measured."""
    qtbot.waitUntil(lambda: not widget._later.isActive(), timeout=20_000)


def column(widget, place):
    table = widget.table
    return [table.index(row, place).data() for row in range(table.rowCount())]


def cell(widget, row, place):
    """The middle of a cell, in the table's viewport."""
    return widget.view.visualRect(widget.table.index(row, place)).center()


def click(widget, row, place=ID, modifiers=Qt.KeyboardModifier.NoModifier):
    viewport = widget.view.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, modifiers, cell(widget, row, place))


def test_rows_follow_commits_undo_and_strokes(make_napari_viewer, qtbot):
    """What was committed has a row; undoing and painting change it."""
    widget, cut_out = opened(make_napari_viewer(), qtbot, objects=2)
    session = cut_out.session
    assert column(widget, ID) == ["1", "2"]
    assert column(widget, AREA) == ["98", "200"]
    assert column(widget, SCORE) == ["0.90", "0.90"]
    session.undo()
    shown(widget, qtbot)
    assert column(widget, ID) == ["1"]
    session.labels.data_setitem((np.array([38, 39]), np.array([50, 50])), 1)
    shown(widget, qtbot)
    assert column(widget, AREA) == ["100"]


def test_a_click_goes_there_and_labels_follow(make_napari_viewer, qtbot):
    """The camera, the selected label, and the row of a label that is chosen in napari."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = opened(viewer, qtbot)
    click(widget, 1)
    assert viewer.scene.camera.center[-2:] == (24.5, 39.5)
    assert cut_out.session.labels.selected_label == 2
    cut_out.session.labels.selected_label = 3
    assert widget.view.ids == (3,)


def test_deleting_merging_and_undoing(make_napari_viewer, qtbot):
    """The Delete key and the buttons act on what is selected."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = opened(viewer, qtbot)
    before = cut_out.session.labels.data.copy()
    widget.view.select([1, 3])
    QTest.keyClick(widget.view, Qt.Key.Key_Delete)
    shown(widget, qtbot)
    assert column(widget, ID) == ["2"]
    cut_out.session.undo()
    shown(widget, qtbot)
    np.testing.assert_array_equal(cut_out.session.labels.data, before)
    widget.view.select([2, 3])
    widget.merge.click()
    shown(widget, qtbot)
    assert column(widget, ID) == ["1", "2"]
    assert widget.view.ids == (2,)


def test_sorting_keeps_the_selection(make_napari_viewer, qtbot):
    """By area, upwards and downwards; a commit takes its place."""
    widget, cut_out = opened(make_napari_viewer(), qtbot, objects=2)
    widget.view.select([1])
    widget.view.sortByColumn(AREA, Qt.SortOrder.DescendingOrder)
    assert column(widget, ID) == ["2", "1"]
    commit(cut_out.session, MIDDLES[2], qtbot)
    shown(widget, qtbot)
    assert column(widget, AREA) == ["200", "100", "98"]
    assert widget.view.ids == (1,)


def test_a_class_is_edited_in_place_and_given_to_several(make_napari_viewer, qtbot):
    """F2, typing and Enter; the combo offers what there is."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = opened(viewer, qtbot)
    click(widget, 0, CLASS)
    widget.view.edit(widget.table.index(0, CLASS))
    editor = widget.view.findChild(QLineEdit)
    QTest.keyClicks(editor, "nucleus")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: cut_out.session.objects.class_of(1) == "nucleus", timeout=20_000)
    shown(widget, qtbot)
    assert widget.class_name.itemText(0) == "nucleus"
    widget.view.select([2, 3])
    widget.class_name.setCurrentIndex(0)
    widget.set_class.click()
    shown(widget, qtbot)
    assert column(widget, CLASS) == ["nucleus"] * 3
    widget.color_by_class.click()
    assert cut_out.session.color_by_class
    cut_out.session.undo()
    shown(widget, qtbot)
    assert column(widget, CLASS) == ["nucleus", "", ""]


def test_review_by_keys_and_buttons(make_napari_viewer, qtbot):
    """The session's keys in the canvas; the decisions in words, and how many there are."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = opened(viewer, qtbot)
    viewer.layers.selection.active = cut_out.session.image
    widget.review.order.setCurrentIndex(widget.review.order.findData("size"))
    widget.review.order.activated.emit(1)
    canvas.press(viewer, Qt.Key.Key_J)
    canvas.press(viewer, Qt.Key.Key_G)
    widget.review.actions["review_reject"].click()
    shown(widget, qtbot)
    assert column(widget, REVIEW) == ["✓ right", "▶ now", "✗ wrong"]
    assert widget.review.decided.text() == "2 of 3 decided"
    widget.review.actions["delete_rejected"].click()
    shown(widget, qtbot)
    assert column(widget, ID) == ["1", "2"]
    assert not widget.review.actions["delete_rejected"].isEnabled()


def test_keys_of_the_session_work_in_the_table(make_napari_viewer, qtbot):
    """Letters aren't searched for in the table, they go on to the window."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = opened(viewer, qtbot)
    viewer.layers.selection.active = cut_out.session.image
    QTest.keyClick(widget.view, Qt.Key.Key_J)
    assert cut_out.session.review.current == 1


def test_splitting_by_two_clicks(make_napari_viewer, qtbot):
    """It says what to click next, and cuts between the clicks."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = opened(viewer, qtbot, objects=2)
    image, active = cut_out.session.image, viewer.layers.selection.active
    widget.view.select([2])
    widget.split.click()
    assert "one half of object 2" in widget.status
    canvas.click(viewer, image.data_to_world((25, 33)))
    assert "the other half" in widget.status
    canvas.click(viewer, image.data_to_world((25, 46)))
    shown(widget, qtbot)
    assert column(widget, AREA) == ["98", "100", "100"]
    assert viewer.layers.selection.active == active
    assert not widget.split.isChecked()
    assert not cut_out.session.has_prompts


def test_escape_ends_a_split(make_napari_viewer, qtbot):
    """The clicks are for the tool again."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = opened(viewer, qtbot, objects=1)
    callbacks = len(viewer.mouse_drag_callbacks)
    widget.view.select([1])
    widget.split.click()
    QTest.keyClick(widget.view, Qt.Key.Key_Escape)
    assert not widget.split.isChecked()
    assert widget.status == "Nothing was split."
    assert len(viewer.mouse_drag_callbacks) == callbacks
    assert cut_out.session.tool == "points"


def test_correcting_takes_the_prompts_up(make_napari_viewer, qtbot):
    """The next commit replaces the object."""
    widget, cut_out = opened(make_napari_viewer(), qtbot, objects=1)
    widget.view.select([1])
    widget.correct.click()
    assert cut_out.session.reopened == 1
    assert cut_out.session.has_prompts


def test_measurements_are_written(make_napari_viewer, qtbot, tmp_path, monkeypatch):
    """One row for each object and frame; a folder that isn't there is a notification."""
    widget, cut_out = opened(make_napari_viewer(), qtbot, objects=2)
    chosen = str(tmp_path / "measured")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (chosen, ""))
    widget.measure.click()
    assert not widget.measuring.isHidden()
    shown(widget, qtbot)
    assert widget.measuring.isHidden()
    assert "2 rows written" in widget.status
    with (tmp_path / "measured.csv").open(encoding="utf-8") as file:
        assert [row["id"] for row in csv.DictReader(file)] == ["1", "2"]
    assert cut_out.session.labels.features["area (pixel²)"].dropna().tolist() == [98, 200]
    told = []
    monkeypatch.setattr("napari_cutout.widgets.beside.show_warning", told.append)
    chosen = str(tmp_path / "nowhere" / "measured.csv")
    widget.measure.click()
    shown(widget, qtbot)
    assert "nowhere" in told[-1]
    assert widget.status == told[-1]
    assert widget.measure.isEnabled()


def test_measuring_is_cancelled(make_napari_viewer, qtbot, tmp_path, monkeypatch):
    """While it waits for pixels the window is free, and nothing is written."""
    widget, cut_out = opened(make_napari_viewer(), qtbot, objects=1)
    read, go_on = threading.Event(), threading.Event()

    def wait(block):
        read.set()
        go_on.wait(20)
        return block

    cut_out.session.image.data = da.from_array(frame())
    qtbot.waitUntil(lambda: not cut_out.is_busy, timeout=20_000)
    work = cut_out.session.measuring(tmp_path / "measured.csv")
    slow = work.work.images[0].data.map_blocks(wait, meta=np.zeros((0, 0), np.uint8))
    work.work = replace(work.work, images=(replace(work.work.images[0], data=slow),))
    widget.measuring.begin(work)
    shown_later(widget, qtbot)
    assert not widget.measure.isEnabled()
    assert read.wait(20)
    widget.measuring.cancel.click()
    go_on.set()
    shown(widget, qtbot)
    assert "cancelled" in widget.status
    assert widget.measure.isEnabled()
    assert not (tmp_path / "measured.csv").exists()
    assert "area (pixel²)" not in cut_out.session.labels.features


def test_it_follows_cut_out(make_napari_viewer_proxy, qtbot):
    """Without it, without an image, on another image, and when it is closed."""
    viewer = make_napari_viewer_proxy()
    widget = Objects(viewer)
    viewer.window.add_dock_widget(widget, name="Objects")
    shown(widget, qtbot)
    assert widget.session is None
    assert "isn't open" in widget.notice.text()
    first, second = viewer.add_image(frame()), viewer.add_image(frame())
    cut_out = CutOut(viewer)
    dock = viewer.window.add_dock_widget(cut_out, name="Cut Out")
    for image in (first, second):
        cut_out.work_on(image)
        qtbot.waitUntil(lambda: widget.session is cut_out.session, timeout=20_000)
    assert "No objects yet" in widget.notice.text()
    viewer.window.remove_dock_widget(dock)
    qtbot.waitUntil(lambda: widget.session is None, timeout=20_000)
    assert "isn't open" in widget.notice.text()


def use_and_close(viewer, qtbot):
    widget = Objects(viewer)
    dock = viewer.window.add_dock_widget(widget, name="Objects")
    shown(widget, qtbot)
    widget.view.select([1])
    widget.split.click()
    viewer.window.remove_dock_widget(dock)
    widget.deleteLater()
    return weakref.ref(widget)


def test_closed_and_collected(make_napari_viewer, qtbot):
    """Nothing of the viewer or the session holds it, and its clicks are gone."""
    viewer = make_napari_viewer()
    _, cut_out = opened(viewer, qtbot, objects=1)
    callbacks = len(viewer.mouse_drag_callbacks)
    gone = use_and_close(viewer, qtbot)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert gone() is None
    assert len(viewer.mouse_drag_callbacks) == callbacks
    cut_out.session.undo()


def test_every_control_explains_itself(make_napari_viewer, qtbot):
    """Tooltips, a way by keyboard, keys on buttons."""
    widget = Objects(make_napari_viewer())
    qtbot.addWidget(widget)
    controls = widget.findChildren(QAbstractButton) + widget.findChildren(QComboBox)
    controls = [control for control in controls if control.parent() is not widget.view]
    assert all(control.toolTip() for control in controls)
    assert all(control.focusPolicy() & Qt.FocusPolicy.TabFocus for control in controls)
    actions = widget.review.actions.items()
    keys = {name: button.text().rpartition("[")[2][:-1] for name, button in actions}
    keys.pop("delete_rejected")
    assert list(keys.values()) == ["Q", "J", "G", "W", "U"]
    assert [widget.view.model().headerData(at, Qt.Orientation.Horizontal) for at in range(7)] == [
        *TITLES
    ]
    widget.shut()
