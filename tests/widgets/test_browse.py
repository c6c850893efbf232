"""The dock widget "Browse" in a real window: its buttons, keys, list and what it says."""

from __future__ import annotations

import gc
import weakref

import napari
import numpy as np
import pytest
from qtpy.QtCore import QCoreApplication, QEvent, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLineEdit, QMessageBox
from skimage.io import imsave

from annotated_images import annotated
from exact_family import exact_segmenter
from napari_cutout.formats.objects.annotated import AnnotatedImage
from napari_cutout.formats.objects.coco_writing import write_coco
from napari_cutout.formats.objects.sa1b import write_sa1b
from napari_cutout.widgets import Browse, CutOut, Folder, browse_commands

pytestmark = pytest.mark.gui

SHAPE, LEFT, RIGHT = (40, 60), np.s_[5:12, 6:20], np.s_[20:30, 30:50]
IN_RIGHT = (25, 40)


def mask(*places):
    drawn = np.zeros(SHAPE, bool)
    for place in places:
        drawn[place] = True
    return drawn


def one_object(file_name, **known):
    return AnnotatedImage(file_name, SHAPE, (annotated(1, mask(LEFT), score=0.5, **known),))


@pytest.fixture
def folder(tmp_path):
    """Three files of SA-1B, beside their images of two bright rectangles."""
    pixels = mask(LEFT, RIGHT).astype(np.uint8) * 255
    for name in ("1", "2", "10"):
        write_sa1b(tmp_path / f"{name}.json", one_object(f"{name}.png"))
        imsave(tmp_path / f"{name}.png", pixels, check_contrast=False)
    return tmp_path


def idle(widget, qtbot):
    qtbot.waitUntil(lambda: not widget.is_busy, timeout=60_000)


def docked(viewer, qtbot, path=None):
    widget = Browse(viewer)
    viewer.window.add_dock_widget(widget, name="Browse")
    if path is not None:
        widget.open_folder(path)
        qtbot.waitUntil(lambda: bool(widget.progress), timeout=60_000)
        idle(widget, qtbot)
    return widget


def shown(widget, column=0):
    model = widget.table
    return [model.index(row, column).data() for row in range(model.rowCount())]


def names(viewer):
    return [layer.name for layer in viewer.layers]


def test_a_person_goes_through_a_folder_by_buttons_keys_and_clicks(
    make_napari_viewer, qtbot, folder
):
    viewer = make_napari_viewer(show=True)
    widget = docked(viewer, qtbot)
    widget.path.setText(str(folder))
    QTest.keyClick(widget.path, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: widget.progress == "1 of 3, 1 object", timeout=60_000)
    assert names(viewer) == ["1", "1 objects"]
    qtbot.waitUntil(lambda: shown(widget, 1) == ["1", "1", "1"], timeout=60_000)
    assert shown(widget) == ["1.json", "2.json", "10.json"]
    assert shown(widget, 2) == ["▶ shown", "", ""]

    widget.next.click()
    qtbot.waitUntil(lambda: names(viewer) == ["2", "2 objects"], timeout=60_000)
    assert widget.images.currentIndex().row() == 1
    assert viewer.layers["2 objects"].features["score"].tolist() == [0.5]
    idle(widget, qtbot)

    # The keys work while the canvas has the focus.
    viewer.window._qt_window.activateWindow()
    canvas = viewer.window._qt_viewer.canvas.native
    canvas.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is canvas, timeout=60_000)
    QTest.keyClick(canvas, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: names(viewer) == ["10", "10 objects"], timeout=60_000)
    idle(widget, qtbot)
    QTest.keyClick(canvas, Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: names(viewer) == ["2", "2 objects"], timeout=60_000)
    idle(widget, qtbot)

    place = widget.images.visualRect(widget.table.index(0, 0)).center()
    QTest.mouseClick(widget.images.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: names(viewer) == ["1", "1 objects"], timeout=60_000)
    idle(widget, qtbot)
    widget.images.setCurrentIndex(widget.table.index(2, 0))
    QTest.keyClick(widget.images, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: names(viewer) == ["10", "10 objects"], timeout=60_000)
    idle(widget, qtbot)
    widget.previous.click()
    qtbot.waitUntil(lambda: names(viewer) == ["2", "2 objects"], timeout=60_000)
    idle(widget, qtbot)


