"""Tracks of labels as files of the Cell Tracking Challenge, and labels and tracks from them."""

from __future__ import annotations

import numpy as np
import pytest

from later import LaterSteps
from moving_stack import dividing, moving
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.tracks.ctc import read_ctc, write_ctc
from napari_cutout.formats.tracks.track import Track
from napari_cutout.layers import SessionError, TargetError
from napari_cutout.stacks.errors import StackError

TRACKS = (Track(1, 0, 1), Track(2, 2, 3, 1), Track(3, 2, 3, 1))


def test_linked_labels_are_exported_with_their_parents(begin, tmp_path):
    stacks = begin(labels=dividing())
    stacks.link()
    stacks.export_tracks(tmp_path / "01_RES")
    back = read_ctc(tmp_path / "01_RES")
    assert back.tracks == TRACKS
    np.testing.assert_array_equal(list(back), dividing())
    assert (tmp_path / "01_RES" / "res_track.txt").is_file()
    assert stacks.status == f"3 tracks in 4 frames are in {tmp_path / '01_RES'}."
    assert [one.state for one in stacks.frame_states] == ["linked"] * 4


def test_labels_that_nobody_linked_are_tracks_without_parents(begin, tmp_path):
    stacks = begin(labels=dividing())
    stacks.export_tracks(tmp_path / "out", table="man_track.txt")
    expected = tuple(Track(one.id, one.first, one.last) for one in TRACKS)
    assert read_ctc(tmp_path / "out").tracks == expected


def test_marked_divisions_are_exported(begin, tmp_path):
    stacks = begin(labels=dividing())
    stacks.mark_division(1, [2, 3], (2,))
    stacks.export_tracks(tmp_path / "out")
    assert read_ctc(tmp_path / "out").tracks == TRACKS


def test_parents_that_are_wrong_by_now_are_left_out(begin, tmp_path):
    """The mother was painted on into a frame that has her daughters."""
    stacks = begin(labels=dividing())
    stacks.link()
    rows, cols = (part.ravel() for part in np.mgrid[30:34, 4:8])
    stacks.session.labels.data_setitem((np.full(16, 3), rows, cols), 1)
    stacks.export_tracks(tmp_path / "out")
    assert [one.parent for one in read_ctc(tmp_path / "out").tracks] == [0, 0, 0]


def test_the_chosen_frames_are_exported(begin, tmp_path):
    stacks = begin(labels=dividing())
    stacks.frames = "t=1:3"
    stacks.export_tracks(tmp_path / "out")
    np.testing.assert_array_equal(list(read_ctc(tmp_path / "out")), dividing()[1:3])


@pytest.mark.parametrize("steps", [0, 1, 4, 6, 7])
def test_cancelled_nothing_stays(begin, tmp_path, steps):
    run = LaterSteps()
    stacks = begin(labels=dividing(), run=run)
    stacks.export_tracks(tmp_path / "out")
    run.step(steps)
    stacks.cancel()
    run.finish()
    assert not (tmp_path / "out").exists()
    assert stacks.status == "Cancelled. No tracks were written."
    stacks.export_tracks(tmp_path / "out")
    run.finish()
    assert len(read_ctc(tmp_path / "out")) == 4


def test_tracks_that_are_there_are_left(begin, tmp_path):
    write_ctc(tmp_path / "out", dividing()[:2], TRACKS[:1])
    stacks = begin(labels=dividing())
    with pytest.raises(FormatError, match="there are tracks in"):
        stacks.export_tracks(tmp_path / "out")
    assert not stacks.is_running
    assert len(read_ctc(tmp_path / "out")) == 2


def test_without_labels_there_is_nothing_to_export(begin, tmp_path):
    stacks = begin()
    with pytest.raises(TargetError, match="no labels to export"):
        stacks.export_tracks(tmp_path / "out")
    with pytest.raises(StackError, match="no frames to import"):
        begin(moving()[0]).import_tracks(tmp_path)


def test_tracks_are_imported_as_labels_of_the_session(begin, tmp_path):
    write_ctc(tmp_path / "01_RES", dividing(), TRACKS)
    stacks = begin(scale=[2, 0.5, 0.5], translate=[1, 2, 3])
    stacks.import_tracks(tmp_path / "01_RES")
    labels, layer = stacks.session.labels, stacks.tracks_layer
    np.testing.assert_array_equal(labels.data, dividing())
    assert labels.name == "01_RES"
    np.testing.assert_array_equal(labels.scale, [2, 0.5, 0.5])
    np.testing.assert_array_equal(layer.translate, [1, 2, 3])
    assert layer.graph == {2: [1], 3: [1]}
    assert [row.id for row in stacks.session.objects.rows()] == [1, 2, 3]
    assert stacks.status == "3 tracks in 4 frames were read."
    stacks.propagate(1)
    assert not stacks.is_running


def test_what_was_exported_is_imported_into_the_same_frames(begin, tmp_path):
    stacks = begin(labels=dividing())
    before = stacks.session.labels
    stacks.link()
    stacks.frames = "t=1:4"
    stacks.export_tracks(tmp_path / "out")
    stacks.import_tracks(tmp_path / "out")
    after = stacks.session.labels
    assert after is not before
    assert before in stacks.session.viewer.layers
    assert not after.data[0].any()
    np.testing.assert_array_equal(after.data[1:], dividing()[1:])


@pytest.mark.parametrize(
    ("frames", "why"),
    [
        (dividing()[:2, :30], "has 30 x 60 pixels"),
        (dividing()[:1], "has 1 frames, and 2 are chosen along t"),
        (dividing()[:2, None], "has tracks of volumes: 'cells' has no axis of planes beside 't'"),
    ],
)
def test_tracks_of_other_frames_are_refused(begin, tmp_path, frames, why):
    write_ctc(tmp_path / "out", frames, [Track(1, 0, len(frames) - 1)])
    stacks = begin()
    stacks.frames = "t=0:2"
    with pytest.raises(StackError, match=why):
        stacks.import_tracks(tmp_path / "out")
    assert stacks.session.labels is None
    assert stacks.status.endswith("No tracks were read.")


def test_a_folder_without_tracks_is_refused(begin, tmp_path):
    stacks = begin()
    with pytest.raises(FormatError, match="has neither of"):
        stacks.import_tracks(tmp_path)


def test_one_at_a_time(begin, tmp_path):
    stacks = begin(labels=dividing(), run=LaterSteps())
    stacks.export_tracks(tmp_path / "out")
    with pytest.raises(SessionError, match="something is being done"):
        stacks.import_tracks(tmp_path / "out")
