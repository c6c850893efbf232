"""Whole volumes over time in a session: linked, written as tracks, and read again."""

from __future__ import annotations

import numpy as np
import pytest

from later import LaterSteps
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.tracks.ctc import read_ctc, write_ctc
from napari_cutout.formats.tracks.track import Track
from napari_cutout.layers import SessionError
from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.linking.options import LinkOptions

AXES = ["t", "z", "y", "x"]
TRACKS = (Track(1, 0, 1), Track(2, 0, 3), Track(3, 2, 3, 1), Track(4, 2, 3, 1))


def tracked():
    """``(4, 5, 40, 60)`` labels: one object divides after two frames, another one moves."""
    data = np.zeros((4, 5, 40, 60), np.uint16)
    for time in range(4):
        data[time, :3, 25:33, 10 + 2 * time : 20 + 2 * time] = 2
        if time < 2:
            data[time, 1:5, 5:15, 30:40] = 1
        else:
            data[time, 1:5, 4:9, 30:40] = 3
            data[time, 1:5, 11:16, 30:40] = 4
    return data


def found_alone(labels):
    """The same, the ids of each plane apart from those of the others."""
    data = np.zeros_like(labels)
    for number, index in enumerate(np.ndindex(labels.shape[:2])):
        data[index] = np.where(labels[index], 10 * (number + 1) + labels[index], 0)
    return data


def image():
    return np.where(tracked() > 0, 200, 0).astype(np.uint8)


@pytest.fixture
def stacks(begin):
    """Volumes over time, whose planes have labels of their own."""
    made = begin(image(), found_alone(tracked()), axis_labels=AXES, scale=[1, 2, 0.5, 0.5])
    made.session.labels.scale = made.session.image.scale
    made.volumes = True
    return made


def centre(labels, number, time):
    return np.argwhere(labels[time] == number).mean(axis=0)


def same_objects(one, other):
    """Whether two label arrays differ in what they call objects alone."""
    pairs = {*zip(one.ravel().tolist(), other.ravel().tolist(), strict=True)}
    return len(pairs) == len(np.unique(one)) == len(np.unique(other))


def test_volumes_are_linked_over_time(stacks):
    stacks.link()
    labels, layer = stacks.session.labels.data, stacks.tracks_layer
    assert same_objects(labels, tracked())
    assert stacks.status == "36 objects in 4 volumes of 20 slices are 4 tracks, 1 of which divide."
    assert layer.data.shape == (2 + 4 + 2 + 2, 5)
    for number, time, *place in layer.data:
        np.testing.assert_allclose(place, centre(labels, number, int(time)))
    np.testing.assert_array_equal(layer.scale, [1, 2, 0.5, 0.5])
    names = {int(one): int(labels[tracked() == one][0]) for one in (1, 3, 4)}
    assert layer.graph == {names[3]: [names[1]], names[4]: [names[1]]}
    assert {state.state for state in stacks.frame_states} == {"linked"}
    assert len(stacks.frame_states) == 20
    assert len(stacks.tracks) == 4


def test_one_undo_takes_it_back(stacks):
    before = stacks.session.labels.data.copy()
    stacks.link()
    assert stacks.session.undo()
    np.testing.assert_array_equal(stacks.session.labels.data, before)
    assert stacks.tracks_layer is None


@pytest.mark.parametrize("steps", [7, 22, 33])
def test_linking_that_was_cancelled_can_be_undone_and_done_again(begin, steps):
    """In the middle of reading a volume, and of giving its planes their ids."""
    run, before = LaterSteps(), found_alone(tracked())
    stacks = begin(image(), before.copy(), run=run, axis_labels=AXES)
    stacks.volumes = True
    stacks.link()
    run.step(steps)
    stacks.cancel()
    run.finish()
    is_written = bool((stacks.session.labels.data != before).any())
    assert is_written == (steps == 33)
    assert stacks.session.undo() == is_written
    np.testing.assert_array_equal(stacks.session.labels.data, before)
    stacks.link()
    run.finish()
    assert same_objects(stacks.session.labels.data, tracked())


def test_chosen_planes_and_times_alone(stacks):
    before = stacks.session.labels.data.copy()
    stacks.frames = "t=1:4,z=1:3"
    stacks.link()
    labels, layer = stacks.session.labels.data, stacks.tracks_layer
    assert same_objects(labels[1:, 1:3], tracked()[1:, 1:3])
    np.testing.assert_array_equal(labels[0], before[0])
    np.testing.assert_array_equal(labels[:, 3:], before[:, 3:])
    assert sorted({*layer.data[:, 1]}) == [1, 2, 3]
    assert {*layer.data[:, 2]} == {1.5}


def test_every_second_plane(stacks):
    stacks.frames = "z=0:5:2"
    stacks.link()
    of_two = stacks.tracks_layer.data[:, 2] == 1
    assert of_two.sum() == 4
    assert {*stacks.tracks_layer.data[~of_two, 2]} == {3}


def test_of_one_plane_all_is_linked(stacks):
    """What spans two planes at least can't be asked for."""
    stacks.frames = "z=1"
    stacks.link()
    assert same_objects(stacks.session.labels.data[:, 1], tracked()[:, 1])