def test_a_folder_or_a_file_is_chosen_in_a_dialog(
    make_napari_viewer_proxy, qtbot, folder, monkeypatch
):
    """Through the viewer that a plugin is handed."""
    viewer = make_napari_viewer_proxy()
    widget = docked(viewer, qtbot)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    widget.choose_folder.click()
    qtbot.waitUntil(lambda: widget.progress == "1 of 3, 1 object", timeout=60_000)
    idle(widget, qtbot)
    write_coco(folder / "all.json", [one_object("1.png", class_name="cell")])
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda *_: (str(folder / "all.json"), "JSON")
    )
    widget.choose_file.click()
    qtbot.waitUntil(lambda: widget.progress == "1 of 1, 1 object", timeout=60_000)
    assert names(viewer) == ["1", "1 objects"]
    assert viewer.layers["1 objects"].features["class"].tolist() == ["cell"]
    idle(widget, qtbot)


def test_a_dialog_that_is_cancelled_changes_nothing(
    make_napari_viewer_proxy, qtbot, folder, monkeypatch
):
    widget = docked(make_napari_viewer_proxy(), qtbot, folder)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    for button in (widget.choose_folder, widget.choose_file):
        button.click()
    idle(widget, qtbot)
    assert widget.progress == "1 of 3, 1 object"
    assert widget.path.text() == str(folder)


def test_the_filter_lists_and_goes_through_some(make_napari_viewer_proxy, qtbot, folder):
    viewer = make_napari_viewer_proxy()
    widget = docked(viewer, qtbot, folder)
    QTest.keyClicks(widget.filter, "1")
    assert shown(widget) == ["1.json", "10.json"]
    assert widget.progress == "1 of 3, 2 listed, 1 object"
    widget.next.click()
    qtbot.waitUntil(lambda: names(viewer) == ["10", "10 objects"], timeout=60_000)
    idle(widget, qtbot)
    widget.filter.clear()
    assert shown(widget) == ["1.json", "2.json", "10.json"]
    assert widget.images.currentIndex().row() == 2
    idle(widget, qtbot)


