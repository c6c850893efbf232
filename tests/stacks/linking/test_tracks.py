"""What linking says: ids by frame, relabelled frames, data for napari."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cutout.evaluate.sequences.moving_blobs import moving_blobs
from napari_cutout.stacks.linking.errors import LinkError
from napari_cutout.stacks.linking.linker import link


def three_frames():
    """An object that moves right by 2, and one that is in the last frame only."""
    frames = np.zeros((3, 20, 30), np.uint8)
    for step, frame in enumerate(frames):
        frame[4:9, 5 + 2 * step : 10 + 2 * step] = 7 - step
    frames[2, 12:17, 20:25] = 3
    return frames


def test_ids_are_by_what_the_frame_calls_its_objects():
    tracks = link(three_frames())

    assert [tracks.ids(number) for number in range(3)] == [{7: 1}, {6: 1}, {5: 1, 3: 2}]


def test_relabelled_labels_have_the_ids_of_tracks():
    frames = three_frames()
    found = link(frames).relabelled(frames[2], 2)

    assert found.dtype == np.int32
    assert np.array_equal(found, np.array([0, 0, 0, 2, 0, 1])[frames[2]])


def test_labels_that_were_not_linked_are_refused():
    frames = three_frames()

    with pytest.raises(LinkError, match=r"frame 0 was linked with 1 objects.*called 6"):
        link(frames).relabelled(frames[1], 0)


@pytest.mark.parametrize("frame", [-1, 3])
def test_a_frame_that_was_not_linked_is_refused(frame):
    frames = three_frames()

    with pytest.raises(LinkError, match=f"frames 0 to 2 were linked, not {frame}"):
        link(frames).ids(frame)


def test_data_for_napari_are_sorted_by_track_and_frame():
    data, graph, properties = link(three_frames()).to_napari()

    assert data.tolist() == [[1, 0, 6, 7], [1, 1, 6, 9], [1, 2, 6, 11], [2, 2, 14, 22]]
    assert graph == {}
    assert properties["area"].tolist() == [25, 25, 25, 25]
    assert properties["parent"].tolist() == [0, 0, 0, 0]


def test_data_for_napari_can_be_scaled():
    data, _, _ = link(three_frames()).to_napari(scale=(10, 0.5, 2))

    assert data[1].tolist() == [1, 10, 3, 18]


def test_napari_takes_data_graph_and_properties():
    layers = pytest.importorskip("napari.layers")
    tracks = link(moving_blobs(10, 30, seed=1, speed=0.05, divisions=0.03).frames)
    data, graph, properties = tracks.to_napari()
    layer = layers.Tracks(data, graph=graph, properties=properties)

    assert len(graph) > 2
    assert layer.graph == graph
    np.testing.assert_array_equal(layer.data, data)