@pytest.mark.parametrize(("frames", "far", "count"), [("", 3.1, 1), ("z=0:7:3", 2.9, 2)])
def test_planes_that_are_left_out_lie_between(begin, frames, far, count):
    """Something rises by three planes of 1.0, whether all of them are linked or every third."""
    labels = np.zeros((2, 7, 40, 60), np.uint8)
    labels[0, :4, 10:20, 10:20] = labels[1, 3:, 10:20, 10:20] = 1
    stacks = begin(labels * 9, labels, axis_labels=AXES)
    stacks.volumes = True
    stacks.frames = frames
    stacks.link_options = LinkOptions(max_distance=far)
    stacks.link()
    assert len(stacks.tracks.tracks) == count


@pytest.mark.parametrize(("depth", "count"), [(1.0, 1), (10.0, 2)])
def test_planes_are_as_far_apart_as_the_image_says(begin, depth, count):
    labels = np.zeros((2, 3, 40, 60), np.uint8)
    labels[0, :2, 10:20, 10:20] = labels[1, 1:, 10:20, 10:20] = 1
    stacks = begin(labels * 9, labels, axis_labels=AXES, scale=[1, depth, 1, 1])
    stacks.session.labels.scale = stacks.session.image.scale
    stacks.volumes = True
    stacks.link_options = LinkOptions(max_distance=5.0)
    stacks.link()
    assert len(stacks.tracks.tracks) == count


def test_planes_may_come_before_time(begin):
    swapped = found_alone(tracked()).swapaxes(0, 1).copy()
    stacks = begin(image().swapaxes(0, 1), swapped, axis_labels=["z", "t", "y", "x"])
    stacks.volumes = True
    stacks.link()
    assert same_objects(stacks.session.labels.data.swapaxes(0, 1), tracked())
    assert stacks.tracks_layer is None
    assert stacks.status.endswith("napari has no layer for tracks along this axis.")


def test_without_volumes_a_plane_is_linked(stacks):
    stacks.volumes = False
    stacks.session.viewer.dims.set_point(1, 2)
    stacks.link()
    labels = stacks.session.labels.data
    assert same_objects(labels[:, 1], tracked()[:, 1])
    np.testing.assert_array_equal(labels[:, 2], found_alone(tracked())[:, 2])


def test_found_objects_are_linked_as_volumes(begin):
    stacks = begin(image(), axis_labels=AXES)
    stacks.volumes = True
    stacks.frames = "t=0:2"
    stacks.find_everywhere(link=True)
    assert same_objects(stacks.session.labels.data[:2], tracked()[:2])
    assert stacks.session.undo()
    assert not stacks.session.labels.data.any()


def test_there_are_volumes_only_with_planes_and_time(begin):
    stacks = begin()
    assert (stacks.depth, stacks.volumes) == ("", False)
    with pytest.raises(StackError, match="no axis of planes beside 't'"):
        stacks.volumes = True
    assert stacks.gone_along("link") == ("t",)


def test_the_axis_of_planes_is_that_of_depth_or_the_only_other_one(begin):
    assert begin(image(), axis_labels=AXES).depth == "z"
    assert begin(image(), axis_labels=["t", "p", "y", "x"]).depth == "p"
    assert begin(image(), axis_labels=["t", "c", "y", "x"]).depth == ""
    assert begin(image()[None], axis_labels=["p", *AXES]).depth == "z"
    stacks = begin(image(), axis_labels=AXES)
    stacks.volumes = True
    stacks.axis = "z"
    assert (stacks.depth, stacks.volumes) == ("", False)


def test_what_goes_along_several_axes_is_said(begin):
    stacks = begin(np.stack([image()] * 2), axis_labels=["p", *AXES])
    stacks.volumes = True
    stacks.frames = "p=0:2"
    with pytest.raises(StackError, match="along two axes, 't' and 'z', and the frames 'p=0:2'"):
        stacks.link()


def test_volumes_are_exported(stacks, tmp_path):
    stacks.link()
    stacks.export_tracks(tmp_path / "out")
    back = read_ctc(tmp_path / "out")
    assert len(back) == 4
    assert back[0].shape == (5, 40, 60)
    np.testing.assert_array_equal(np.stack(list(back)), stacks.session.labels.data)
    found = sorted((one.first, one.last, bool(one.parent)) for one in back.tracks)
    assert found == [(0, 1, False), (0, 3, False), (2, 3, True), (2, 3, True)]
    assert stacks.status == f"4 tracks in 4 volumes are in {tmp_path / 'out'}."


@pytest.mark.parametrize("steps", [0, 1, 4, 6, 7])
def test_cancelled_nothing_stays(begin, tmp_path, steps):
    run = LaterSteps()
    stacks = begin(image(), tracked(), run=run, axis_labels=AXES)
    stacks.volumes = True
    stacks.export_tracks(tmp_path / "out")
    run.step(steps)
    stacks.cancel()
    run.finish()
    assert not (tmp_path / "out").exists()


