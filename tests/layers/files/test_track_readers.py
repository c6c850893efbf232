"""Tracks of the Cell Tracking Challenge opened in napari, as by File > Open."""

from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel
from npe2 import PluginManager

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.tracks.ctc import write_ctc
from napari_cutout.formats.tracks.track import Track
from napari_cutout.layers.files.track_readers import get_track_reader, read_tracks

TRACKS = (Track(1, 0, 1), Track(2, 2, 2, 1), Track(400, 2, 2, 1))


@pytest.fixture
def viewer():
    manager = PluginManager.instance()
    if "napari" not in manager:
        manager.discover()
    return ViewerModel()


def dividing():
    """One object that becomes two in the third frame."""
    labels = np.zeros((3, 20, 30), np.int32)
    labels[:2, 4:9, 6:13] = 1
    labels[2, 2:5, 4:9] = 2
    labels[2, 10:13, 4:9] = 400
    return labels


@pytest.mark.parametrize(
    ("folder", "table", "opened", "name"),
    [
        ("01_RES", "res_track.txt", "", "01_RES"),
        ("01_GT/TRA", "man_track.txt", "", "01_GT TRA"),
        ("mine", "res_track.txt", "res_track.txt", "mine"),
    ],
)
def test_a_folder_is_labels_and_tracks(viewer, tmp_path, folder, table, opened, name):
    write_ctc(tmp_path / folder, dividing(), TRACKS, table=table)
    labels, tracks = viewer.open(str(tmp_path / folder / opened), plugin="napari-cutout")
    np.testing.assert_array_equal(labels.data, dividing())
    assert (labels.name, tracks.name) == (name, f"tracks of {name}")
    assert labels.axis_labels == tracks.axis_labels == ("t", "y", "x")
    assert tracks.graph == {2: [1], 400: [1]}
    expected = [[1, 0, 6, 9], [1, 1, 6, 9], [2, 2, 3, 6], [400, 2, 11, 6]]
    np.testing.assert_allclose(tracks.data, expected)
    assert labels.editable


def test_volumes_have_planes(tmp_path):
    volumes = np.stack([dividing()] * 2, axis=1)
    write_ctc(tmp_path, volumes, TRACKS)
    (data, options, _), (points, *_) = read_tracks(tmp_path)
    np.testing.assert_array_equal(data, volumes)
    assert options["axis_labels"] == ("t", "z", "y", "x")
    np.testing.assert_allclose(points[0], [1, 0, 0.5, 6, 9])


def test_a_track_with_a_gap_is_one(tmp_path):
    labels = dividing()[[0, 1, 1, 1]]
    labels[1:3] = 0
    write_ctc(tmp_path, labels, [Track(1, 0, 3)])
    (data, *_), (points, options, _) = read_tracks(tmp_path)
    assert np.unique(data).tolist() == [0, 1]
    assert points[:, 1].tolist() == [0, 3]
    assert options["graph"] == {}


def test_without_tracks_there_are_labels_alone(tmp_path):
    write_ctc(tmp_path, np.zeros((2, 5, 6), int), [])
    ((data, _, kind),) = read_tracks(tmp_path)
    assert (data.shape, kind) == ((2, 5, 6), "labels")


def test_others_are_left_to_other_readers(tmp_path):
    (tmp_path / "image_RES").mkdir()
    for path in (tmp_path / "image_RES", tmp_path / "man_track.txt", tmp_path / "no_RES"):
        assert get_track_reader(str(path)) is None
        assert get_track_reader([str(path)]) is None


def test_what_is_not_consistent_is_refused(tmp_path):
    write_ctc(tmp_path, dividing(), TRACKS)
    (tmp_path / "man_track.txt").write_text("1 0 1 0\n")
    with pytest.raises(FormatError, match="has the label 2, which is no track"):
        get_track_reader(str(tmp_path))(str(tmp_path))
