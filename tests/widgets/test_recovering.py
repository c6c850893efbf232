"""After a session that ended by accident the widget offers to go on."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from napari.components import ViewerModel

from exact_family import exact_segmenter
from napari_cutout.layers import Session
from napari_cutout.layers.journal.files import data_folder
from napari_cutout.widgets import CutOut

pytestmark = pytest.mark.gui

LEFT = np.s_[5:12, 6:20]


@pytest.fixture
def left(tmp_path, monkeypatch, frame):
    """The files of a session with one commit and a prompt, as its process was killed."""
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", str(tmp_path / "before"))
    viewer = ViewerModel()
    session = Session(viewer, viewer.add_image(frame), exact_segmenter(), autosave=True)
    session.add_point((8, 10))
    session.commit()
    session.add_point((25, 40))
    session.flush()
    copy = tmp_path / "after"
    shutil.copytree(data_folder(), copy / "autosave")
    session.close()
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", str(copy))
    return copy


def opened(viewer, qtbot, frame):
    viewer.add_image(frame)
    widget = CutOut(viewer)
    widget.live.setChecked(False)
    viewer.window.add_dock_widget(widget, name="Cut Out")
    widget.session.model = exact_segmenter()
    qtbot.waitUntil(lambda: not widget.is_busy, timeout=30_000)
    return widget


def test_what_was_left_is_made_again(left, make_napari_viewer, qtbot, frame):
    widget = opened(make_napari_viewer(), qtbot, frame)
    assert not widget.recovery.isHidden()
    assert "1 step and 1 uncommitted prompt" in widget.recovery.text.text()
    widget.recovery.accept.click()
    assert widget.recovery.isHidden()
    qtbot.waitUntil(lambda: not widget.is_busy, timeout=30_000)
    session = widget.session
    assert (np.asarray(session.labels.data)[LEFT] == 1).all()
    assert session.has_prompts
    assert widget.labels.layer == session.labels
    qtbot.waitUntil(lambda: not widget.is_busy, timeout=30_000)


def test_what_is_made_again_for_an_image_that_is_left_meanwhile_is_dropped(
    left, make_napari_viewer, qtbot, frame
):
    viewer = make_napari_viewer()
    widget = opened(viewer, qtbot, frame)
    widget.recovery.accept.click()
    other = viewer.add_image(frame[::-1].copy(), name="other")
    widget.work_on(other)
    qtbot.waitUntil(lambda: not widget.is_busy, timeout=30_000)
    assert widget.session.image == other
    assert widget.session.labels is None


def test_what_is_dismissed_is_not_offered_again(left, make_napari_viewer, qtbot, frame):
    viewer = make_napari_viewer()
    widget = opened(viewer, qtbot, frame)
    widget.recovery.dismiss.click()
    assert widget.recovery.isHidden()
    assert widget.session.labels is None
    viewer.window.remove_dock_widget(widget)
    viewer.layers.clear()
    again = opened(viewer, qtbot, frame)
    assert again.recovery.isHidden()


def test_a_folder_that_cannot_be_written_is_said(
    left, make_napari_viewer, qtbot, frame, monkeypatch
):
    said = []
    monkeypatch.setattr("napari_cutout.widgets.cut_out.show_warning", said.append)
    widget = opened(make_napari_viewer(), qtbot, frame)

    def full(_self):
        raise OSError("no space left on device")

    monkeypatch.setattr("napari_cutout.layers.journal.recovery.Recovery.dismiss", full)
    widget.recovery.dismiss.click()
    assert said == ["no space left on device"]


def test_of_another_image_nothing_is_offered(left, make_napari_viewer, qtbot, frame):
    widget = opened(make_napari_viewer(), qtbot, frame[::-1].copy())
    assert widget.recovery.isHidden()


def test_without_autosave_nothing_is_looked_for(
    left, make_napari_viewer, qtbot, frame, monkeypatch
):
    from napari_cutout.layers.preferences import Preferences

    monkeypatch.setattr(
        "napari_cutout.widgets.opening.read_preferences", lambda: Preferences(autosave=False)
    )
    widget = opened(make_napari_viewer(), qtbot, frame)
    assert widget.recovery.isHidden()
    assert widget.session.log_path is None


def test_after_a_window_that_was_closed_nothing_is_offered(
    make_napari_viewer, qtbot, frame, tmp_path, monkeypatch
):
    monkeypatch.setenv("NAPARI_CUTOUT_HOME", str(tmp_path))
    viewer = make_napari_viewer(show=True)
    widget = opened(viewer, qtbot, frame)
    session = widget.session
    session.add_point((8, 10))
    session.update()
    qtbot.waitUntil(lambda: session.candidates is not None, timeout=30_000)
    session.commit()
    viewer.close()
    assert session.is_closed
    again = opened(make_napari_viewer(), qtbot, frame)
    assert again.recovery.isHidden()
