"""What the shell command linked, opened in napari with its tracks."""

from __future__ import annotations

import numpy as np
import pytest

from flat_family import flat_segmenter
from napari_cutout.formats.objects.ome_labels import write_ome_labels
from napari_cutout.layers.files.label_zarr_readers import read_label_zarr
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.linking.options import LinkOptions, VolumeLinkOptions, VolumeOptions
from napari_cutout.stacks.running.unit import do_unit
from stacked_frames import HOW, begun, frames


def written(path, stack, link):
    """An output with all frames found and linked."""
    with begun(path, stack) as output:
        for index in np.ndindex(*stack.shape):
            do_unit(flat_segmenter(), stack, output.place, index, HOW)
        output.finish(link)
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "movie.labels.zarr"


def centres(labels):
    """``(N, 2 + axes)`` of labels: id, place, centre; counted pixel by pixel."""
    rows = []
    for index in np.ndindex(*labels.shape[:-2]):
        for number in np.unique(labels[index])[1:]:
            at = np.argwhere(labels[index] == number).mean(axis=0)
            rows.append([number, *index, *at])
    return np.array(sorted(rows))


def test_labels_come_with_their_tracks(path):
    stack = ArrayStack(frames(4), axes="tyx", scale=(2.0, 0.5, 0.5))
    written(path, stack, LinkOptions())
    (labels, about, _), (points, options, kind) = read_label_zarr(path)
    assert (kind, options["name"]) == ("tracks", f"tracks of {about['name']}")
    assert options["scale"] == (2.0, 0.5, 0.5)
    np.testing.assert_allclose(points, centres(np.asarray(labels)))
    assert options["graph"] == {}


def test_a_division_is_in_the_graph(path):
    labels = np.zeros((4, 60, 80), np.uint8)
    labels[:2, 20:40, 30:50] = 255
    labels[2:, 20:40, 22:34] = labels[2:, 20:40, 44:56] = 255
    written(path, ArrayStack(labels, axes="tyx"), LinkOptions())
    options = read_label_zarr(path)[1][1]
    assert options["graph"] == {2: [1], 3: [1]}


def test_small_objects_of_large_frames_are_not_lost(path):
    """On coarse levels they may have no pixel at all."""
    pixels = np.zeros((2, 1100, 1100), np.uint8)
    pixels[:, 101:103, 201:203] = pixels[:, 500:700, 500:700] = 255
    written(path, ArrayStack(pixels, axes="tyx"), LinkOptions())
    (labels, *_), (points, *_) = read_label_zarr(path)
    assert len(labels) > 2
    np.testing.assert_allclose(points, centres(np.asarray(labels[0])), atol=2)


def test_slices_are_series_of_their_own(path):
    pixels = np.stack([frames(3)] * 2, axis=1)
    written(path, ArrayStack(pixels, axes="tzyx"), LinkOptions())
    (labels, *_), (points, *_) = read_label_zarr(path)
    np.testing.assert_allclose(points, centres(np.asarray(labels)))


@pytest.mark.parametrize("axes", ["tzyx", "ptzyx"])
def test_volumes_have_one_point_a_time(path, axes):
    """One thing has all three planes, and is small in the last; the other the upper two alone."""
    pixels = np.stack([frames(3)] * 3, axis=1)
    pixels[:, 2, 30:45] = pixels[:, 2, 10:15] = 0
    if axes == "ptzyx":
        pixels = pixels[None]
    written(path, ArrayStack(pixels, axes=axes), VolumeLinkOptions())
    (labels, *_), (points, *_) = read_label_zarr(path)
    labels = np.asarray(labels)
    expected = [
        [number, *np.argwhere(there).mean(axis=0)]
        for number in (1, 2)
        for time in range(3)
        if (there := (labels == number) & np.isin(np.indices(labels.shape)[-4], time)).any()
    ]
    np.testing.assert_allclose(points, expected)
    assert sorted(set(points[:, -3])) == [0.5, 0.8]


@pytest.mark.parametrize("link", [None, VolumeOptions()])
def test_what_was_not_linked_over_time_has_no_tracks(path, link):
    written(path, ArrayStack(frames(3), axes="tyx"), link)
    assert [kind for *_, kind in read_label_zarr(path)] == ["labels"]


def test_linking_that_was_ended_has_no_tracks_yet(path):
    stack = ArrayStack(frames(3), axes="tyx")
    with begun(path, stack) as output:
        for index in np.ndindex(3):
            do_unit(flat_segmenter(), stack, output.place, index, HOW)
        steps = output.linking(LinkOptions())
        for _ in range(4):
            next(steps)
        steps.close()
    assert [kind for *_, kind in read_label_zarr(path)] == ["labels"]


def test_labels_of_others_have_no_tracks(path):
    write_ome_labels(path, np.ones((2, 9, 9), int))
    assert [kind for *_, kind in read_label_zarr(path)] == ["labels"]
