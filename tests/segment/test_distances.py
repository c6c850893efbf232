"""Maps of each pixel's place in its object, of a frame and of windows of it."""

from __future__ import annotations

import numpy as np
import pytest

from distance_family import distance_segmenter
from exact_family import exact_segmenter
from napari_cutout.segment.windows import Window


@pytest.fixture
def frame():
    frame = np.zeros((60, 90), np.uint8)
    frame[10:30, 20:50] = 255
    return frame


def test_a_frame_s_maps_are_the_model_s(frame):
    segmenter = distance_segmenter()
    maps = segmenter.distances(segmenter.encode(frame, "none"))
    np.testing.assert_array_equal(maps.foreground, frame > 0)
    assert maps.boundary[19, 35] == 0
    assert maps.boundary[0, 0] == maps.centre[0, 0] == 1
    assert maps.window == Window(0, 0, 60, 90)


def test_a_large_frame_s_maps_are_put_together(frame):
    segmenter = distance_segmenter(input_size=40)
    maps = segmenter.distances(segmenter.encode(frame, "none"))
    np.testing.assert_allclose(maps.foreground, frame > 0, atol=1e-6)


def test_a_piece_is_looked_at_by_itself(frame):
    segmenter = distance_segmenter(input_size=40)
    piece = Window(5, 15, 30, 40)
    maps = segmenter.distances(segmenter.encode(frame, "none"), piece)
    np.testing.assert_array_equal(maps.foreground, frame[piece.slices] > 0)
    assert maps.window == piece


def test_only_a_model_with_the_decoder_tells(frame):
    segmenter = exact_segmenter()
    assert segmenter.can_find_instances
    assert not segmenter.can_tell_distances
    with pytest.raises(TypeError, match="no instance decoder"):
        segmenter.distances(segmenter.encode(frame))