def test_a_broken_file_is_said_and_stepped_over(make_napari_viewer_proxy, qtbot, folder):
    viewer = make_napari_viewer_proxy()
    (folder / "2.json").write_bytes((folder / "2.json").read_bytes()[:-20])
    widget = docked(viewer, qtbot, folder)
    widget.next.click()
    qtbot.waitUntil(lambda: names(viewer) == ["10", "10 objects"], timeout=60_000)
    assert "2.json can't be read" in widget.status
    assert shown(widget, 2) == ["", "✗ can't be read", "▶ shown"]
    tip = widget.table.index(1, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "not whole JSON" in tip
    idle(widget, qtbot)


def test_a_missing_image_is_said(make_napari_viewer_proxy, qtbot, folder):
    viewer = make_napari_viewer_proxy()
    (folder / "1.png").unlink()
    widget = docked(viewer, qtbot, folder)
    assert names(viewer) == ["1 objects"]
    assert "1.png, isn't there" in widget.status
    assert not widget.annotate.isEnabled()


def test_a_folder_without_annotations_is_a_notification(
    make_napari_viewer_proxy, qtbot, tmp_path, monkeypatch
):
    widget = docked(make_napari_viewer_proxy(), qtbot)
    said = []
    monkeypatch.setattr("napari_cutout.widgets.one_by_one.show_warning", said.append)
    QTest.keyClick(widget.path, Qt.Key.Key_Return)
    assert widget.status.startswith("Choose a folder")
    widget.open_folder(tmp_path)
    qtbot.waitUntil(lambda: len(said) == 1, timeout=60_000)
    assert "no annotated image in" in said[0] == widget.status
    assert widget.browser is None
    idle(widget, qtbot)


def test_what_was_painted_stays_and_comes_back(make_napari_viewer_proxy, qtbot, folder):
    viewer = make_napari_viewer_proxy()
    widget = docked(viewer, qtbot, folder)
    labels = viewer.layers["1 objects"]
    labels.paint((30, 5), 9)
    painted = np.array(labels.data)
    widget.next.click()
    qtbot.waitUntil(lambda: "2" in names(viewer), timeout=60_000)
    idle(widget, qtbot)
    assert names(viewer) == ["1 objects", "2", "2 objects"]
    assert not viewer.layers["1 objects"].visible
    assert shown(widget, 2) == ["✎ edited", "▶ shown", ""]
    assert "was edited: it stays" in widget.status
    widget.previous.click()
    qtbot.waitUntil(lambda: names(viewer) == ["1", "1 objects"], timeout=60_000)
    np.testing.assert_array_equal(viewer.layers["1 objects"].data, painted)
    assert viewer.layers["1 objects"].visible
    idle(widget, qtbot)


def test_another_folder_takes_the_place_of_the_first(make_napari_viewer_proxy, qtbot, folder):
    viewer = make_napari_viewer_proxy()
    widget = docked(viewer, qtbot, folder)
    viewer.layers["1 objects"].paint((30, 5), 9)
    other = folder / "other"
    other.mkdir()
    write_sa1b(other / "a.json", one_object("a.png"))
    widget.open_folder(other)
    qtbot.waitUntil(lambda: widget.progress == "1 of 1, 1 object", timeout=60_000)
    assert names(viewer) == ["1 objects", "a objects"]
    idle(widget, qtbot)


# Together with "Cut Out"


def cut_out_idle(widget, cut_out, qtbot):
    qtbot.waitUntil(lambda: not (widget.is_busy or cut_out.is_busy), timeout=60_000)


@pytest.fixture
def correcting(make_napari_viewer_proxy, qtbot, folder):
    """Both widgets, "Cut Out" on the first image and its labels by the button."""
    viewer = make_napari_viewer_proxy()
    cut_out = CutOut(viewer)
    viewer.window.add_dock_widget(cut_out, name="Cut Out")
    cut_out.live.setChecked(False)
    widget = docked(viewer, qtbot, folder)
    widget.annotate.click()
    cut_out_idle(widget, cut_out, qtbot)
    return viewer, widget, cut_out


def test_what_is_cut_out_goes_into_the_labels_of_each_image(correcting, qtbot):
    viewer, widget, cut_out = correcting
    session = cut_out.session
    assert session.labels == widget.browser.labels
    session.model = exact_segmenter()
    session.add_point(IN_RIGHT)
    session.update()
    qtbot.waitUntil(lambda: session.candidates is not None, timeout=60_000)
    session.commit()
    np.testing.assert_array_equal(
        viewer.layers["1 objects"].data, mask(LEFT) + 2 * mask(RIGHT).astype(int)
    )
    cut_out_idle(widget, cut_out, qtbot)

    widget.next.click()
    qtbot.waitUntil(lambda: widget.browser.place == 1, timeout=60_000)
    cut_out_idle(widget, cut_out, qtbot)
    assert "1 objects" in names(viewer)
    assert cut_out.session.image == viewer.layers["2"]
    assert cut_out.session.labels == viewer.layers["2 objects"]


def test_labels_that_were_chosen_for_a_target_are_kept_to(correcting, qtbot):
    viewer, widget, cut_out = correcting
    mine = viewer.add_labels(np.zeros(SHAPE, np.int32), name="mine")
    cut_out.session.labels = mine
    widget.next.click()
    qtbot.waitUntil(lambda: widget.browser.place == 1, timeout=60_000)
    cut_out_idle(widget, cut_out, qtbot)
    assert cut_out.session.image == viewer.layers["2"]
    assert cut_out.session.labels is None
    assert mine in viewer.layers


@pytest.mark.parametrize("answer", ["Yes", "No", "Cancel"])
def test_a_preview_that_is_not_committed_is_asked_about(correcting, qtbot, monkeypatch, answer):
    viewer, widget, cut_out = correcting
    session = cut_out.session
    session.model = exact_segmenter()
    session.add_point(IN_RIGHT)
    session.update()
    qtbot.waitUntil(lambda: session.candidates is not None, timeout=60_000)
    given = getattr(QMessageBox.StandardButton, answer)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: given)
    widget.next.click()
    cut_out_idle(widget, cut_out, qtbot)
    if answer == "Cancel":
        assert widget.browser.place == 0
        assert session.has_prompts
        assert widget.status == "This is still 1.json."
    else:
        assert widget.browser.place == 1
        assert session.is_closed
    kept = "1 objects" in names(viewer) and bool((viewer.layers["1 objects"].data == 2).any())
    assert kept == (answer == "Yes")