def test_volumes_are_imported(begin, tmp_path):
    write_ctc(tmp_path / "01_RES", tracked(), TRACKS)
    stacks = begin(image(), axis_labels=AXES, scale=[1, 2, 0.5, 0.5])
    stacks.import_tracks(tmp_path / "01_RES")
    labels, layer = stacks.session.labels, stacks.tracks_layer
    np.testing.assert_array_equal(labels.data, tracked())
    assert layer.graph == {3: [1], 4: [1]}
    for number, time, *place in layer.data:
        np.testing.assert_allclose(place, centre(tracked(), number, int(time)))
    assert len(layer.data) == 10
    assert stacks.status == "4 tracks in 4 volumes were read."
    assert stacks.volumes
    stacks.export_tracks(tmp_path / "again")
    assert read_ctc(tmp_path / "again").tracks == TRACKS


def test_volumes_are_imported_into_the_chosen_planes(begin, tmp_path):
    tracks = [Track(1, 0, 0), Track(2, 0, 1), Track(3, 1, 1, 1), Track(4, 1, 1, 1)]
    write_ctc(tmp_path / "out", tracked()[1:3, 1:4], tracks)
    stacks = begin(image(), axis_labels=AXES)
    stacks.frames = "t=1:3,z=1:4"
    stacks.import_tracks(tmp_path / "out")
    expected = np.zeros_like(tracked())
    expected[1:3, 1:4] = tracked()[1:3, 1:4]
    np.testing.assert_array_equal(stacks.session.labels.data, expected)
    assert {*stacks.tracks_layer.data[:, 2]} == {1.5, 2}


@pytest.mark.parametrize(
    ("frames", "axes", "why"),
    [
        (tracked()[:2], AXES, "has 2 volumes, and 4 are chosen along t"),
        (tracked()[:, :3], AXES, "has 3 x 40 x 60 pixels, and the image's chosen volumes have 5 x"),
        (tracked(), ["t", "c", "y", "x"], "has tracks of volumes: 'cells' has no axis of planes"),
        (tracked()[:, 0, :30], AXES, "has 30 x 60 pixels, and the image's frames have 40 x 60"),
    ],
)
def test_tracks_of_other_volumes_are_refused(begin, tmp_path, frames, axes, why):
    ids = np.unique(frames[frames > 0])
    known = [[time for time in range(len(frames)) if (frames[time] == one).any()] for one in ids]
    tracks = [Track(int(one), at[0], at[-1]) for one, at in zip(ids, known, strict=True)]
    write_ctc(tmp_path / "out", frames, tracks)
    stacks = begin(image(), axis_labels=axes)
    with pytest.raises(StackError, match=why):
        stacks.import_tracks(tmp_path / "out")
    assert stacks.session.labels is None
    assert stacks.tracks_layer is None


@pytest.mark.parametrize("steps", [0, 1, 3, 5, 7])
def test_cancelled_while_it_reads_nothing_changes(begin, tmp_path, steps):
    """Looking through the files is cancelled as putting them into labels is."""
    write_ctc(tmp_path / "out", tracked(), TRACKS)
    run = LaterSteps()
    stacks = begin(image(), axis_labels=AXES, run=run)
    before = list(stacks.session.viewer.layers)
    stacks.import_tracks(tmp_path / "out")
    run.step(steps)
    assert stacks.progress == (max(steps - 1, 0), 8 if steps > 1 else stacks.progress[1])
    with pytest.raises(SessionError, match="something is being done"):
        stacks.link()
    stacks.cancel()
    run.finish()
    assert list(stacks.session.viewer.layers) == before
    assert stacks.session.labels is None
    assert not stacks.volumes
    assert stacks.status == "Cancelled. No tracks were read."


def test_another_view_meanwhile_does_not_matter(begin, tmp_path):
    write_ctc(tmp_path / "out", tracked(), TRACKS)
    run = LaterSteps()
    stacks = begin(image(), axis_labels=AXES, run=run)
    stacks.import_tracks(tmp_path / "out")
    run.step(2)
    stacks.axis = "z"
    run.finish()
    assert stacks.status == "4 tracks in 4 volumes were read."
    assert not stacks.volumes
    stacks.axis = "t"
    assert stacks.volumes


def test_no_file_is_looked_at_after_a_cancel(begin, tmp_path):
    write_ctc(tmp_path / "out", tracked(), TRACKS)
    (tmp_path / "out" / "man_track003.tif").write_bytes(b"nothing")
    run = LaterSteps()
    stacks = begin(image(), axis_labels=AXES, run=run)
    stacks.import_tracks(tmp_path / "out")
    run.step(3)
    stacks.cancel()
    run.finish()
    assert stacks.status == "Cancelled. No tracks were read."
    stacks.import_tracks(tmp_path / "out")
    run.finish()
    assert "man_track003.tif" in stacks.status


def test_a_folder_without_tracks_is_refused_by_the_runner(begin, tmp_path):
    with pytest.raises(FormatError, match="has neither of"):
        begin(image(), axis_labels=AXES).import_tracks(tmp_path)
