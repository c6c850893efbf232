"""Where objects are, gathered frame by frame, compared with what linking says of the same."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_cutout.formats.tracks.track import Track
from napari_cutout.layers.stacks.sightings import Sightings, graph_of

FRAMES = arrays(np.uint16, (4, 6, 7), elements=st.integers(0, 5))


def gathered(frames):
    seen = Sightings()
    for frame in frames:
        seen.add(frame)
    return seen


@given(FRAMES)
@settings(max_examples=40, deadline=None)
def test_ids_areas_and_centres_are_those_of_the_pixels(frames):
    seen = gathered(frames)
    for frame, ids, areas, centres in zip(frames, seen.ids, seen.areas, seen.centres, strict=True):
        expected = [number for number in range(1, 6) if (frame == number).any()]
        assert ids.tolist() == expected
        for number, area, centre in zip(expected, areas, centres, strict=True):
            assert area == (frame == number).sum()
            np.testing.assert_allclose(centre, np.argwhere(frame == number).mean(axis=0))


@given(FRAMES)
@settings(max_examples=40, deadline=None)
def test_linked_says_the_same_as_the_tracks(frames):
    seen = gathered(frames)
    known = seen.tracks({})
    tracks, of_track = seen.linked(known)
    assert {(int(of_track[one.id]), one.first, one.last) for one in tracks.tracks} == {
        (one.id, one.first, one.last) for one in known
    }
    for place, frame in enumerate(frames):
        back = of_track[tracks.relabelled(frame, place)]
        np.testing.assert_array_equal(back, frame)
    np.testing.assert_array_equal(seen.points()[:, 0], np.sort(of_track[tracks.track_ids]))


def test_a_parent_that_has_not_ended_is_none():
    frames = np.array([[[1, 0]], [[1, 2]], [[0, 3]]])
    seen = gathered(frames)
    tracks = seen.tracks({2: 1, 3: 1, 1: 9})
    assert tracks == (Track(1, 0, 1), Track(2, 1, 1), Track(3, 2, 2, 1))
    assert graph_of(tracks) == {3: [1]}


def test_frames_may_have_planes_or_be_empty():
    seen = gathered(np.zeros((2, 3, 4, 5), int))
    assert seen.points().shape == (0, 5)
    assert seen.tracks({}) == ()
