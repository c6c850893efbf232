"""The dock widget "Folder" in a real window, beside "Cut Out" with a model of known answers."""

from __future__ import annotations

import gc
import weakref

import napari
import numpy as np
import pytest
import tifffile
from qtpy.QtCore import QCoreApplication, QEvent, Qt, QTimer
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QMessageBox

from exact_family import exact_segmenter
from full_disk import full_disk
from napari_cutout.widgets import CutOut
from napari_cutout.widgets.folder import Folder

pytestmark = pytest.mark.gui

REGION, INSIDE = np.s_[5:12, 6:20], (8, 10)


def frame():
    pixels = np.zeros((40, 60), np.uint8)
    pixels[REGION] = 255
    return pixels


@pytest.fixture
def images(tmp_path):
    for name in ("1", "2", "10"):
        tifffile.imwrite(tmp_path / f"{name}.tif", frame())
    return tmp_path


def idle(widget, qtbot):
    cut_out = widget._cut_out()
    qtbot.waitUntil(
        lambda: not widget.is_busy and not (cut_out is not None and cut_out.is_busy),
        timeout=30_000,
    )


def docked(viewer, qtbot, images=None):
    """Both widgets in their docks, with a model that has nothing to load."""
    cut_out = CutOut(viewer)
    viewer.window.add_dock_widget(cut_out, name="Cut Out")
    # What is tested needs no model until an object is cut.
    cut_out.live.setChecked(False)
    widget = Folder(viewer)
    viewer.window.add_dock_widget(widget, name="Folder")
    if images is not None:
        widget.open_series(images)
        qtbot.waitUntil(
            lambda: widget.folder is not None and widget.folder.path is not None, timeout=30_000
        )
        idle(widget, qtbot)
    return widget, cut_out


def shown(widget):
    """The table as it is read."""
    model = widget.table
    rows = range(model.rowCount())
    return [" ".join(model.index(row, col).data() for col in (0, 1)).strip() for row in rows]


def commit(widget, qtbot, cut_out):
    session = widget.folder.session
    assert session is cut_out.session, "there is one session, and both have it"
    session.model = exact_segmenter()
    session.add_point(INSIDE)
    session.update()
    qtbot.waitUntil(lambda: session.candidates is not None, timeout=30_000)
    session.commit()


def test_a_person_goes_through_a_folder_by_buttons_and_keys(make_napari_viewer, qtbot, images):
    viewer = make_napari_viewer(show=True)
    mine = viewer.add_points([[1, 2]], name="mine")
    widget, cut_out = docked(viewer, qtbot)
    widget.images.setText(str(images / "*.tif"))
    QTest.keyClick(widget.images, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: widget.progress == "1 of 3, 0 done", timeout=30_000)
    idle(widget, qtbot)
    assert shown(widget) == ["1.tif ▶ shown", "2.tif", "10.tif"]
    commit(widget, qtbot, cut_out)

    widget.done_and_next.click()
    qtbot.waitUntil(lambda: widget.progress == "2 of 3, 1 done", timeout=30_000)
    idle(widget, qtbot)
    assert shown(widget) == ["1.tif ✓ done", "2.tif ▶ shown", "10.tif"]
    assert "Saved 1.labels.tif" in widget.status
    np.testing.assert_array_equal(tifffile.imread(images / "1.labels.tif"), frame() > 0)
    assert [layer.name for layer in viewer.layers if layer.name.startswith("points")] == [
        "points for 2"
    ]

    widget.next.setFocus()
    QTest.keyClick(widget.next, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: widget.progress == "3 of 3, 1 done", timeout=30_000)
    idle(widget, qtbot)
    widget.files.setCurrentIndex(widget.table.index(0, 0))
    QTest.keyClick(widget.files, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: widget.progress == "1 of 3, 1 done", timeout=30_000)
    idle(widget, qtbot)
    assert widget.done.isChecked()
    np.testing.assert_array_equal(cut_out.session.labels.data, frame() > 0)
    widget.done.click()
    qtbot.waitUntil(lambda: widget.progress == "1 of 3, 0 done", timeout=30_000)
    assert mine in viewer.layers
    idle(widget, qtbot)


