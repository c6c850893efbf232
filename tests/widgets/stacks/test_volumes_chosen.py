"""Whole volumes in the widget: offered where there are planes, linked, and their tracks opened."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cutout.formats.tracks.ctc import read_ctc, write_ctc
from napari_cutout.formats.tracks.track import Track
from napari_cutout.widgets.stacks.axis_range import Range
from stacks_window import FRAMES, choose, film, opened, settled

pytestmark = pytest.mark.gui

PLANES = 3


def volumes():
    return np.stack([film()] * PLANES, axis=1)


@pytest.fixture
def widget(make_napari_viewer, qtbot):
    """The widget on volumes over time, whose planes have labels of their own."""
    viewer = make_napari_viewer()
    widget, cut_out = opened(viewer, qtbot, pixels=volumes(), axis_labels=("t", "z", "y", "x"))
    labels = np.zeros(volumes().shape, np.uint16)
    for number, index in enumerate(np.ndindex(FRAMES, PLANES)):
        labels[index] = np.where(volumes()[index] > 0, 2 * number + 1, 0)
        labels[index][18:] = np.where(volumes()[index][18:] > 0, 2 * number + 2, 0)
    cut_out.session.labels = viewer.add_labels(labels)
    settled(widget, qtbot)
    return widget


def shown_ranges(widget):
    return [axis.name for axis in widget.ranges.axes if not axis.isHidden()]


def test_volumes_are_offered_where_there_are_planes(widget, qtbot):
    box = widget.pages["link"].volumes
    choose(widget, "link", qtbot)
    assert not box.isHidden()
    assert not box.isChecked()
    assert widget.tracks.volumes.isHidden()
    choose(widget, "propagate", qtbot)
    assert not widget.tracks.volumes.isHidden()


def test_of_frames_alone_there_are_none(make_napari_viewer, qtbot):
    widget, _ = opened(make_napari_viewer(), qtbot)
    for task in ("link", "propagate"):
        choose(widget, task, qtbot)
        assert widget.pages["link"].volumes.isHidden()
        assert widget.tracks.volumes.isHidden()


def test_ticked_volumes_are_linked(widget, qtbot):
    choose(widget, "link", qtbot)
    assert shown_ranges(widget) == ["t"]
    assert widget.count.text() == f"{FRAMES} frames"
    widget.pages["link"].volumes.click()
    settled(widget, qtbot)
    assert widget.stacks.volumes
    assert shown_ranges(widget) == ["t", "z"]
    assert widget.count.text() == f"{FRAMES * PLANES} frames"
    assert len(widget.happening.course) == FRAMES * PLANES
    widget.begin.click()
    settled(widget, qtbot)
    labels = widget.stacks.session.labels.data
    assert len(np.unique(labels)) == 3
    assert widget.stacks.tracks_layer.data.shape == (2 * FRAMES, 5)
    widget.pages["link"].volumes.click()
    settled(widget, qtbot)
    assert shown_ranges(widget) == ["t"]


def test_planes_are_chosen_by_their_slider(widget, qtbot):
    choose(widget, "link", qtbot)
    widget.pages["link"].volumes.click()
    settled(widget, qtbot)
    times, planes = widget.ranges.axes
    planes.last.setValue(1)
    settled(widget, qtbot)
    assert widget.stacks.frames == "z=0:2:1"
    assert (times.range, planes.range) == (Range(0, FRAMES - 1), Range(0, 1))
    assert widget.count.text() == f"{FRAMES * 2} frames"


def test_what_a_script_sets_is_shown(widget, qtbot):
    choose(widget, "link", qtbot)
    widget.stacks.volumes = True
    settled(widget, qtbot)
    assert widget.pages["link"].volumes.isChecked()
    assert widget.tracks.volumes.isChecked()
    assert shown_ranges(widget) == ["t", "z"]


def test_tracks_of_volumes_are_opened_and_exported(widget, qtbot, tmp_path):
    labels = np.where(volumes() > 0, 7, 0)
    write_ctc(tmp_path / "in", labels, [Track(7, 0, FRAMES - 1)])
    choose(widget, "propagate", qtbot)
    widget.tracks.open_asked.emit(str(tmp_path / "in"))
    settled(widget, qtbot)
    assert widget.tracks.volumes.isChecked()
    np.testing.assert_array_equal(widget.stacks.session.labels.data, labels)
    widget.tracks.export_asked.emit(str(tmp_path / "out"))
    settled(widget, qtbot)
    np.testing.assert_array_equal(np.stack(list(read_ctc(tmp_path / "out"))), labels)


def test_opening_tracks_can_be_cancelled(widget, qtbot, tmp_path):
    """While the files are looked through, which takes long for many."""
    labels = np.where(volumes() > 0, 7, 0)
    write_ctc(tmp_path / "in", labels, [Track(7, 0, FRAMES - 1)])
    before = list(widget.stacks.session.viewer.layers)
    widget.stacks.events.progress.connect(
        lambda _: widget.stacks.progress[0] == 2 and widget.stacks.cancel()
    )
    widget.tracks.open_asked.emit(str(tmp_path / "in"))
    settled(widget, qtbot)
    assert widget.stacks.status == "Cancelled. No tracks were read."
    assert list(widget.stacks.session.viewer.layers) == before
