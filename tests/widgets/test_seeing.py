"""What the model sees is chosen in the widget: window, channels, and embeddings kept on disk."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.io import imsave

from exact_family import exact_segmenter
from napari_cutout.layers.preferences import Preferences, store_path
from napari_cutout.segment.store import beside
from napari_cutout.widgets import CutOut

pytestmark = pytest.mark.gui

LEFT = np.s_[5:12, 6:20]


@pytest.fixture
def open_on(make_napari_viewer, qtbot):
    """Open the widget on an image; returns it and waiting until it is idle."""

    def begin(path_or_data, **options):
        viewer = make_napari_viewer()
        if isinstance(path_or_data, np.ndarray):
            viewer.add_image(path_or_data, **options)
        else:
            viewer.open(path_or_data, plugin="napari")
        widget = CutOut(viewer)
        viewer.window.add_dock_widget(widget, name="Cut Out")
        widget.session.model = exact_segmenter()

        def settle():
            qtbot.waitUntil(lambda: not widget.is_busy, timeout=30_000)

        settle()
        return widget, settle

    return begin


def test_a_window_is_chosen(window):
    box = window.widget.window_choice
    box.setCurrentIndex(box.findData("view"))
    assert window.session.window == "view"
    window.session.window = "whole"
    window.settle()
    assert box.currentData() == "whole"


def test_channels_are_chosen(open_on, frame):
    data = np.stack([np.zeros_like(frame), frame, np.zeros_like(frame)])
    widget, settle = open_on(data, axis_labels=("C", "y", "x"))
    session, seeing = widget.session, widget.seeing
    assert [seeing.axis.itemText(k) for k in range(seeing.axis.count())][:2] == ["None", "C (3)"]
    seeing.axis.setCurrentIndex(1)
    seeing.axis.activated.emit(1)
    assert session.channels.positions == (0,)
    seeing.positions.setText("1")
    seeing.positions.editingFinished.emit()
    settle()
    assert session.channels.positions == (1,)
    session.add_point((8, 10))
    settle()
    widget.actions["commit"].click()
    assert np.asarray(session.labels.data).any()
    seeing.axis.setCurrentIndex(0)
    seeing.axis.activated.emit(0)
    assert session.channels is None
    settle()


def test_channels_that_are_not_there_are_said(open_on, frame, monkeypatch):
    said = []
    monkeypatch.setattr("napari_cutout.widgets.cut_out.show_warning", said.append)
    widget, settle = open_on(np.stack([frame] * 3))
    seeing = widget.seeing
    seeing.axis.setCurrentIndex(1)
    seeing.positions.setText("7")
    seeing.axis.activated.emit(1)
    assert "not 7" in said[-1]
    assert seeing.axis.currentText() == "None", "what the session has"
    seeing.axis.setCurrentIndex(1)
    seeing.positions.setText("nonsense")
    seeing.positions.editingFinished.emit()
    assert "one channel or three" in said[-1]
    settle()


def test_a_plain_image_has_no_axis_of_channels(window):
    assert not window.widget.seeing.axis.isEnabled()
    assert not window.widget.seeing.positions.isEnabled()


def test_embeddings_are_kept_beside_the_image_measured_and_cleared(open_on, frame, tmp_path):
    path = tmp_path / "cells.tif"
    imsave(path, frame, check_contrast=False)
    widget, settle = open_on(str(path))
    store = widget.seeing.store
    assert store.size.text() == "nothing"
    store.keep.click()
    assert widget.session.store.path == beside(path)
    widget.session.model = exact_segmenter()
    settle()
    assert store.size.text().endswith("MB")
    assert beside(path).is_dir()
    store.clear.click()
    settle()
    assert store.size.text() == "nothing"
    assert not store.clear.isEnabled()
    store.keep.click()
    assert widget.session.store is None
    settle()


def test_an_image_that_is_no_file_has_no_place_on_disk(window):
    assert not window.widget.seeing.store.keep.isEnabled()
    assert "Preferences" in window.widget.seeing.store.keep.toolTip()


def test_the_folder_of_the_preferences_is_used(open_on, frame, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "napari_cutout.widgets.opening.read_preferences",
        lambda: Preferences(store=True, store_folder=str(tmp_path), autosave=False),
    )
    widget, settle = open_on(frame)
    assert widget.seeing.store.keep.isChecked()
    assert widget.session.store.path.parent == tmp_path
    settle()
    assert widget.session.store.size > 0


def test_a_disk_that_cannot_be_written_is_said(open_on, frame, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr("napari_cutout.widgets.cut_out.show_warning", said.append)
    (tmp_path / "file").touch()
    monkeypatch.setattr(
        "napari_cutout.widgets.opening.read_preferences",
        lambda: Preferences(store=True, store_folder=str(tmp_path / "file"), autosave=False),
    )
    widget, settle = open_on(frame)
    widget.session.add_point((8, 10))
    settle()
    assert widget.session.candidates is not None
    assert any("can't be stored" in text for text in said)


def test_neighbours_are_encoded_when_nothing_else_is_to_be_done(open_on, frame, qtbot):
    widget, settle = open_on(np.stack([frame, frame[::-1], frame[:, ::-1]]))
    family = widget.session.model.family
    qtbot.waitUntil(lambda: family.calls["encode"] == 3, timeout=30_000)
    settle()


def test_where_the_store_is(tmp_path, frame):
    from napari.layers import Image

    image = Image(frame)
    assert store_path(Preferences(), image) is None
    assert store_path(Preferences(store_folder=str(tmp_path)), image).parent == tmp_path
    np.save(tmp_path / "a.npy", frame)
    mapped = Image(np.load(tmp_path / "a.npy", mmap_mode="r"))
    assert store_path(Preferences(), mapped) == beside(tmp_path / "a.npy")