def test_cut_out_is_opened_where_it_is_needed(make_napari_viewer_proxy, qtbot, images):
    """Through the viewer that a plugin is handed."""
    viewer = make_napari_viewer_proxy()
    widget = Folder(viewer)
    viewer.window.add_dock_widget(widget, name="Folder")
    widget.open_series(images)
    qtbot.waitUntil(
        lambda: widget.folder is not None and widget.folder.session is not None, timeout=30_000
    )
    cut_out = widget._cut_out()
    cut_out.live.setChecked(False)
    assert cut_out.session.image == widget.folder.image
    idle(widget, qtbot)

    # The person closes "Cut Out", and goes on: it comes back.
    viewer.window.remove_dock_widget(cut_out)
    assert widget.folder.session is None
    widget.next.click()
    qtbot.waitUntil(lambda: widget.folder.place == 1, timeout=30_000)
    widget._cut_out().live.setChecked(False)
    assert widget.folder.session is widget._cut_out().session
    idle(widget, qtbot)


def test_an_image_chosen_in_cut_out_and_back_is_still_the_files(
    make_napari_viewer_proxy, qtbot, images
):
    viewer = make_napari_viewer_proxy()
    other = viewer.add_image(frame(), name="other")
    widget, cut_out = docked(viewer, qtbot, images)
    commit(widget, qtbot, cut_out)
    labels = widget.folder.labels
    cut_out.work_on(other)
    assert widget.folder.session is None
    cut_out.work_on(widget.folder.image)
    qtbot.waitUntil(lambda: widget.folder.session is not None, timeout=30_000)
    assert widget.folder.session is cut_out.session
    assert cut_out.session.labels == labels
    idle(widget, qtbot)


def use_and_close(viewer, qtbot, images):
    widget, cut_out = docked(viewer, qtbot, images)
    commit(widget, qtbot, cut_out)
    idle(widget, qtbot)
    folder = widget.folder
    for dock in (widget, cut_out):
        viewer.window.remove_dock_widget(dock)
        dock.deleteLater()
    assert folder.is_closed
    return [weakref.ref(widget), weakref.ref(folder)]


def test_taken_out_of_its_dock_it_saves_and_goes(make_napari_viewer_proxy, qtbot, images):
    viewer = make_napari_viewer_proxy()
    gone = use_and_close(viewer, qtbot, images)
    assert (images / "1.labels.tif").exists()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()

    assert [dead() for dead in gone] == [None] * 2
    assert [layer.name for layer in viewer.layers] == ["1", "objects of 1"]


def test_closing_the_window_saves(make_napari_viewer, qtbot, images):
    viewer = make_napari_viewer(show=True)
    widget, cut_out = docked(viewer, qtbot, images)
    commit(widget, qtbot, cut_out)
    idle(widget, qtbot)
    viewer.close()

    assert (images / "1.labels.tif").exists()


def test_closing_what_cannot_be_saved_asks_first(make_napari_viewer, qtbot, images, monkeypatch):
    """The person chooses to stay, makes room, and closes again."""
    viewer = make_napari_viewer(show=True)
    widget, cut_out = docked(viewer, qtbot, images)
    commit(widget, qtbot, cut_out)
    widget.folder.labels.data[:] = np.random.default_rng(0).integers(0, 1 << 20, (40, 60))
    idle(widget, qtbot)
    asked = []

    def stay(*arguments):
        asked.append(arguments[2])
        return QMessageBox.StandardButton.Cancel

    monkeypatch.setattr(QMessageBox, "warning", stay)
    window = widget.window()

    def close():
        with full_disk():
            window.close()
        QApplication.instance().exit()

    QTimer.singleShot(0, close)
    QApplication.instance().exec()
    assert "can't write" in asked[0]
    assert window.isVisible()
    viewer.close()
    assert (images / "1.labels.tif").exists()


def test_what_is_wrong_is_a_notification(make_napari_viewer_proxy, qtbot, tmp_path, monkeypatch):
    viewer = make_napari_viewer_proxy()
    widget, _ = docked(viewer, qtbot)
    said = []
    monkeypatch.setattr("napari_cutout.widgets.one_by_one.show_warning", said.append)
    widget.begin.click()
    assert "Choose a folder" in widget.status
    widget.open_series(tmp_path)
    qtbot.waitUntil(lambda: len(said) == 1, timeout=30_000)
    assert "no image in" in said[0] == widget.status
    assert widget.folder is None
    idle(widget, qtbot)


