"""Where ids lie, kept in step with painting, compared with looking at all pixels again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_cutout.annotate.extents import Extent, extents_of
from napari_cutout.annotate.places import Places

SHAPE = (2, 5, 6)
FRAMES = ((0, None, None), (1, None, None))
LABELS = arrays(np.int32, SHAPE, elements=st.integers(0, 3))
STROKES = st.lists(st.tuples(arrays(bool, SHAPE), LABELS | st.integers(0, 3)), max_size=4)


def read(labels):
    places = Places(lambda number: None)
    places.found({frame: extents_of(labels[frame[0]]) for frame in FRAMES})
    return places


def areas(places):
    return {number: {f: at.area for f, at in places.of(number).items()} for number in places}


def check(places, labels):
    """Areas are those of the pixels, and boxes hold all of them."""
    assert areas(places) == areas(read(labels))
    for number in places:
        for frame, extent in places.of(number).items():
            assert np.count_nonzero(labels[frame[0]][extent.box] == number) == extent.area


def told_by_box(places, pixels, old, new, back=False):
    places.painted_box((0, 0, 0), pixels, old, new, back)


def told_by_indices(places, pixels, old, new, back=False):
    places.painted(np.nonzero(pixels), old, new, back)


TELL = pytest.mark.parametrize("tell", [told_by_box, told_by_indices])


@TELL
@given(LABELS, STROKES)
def test_strokes_are_followed(tell, labels, strokes):
    places = read(labels)
    for pixels, new in strokes:
        given = new if np.ndim(new) == 0 else new[pixels]
        tell(places, pixels, labels[pixels], given)
        labels[pixels] = given
        check(places, labels)


@TELL
@given(LABELS, STROKES)
def test_strokes_that_are_undone_leave_what_was_there(tell, labels, strokes):
    places, before, done = read(labels), labels.copy(), []
    for pixels, new in strokes:
        given = new if np.ndim(new) == 0 else new[pixels]
        done.append((pixels, labels[pixels], given))
        tell(places, *done[-1])
        labels[pixels] = given
    for step in reversed(done):
        tell(places, *step, back=True)
    check(places, before)


def test_of_a_pixel_that_is_given_twice_the_last_label_counts():
    places = Places(lambda number: None)
    twice = np.array([1, 1])
    places.painted((twice, twice), np.array([0, 0]), np.array([3, 4]))
    assert areas(places) == {4: {(None, None): 1}}


def test_an_id_without_pixels_goes_away():
    places = read(np.ones(SHAPE, int))
    places.painted_box((0, 0, 0), np.ones(SHAPE, bool), 1, 0)
    assert 1 not in places
    assert not list(places)


def test_frames_that_are_read_again_replace_what_was_known():
    places = read(np.ones(SHAPE, int))
    places.found({FRAMES[0]: {7: Extent(2, 0, 0, 0, 1)}})
    assert areas(places) == {1: {FRAMES[1]: 30}, 7: {FRAMES[0]: 2}}


def test_what_changed_while_it_was_read_is_not_taken():
    places = read(np.zeros(SHAPE, int))
    since = places.clock
    places.painted_box((0, 0, 0), np.ones((1, 1, 1), bool), 0, 5)
    late = places.found({frame: {} for frame in FRAMES}, since)
    assert late == FRAMES[:1]
    assert areas(places) == {5: {FRAMES[0]: 1}}


@given(LABELS)
def test_boxes_in_frames_along_other_axes(labels):
    places = read(labels)
    for number in places:
        for axis in range(3):
            for at in range(SHAPE[axis]):
                plane = labels.take(at, axis) == number
                index = tuple(at if k == axis else None for k in range(3))
                box = places.within(number, index)
                assert not plane.any() or plane[box].sum() == plane.sum()


@given(LABELS)
def test_boxes_in_frames_along_the_last_axes_are_those_of_the_extents(labels):
    places = read(labels)
    for number in places:
        for frame in FRAMES:
            known = places.of(number).get(frame)
            assert places.within(number, frame) == (known and known.box)


def test_only_what_was_painted_new_is_whole_before_all_is_read():
    places = Places(lambda number: None)
    places.known = "soon"
    places.add_new(4)
    assert [places.is_whole(number) for number in (3, 4)] == [False, True]
