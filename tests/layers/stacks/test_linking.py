"""The same id for the same object: labels, records, classes and tracks, and all of it undone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from napari.layers import Tracks as TracksLayer

from later import LaterSteps
from moving_stack import dividing, moving
from napari_cutout.annotate.replay import replay, sections
from napari_cutout.layers import TargetError
from napari_cutout.layers.stacks.linked_ids import linked_ids
from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.linking.linker import link
from napari_cutout.stacks.linking.options import LinkOptions


def shuffled(count=4):
    """Labels of :func:`moving` whose ids are others in each frame."""
    labels = np.zeros((count, 40, 60), np.int32)
    for k in range(count):
        labels[k, 5:12, 6 + k : 20 + k] = 1 + 2 * k
        labels[k, 20:30, 30 + k : 45 + k] = 2 + 2 * k
    return labels


def linked(labels):
    """What ``shuffled`` comes to."""
    expected = np.zeros_like(labels)
    for k, frame in enumerate(labels):
        expected[k][frame == 1 + 2 * k] = 1
        expected[k][frame == 2 + 2 * k] = 2
    return expected


def test_labels_of_anybody_get_one_id_an_object(begin):
    stacks = begin(labels=shuffled())
    stacks.link()
    np.testing.assert_array_equal(stacks.session.labels.data, linked(shuffled()))
    assert stacks.status == "8 objects in 4 frames are 2 tracks."
    assert [state.state for state in stacks.frame_states] == ["linked"] * 4
    assert [row.id for row in stacks.session.objects.rows()] == [1, 2]
    assert len(stacks.session.objects.row(1).frames) == 4


def test_tracks_are_shown_where_the_objects_are(begin):
    stacks = begin(labels=shuffled(), scale=[2, 0.5, 0.5], translate=[1, 2, 3])
    stacks.session.labels.scale, stacks.session.labels.translate = [2, 0.5, 0.5], [1, 2, 3]
    stacks.link()
    layer = stacks.tracks_layer
    assert isinstance(layer, TracksLayer)
    first = [[1, k, 8, 12.5 + k] for k in range(4)]
    second = [[2, k, 24.5, 37 + k] for k in range(4)]
    np.testing.assert_allclose(layer.data, [*first, *second])
    np.testing.assert_array_equal(layer.scale, [2, 0.5, 0.5])
    np.testing.assert_array_equal(layer.translate, [1, 2, 3])


def test_a_division_is_in_the_graph(begin):
    stacks = begin(labels=dividing())
    stacks.link()
    assert stacks.tracks_layer.graph == {2: [1], 3: [1]}
    assert "1 of which divide" in stacks.status


def test_undo_and_redo_take_the_tracks_along(begin):
    stacks = begin(labels=shuffled())
    session = stacks.session
    stacks.link()
    session.undo()
    np.testing.assert_array_equal(session.labels.data, shuffled())
    assert stacks.tracks_layer is None
    assert not [layer for layer in session.viewer.layers if isinstance(layer, TracksLayer)]
    session.redo()
    np.testing.assert_array_equal(session.labels.data, linked(shuffled()))
    assert len(stacks.tracks_layer.data) == 8


def test_undo_shows_the_tracks_before(begin):
    stacks = begin(labels=shuffled())
    stacks.frames = "t=:2"
    stacks.link()
    assert len(stacks.tracks_layer.data) == 4
    stacks.frames = ""
    stacks.link()
    assert len(stacks.tracks_layer.data) == 8
    stacks.session.undo()
    assert len(stacks.tracks_layer.data) == 4


def test_along_columns_there_are_ids_and_no_layer(begin):
    stacks = begin(labels=shuffled())
    stacks.session.viewer.dims.order = (2, 0, 1)
    stacks.link()
    assert not stacks.is_running
    assert stacks.tracks_layer is None
    assert len(stacks.tracks) == 60
    assert stacks.status.endswith("napari has no layer for tracks along this axis.")


def test_what_became_of_frames_goes_and_comes_with_the_run(begin):
    stacks = begin(labels=shuffled())
    stacks.link()
    stacks.session.undo()
    assert [state.state for state in stacks.frame_states] == [""] * 4
    assert stacks.status == "Linking undone."
    stacks.session.redo()
    assert [state.state for state in stacks.frame_states] == ["linked"] * 4


def test_one_plane_has_nothing_to_link(begin):
    stacks = begin(moving()[0], labels=shuffled()[0])
    with pytest.raises(StackError, match="one plane"):
        stacks.link()
    with pytest.raises(StackError, match="one plane"):
        stacks.find_everywhere(link=True)
    assert not stacks.is_running


def test_tracks_that_were_deleted_stay_away(begin):
    stacks = begin(labels=shuffled())
    stacks.link()
    stacks.session.viewer.layers.remove(stacks.tracks_layer)
    assert stacks.tracks_layer is None
    assert stacks.tracks is None


def test_found_and_linked_is_one_step(begin):
    stacks = begin()
    stacks.find_everywhere(link=True)
    session = stacks.session
    assert np.unique(session.labels.data).tolist() == [0, 1, 2]
    known = sorted((record.id, record.frame[0]) for record in session.objects)
    assert known == [(number, k) for number in (1, 2) for k in range(4)]
    session.undo()
    assert not session.labels.data.any()
    assert (len(session.objects), session.objects.ids) == (0, ())
    assert not session.can_undo
    session.redo()
    assert np.unique(session.labels.data).tolist() == [0, 1, 2]
    assert (len(session.objects), session.objects.ids) == (8, (1, 2))


def test_another_view_meanwhile_changes_nothing(begin):
    run = LaterSteps()
    stacks = begin(run=run)
    stacks.find_everywhere(link=True)
    run.step(2)
    stacks.session.viewer.dims.ndisplay = 3
    first = run.job
    run.finish()
    assert run.job is not first
    run.finish()
    assert np.unique(stacks.session.labels.data).tolist() == [0, 1, 2]


def test_records_and_classes_go_along(begin):
    stacks = begin()
    session = stacks.session
    stacks.find_everywhere()
    last = int(session.labels.data[3].max())
    session.set_class(last, "cell")
    stacks.link()
    assert {record.id for record in session.objects} == {1, 2}
    assert sorted(session.objects.classes.values()) == ["cell", "cell"]
    named = session.labels.data[3][session.labels.data[3] > 0]
    assert "cell" in {session.objects.class_of(int(number)) for number in np.unique(named)}
    session.undo()
    assert len({record.id for record in session.objects}) == 8
    assert session.objects.class_of(last) == "cell"


def test_the_log_comes_to_the_same(begin):
    stacks = begin()
    stacks.find_everywhere(link=True)
    (section,) = sections(stacks.session.log)
    replayed = replay(section)
    np.testing.assert_array_equal(replayed.labels, stacks.session.labels.data)
    assert sorted(one.id for one in replayed.objects) == [1] * 4 + [2] * 4
    stacks.session.undo()
    (section,) = sections(stacks.session.log)
    assert not replay(section).labels.any()
    assert replay(section).objects == ()


def test_only_the_chosen_frames(begin):
    stacks = begin(labels=shuffled())
    stacks.frames = "t=1:3"
    stacks.link()
    data = stacks.session.labels.data
    assert [np.unique(frame)[1:].tolist() for frame in data] == [[1, 2], [3, 4], [3, 4], [7, 8]]


def test_one_axis_is_gone_along(begin):
    labels = np.stack([shuffled(3), shuffled(3)])
    stacks = begin(np.stack([moving(3), moving(3)]), labels=labels)
    stacks.axis = "z"
    stacks.frames = "t=1"
    stacks.link()
    np.testing.assert_array_equal(stacks.session.labels.data[0], shuffled(3))
    np.testing.assert_array_equal(stacks.session.labels.data[1], linked(shuffled(3)))
    np.testing.assert_array_equal(stacks.tracks_layer.data[:, 1], [0, 1, 2, 0, 1, 2])
    assert stacks.tracks_layer.ndim == 3
    stacks.frames = "t=0:2"
    with pytest.raises(StackError, match="along one axis"):
        stacks.link()


def test_short_ones_are_left_out(begin):
    labels = shuffled()
    labels[3, :15] = 0
    labels[2, 33:38, 2:8] = 50
    stacks = begin(labels=labels)
    stacks.link_options = LinkOptions(min_length=2)
    stacks.link()
    assert np.unique(stacks.session.labels.data).tolist() == [0, 1, 2]
    stacks.session.undo()
    np.testing.assert_array_equal(stacks.session.labels.data, labels)


def test_without_labels_it_is_refused(begin):
    with pytest.raises(TargetError, match="find or commit"):
        begin().link()


def test_ended_before_ids_are_written_nothing_changes(begin):
    run = LaterSteps()
    stacks = begin(labels=shuffled(), run=run)
    stacks.link()
    run.step(3)
    stacks.cancel()
    run.finish()
    np.testing.assert_array_equal(stacks.session.labels.data, shuffled())
    assert stacks.tracks_layer is None
    assert not stacks.session.can_undo


def test_what_is_painted_meanwhile_stays(begin):
    run = LaterSteps()
    stacks = begin(labels=shuffled(), run=run)
    labels = stacks.session.labels
    stacks.link()
    run.step(7)
    labels.data_setitem((np.array([3]), np.array([5]), np.array([9])), 99)
    run.finish()
    assert labels.data[3, 5, 9] == 99
    stacks.session.undo()
    stacks.session.undo()
    stacks.session.undo()
    np.testing.assert_array_equal(labels.data, shuffled())


def test_slices_become_objects_of_a_volume(begin):
    labels = shuffled()
    labels[1, 20:30] = 0
    labels[3, 33:38, 2:8] = 50
    stacks = begin(labels=labels, axis_labels=["z", "y", "x"])
    stacks.join()
    data = stacks.session.labels.data
    assert [np.unique(frame)[1:].tolist() for frame in data] == [[1, 2], [1], [1, 2], [1, 2]]
    assert stacks.status == "7 objects of 4 slices are 2 now."
    assert stacks.tracks_layer is None
    stacks.session.undo()
    np.testing.assert_array_equal(data, labels)


def test_frames_that_failed_are_linked_across(begin):
    frames = moving().astype(np.float32)
    frames[1] = np.nan
    stacks = begin(frames, contrast_limits=(0, 255))
    stacks.link_options = LinkOptions(max_gap=0)
    stacks.find_everywhere(link=True)
    assert np.unique(stacks.session.labels.data).tolist() == [0, 1, 2]
    assert [one.state for one in stacks.frame_states] == ["linked", "failed", "linked", "linked"]


@given(data=st.data())
@settings(max_examples=40)
def test_ids_are_apart_and_change_as_little_as_can_be(data):
    names = st.permutations(range(1, 7))
    labels = shuffled()[:, ::2, ::2]
    frames = []
    for frame in labels:
        given_names = data.draw(names)
        present = np.unique(frame)[1:]
        lookup = np.zeros(frame.max() + 1, int)
        lookup[present] = given_names[: len(present)]
        frames.append(lookup[frame])
    tracks = link(frames)
    found = linked_ids(tracks, 6)
    ids = found.of_track[1:]
    assert len(set(ids.tolist())) == len(tracks.tracks)
    for track in tracks.tracks:
        number = found.of_track[track.id]
        members = {own for k in range(4) for own, one in tracks.ids(k).items() if one == track.id}
        assert number in members or number > 6
    for k in range(4):
        assert all(before != after for before, after in found.changed(k).items())