def test_while_labels_cannot_be_saved_nothing_moves(
    make_napari_viewer_proxy, qtbot, images, monkeypatch
):
    viewer = make_napari_viewer_proxy()
    widget, cut_out = docked(viewer, qtbot, images)
    said = []
    monkeypatch.setattr("napari_cutout.widgets.one_by_one.show_warning", said.append)
    commit(widget, qtbot, cut_out)
    widget.folder.labels.data[:] = np.random.default_rng(0).integers(0, 1 << 20, (40, 60))
    with full_disk():
        widget.done_and_next.click()
        qtbot.waitUntil(lambda: len(said) == 1, timeout=30_000)
        widget.open_series(images / "*.tif")
        qtbot.waitUntil(lambda: len(said) == 2, timeout=30_000)
    assert widget.progress == "1 of 3, 0 done"
    assert not widget.done.isChecked()
    assert "can't write" in widget.status
    idle(widget, qtbot)


@pytest.mark.parametrize("answer", ["Yes", "No", "Cancel"])
def test_a_preview_that_is_not_committed_is_asked_about(
    make_napari_viewer_proxy, qtbot, images, monkeypatch, answer
):
    viewer = make_napari_viewer_proxy()
    widget, _ = docked(viewer, qtbot, images)
    session = widget.folder.session
    session.model = exact_segmenter()
    session.add_point(INSIDE)
    session.update()
    qtbot.waitUntil(lambda: session.candidates is not None, timeout=30_000)
    given = getattr(QMessageBox.StandardButton, answer)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: given)
    widget.next.click()
    if answer == "Cancel":
        assert widget.progress == "1 of 3, 0 done"
        assert session.has_prompts
    else:
        qtbot.waitUntil(lambda: widget.progress == "2 of 3, 0 done", timeout=30_000)
    idle(widget, qtbot)
    assert (images / "1.labels.tif").exists() == (answer == "Yes")


def test_another_folder_takes_the_place_of_the_first(make_napari_viewer_proxy, qtbot, images):
    viewer = make_napari_viewer_proxy()
    widget, cut_out = docked(viewer, qtbot, images)
    commit(widget, qtbot, cut_out)
    other = images / "other"
    other.mkdir()
    tifffile.imwrite(other / "a.tif", frame())
    widget.open_series(other)
    qtbot.waitUntil(
        lambda: widget.folder is not None and widget.folder.path == other / "a.tif", timeout=30_000
    )
    assert (images / "1.labels.tif").exists()
    assert [layer.name for layer in viewer.layers if layer.name[:1] in "1ao"] == ["a"]
    assert widget.folder.session is cut_out.session
    idle(widget, qtbot)


def test_readers_are_offered_for_the_files(make_napari_viewer_proxy, qtbot, images):
    viewer = make_napari_viewer_proxy()
    widget, _ = docked(viewer, qtbot, images)
    assert [widget.reader.itemText(k) for k in range(widget.reader.count())] == [
        "As napari does",
        "Cut Out's own",
        "napari builtins",
    ]
    widget.reader.setCurrentIndex(1)
    widget.next.click()
    qtbot.waitUntil(lambda: widget.folder.place == 1, timeout=30_000)
    assert widget.folder.image.source.reader_plugin is None
    idle(widget, qtbot)


def test_every_control_explains_itself(qtbot):
    """Tooltips, names for screen readers, mnemonics that differ, and a way by keyboard."""
    widget = Folder(napari.components.ViewerModel())
    qtbot.addWidget(widget)
    kinds = (QAbstractButton, QComboBox, QLineEdit)
    controls = [*(c for kind in kinds for c in widget.findChildren(kind)), widget.files]
    assert len(controls) >= 12
    assert all(control.toolTip() and control.accessibleName() for control in controls)
    assert all(control.focusPolicy() & Qt.FocusPolicy.TabFocus for control in controls)
    widget.close()


def test_letters_are_neither_those_of_cut_out_nor_of_the_menus(qtbot):
    """The two are open together; a letter that two controls have presses neither."""
    widget, cut_out = (kind(napari.components.ViewerModel()) for kind in (Folder, CutOut))
    texts = [
        [control.text() for kind in (QAbstractButton, QLabel) for control in one.findChildren(kind)]
        for one in (widget, cut_out)
    ]
    ours, theirs = ([text.partition("&")[2][:1] for text in found] for found in texts)
    ours = [letter.upper() for letter in ours if letter]
    assert len(ours) == len(set(ours)) == 4
    assert not set(ours) & {letter.upper() for letter in theirs if letter}
    assert not set(ours) & set("FVLPWH")
    for one in (widget, cut_out):
        one.close()
        one.deleteLater()