def test_cut_out_is_opened_where_it_is_needed(make_napari_viewer_proxy, qtbot, folder):
    viewer = make_napari_viewer_proxy()
    widget = docked(viewer, qtbot, folder)
    widget.annotate.click()
    cut_out = next(w for w in viewer.window.dock_widgets.values() if isinstance(w, CutOut))
    cut_out.live.setChecked(False)
    assert cut_out.session.labels == widget.browser.labels
    cut_out_idle(widget, cut_out, qtbot)


def test_cut_out_on_another_image_is_left_there(make_napari_viewer_proxy, qtbot, folder):
    viewer = make_napari_viewer_proxy()
    mine = viewer.add_image(np.zeros(SHAPE, np.uint8), name="mine")
    cut_out = CutOut(viewer)
    viewer.window.add_dock_widget(cut_out, name="Cut Out")
    cut_out.live.setChecked(False)
    widget = docked(viewer, qtbot, folder)
    widget.next.click()
    qtbot.waitUntil(lambda: widget.browser.place == 1, timeout=60_000)
    assert cut_out.session.image == mine
    cut_out_idle(widget, cut_out, qtbot)


# The widget itself


def test_the_command_palette_goes_on(make_napari_viewer, qtbot, folder, monkeypatch):
    from napari._app_model import get_app_model

    said = []
    monkeypatch.setattr("napari.utils.notifications.show_warning", said.append)
    viewer = make_napari_viewer()
    browse_commands.browse_next(viewer)
    assert "Plugins > Cut Out > Browse" in said[-1]
    _, widget = viewer.window.add_plugin_dock_widget("napari-cutout", "Browse")
    browse_commands.browse_previous(viewer)
    assert "has no folder yet" in said[-1]
    widget.open_folder(folder)
    qtbot.waitUntil(lambda: bool(widget.progress), timeout=60_000)
    idle(widget, qtbot)
    commands = get_app_model().commands
    for command, expected in (("browse_next", "2"), ("browse_previous", "1")):
        commands.execute_command(f"napari-cutout.{command}").result()
        qtbot.waitUntil(lambda name=expected: name in names(viewer), timeout=60_000)
        idle(widget, qtbot)
    assert len(said) == 2


def use_and_close(viewer, qtbot, folder):
    widget = docked(viewer, qtbot, folder)
    browser = widget.browser
    viewer.window.remove_dock_widget(widget)
    widget.deleteLater()
    assert browser.is_closed
    return [weakref.ref(widget), weakref.ref(browser)]


def test_taken_out_of_its_dock_it_leaves_the_layers_and_goes(
    make_napari_viewer_proxy, qtbot, folder
):
    viewer = make_napari_viewer_proxy()
    gone = use_and_close(viewer, qtbot, folder)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()

    assert [dead() for dead in gone] == [None] * 2
    assert names(viewer) == ["1", "1 objects"]


def test_every_control_explains_itself(qtbot):
    """Tooltips, names for screen readers, letters that differ, and a way by keyboard."""
    widget = Browse(napari.components.ViewerModel())
    qtbot.addWidget(widget)
    kinds = (QAbstractButton, QLineEdit)
    controls = [*(c for kind in kinds for c in widget.findChildren(kind)), widget.images]
    controls = [control for control in controls if control.objectName() != "qt_"]
    ours = [control for control in controls if not isinstance(control.parent(), QLineEdit)]
    assert len(ours) == 8
    assert all(control.toolTip() and control.accessibleName() for control in ours)
    assert all(control.focusPolicy() & Qt.FocusPolicy.TabFocus for control in ours)
    assert "Ctrl+PgDown" in widget.next.toolTip()
    assert "Ctrl+PgUp" in widget.previous.toolTip()
    widget.close()


def test_its_letter_is_neither_that_of_cut_out_nor_of_the_folder(qtbot):
    """They may be open together; a letter that two controls have presses neither."""
    found = []
    for kind in (Browse, CutOut, Folder):
        widget = kind(napari.components.ViewerModel())
        texts = [button.text() for button in widget.findChildren(QAbstractButton)]
        found.append({text.partition("&")[2][:1].upper() for text in texts if "&" in text})
        widget.close()
        widget.deleteLater()
    ours, *theirs = found
    assert ours == {"Q"}
    assert not ours & set().union(*theirs, "FVLPWH")
