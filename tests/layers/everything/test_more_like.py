"""More objects like committed ones, in the shown frame and others."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest

from kinds_family import ROUND, SQUARE, kinds_segmenter
from napari_cutout.layers import TargetError
from napari_cutout.layers.everything.more_like import frames_of, more_like, similar_steps

PLACES = [(4, 4), (4, 30), (24, 14)]
SIZE = 8


def plane(*places, other=(24, 40)):
    pixels = np.zeros((40, 60), np.uint8)
    for row, col in places:
        pixels[row : row + SIZE, col : col + SIZE] = ROUND
    pixels[other[0] : other[0] + SIZE, other[1] : other[1] + SIZE] = SQUARE
    return pixels


@pytest.fixture
def begun(start):
    """A session on an image in which the first of the places is committed as object 1."""

    def begin(data, shown=0):
        session = start(data)
        session.viewer.dims.set_point(0, shown if data.ndim == 3 else 0)
        session.model, session.intensity = kinds_segmenter(), "dtype"
        session.add_point((PLACES[0][0] + 3, PLACES[0][1] + 3))
        assert session.commit() == 1
        return session

    return begin


def found_in(steps):
    return {
        step.found.frame: sorted(one.origin for one in step.found.objects)
        for step in steps
        if step.found is not None
    }


def test_the_rest_of_the_kind_is_found_and_committed(begun):
    session = begun(plane(*PLACES))
    *_, last = similar_steps(more_like(session, 1), Event())
    assert sorted(one.origin for one in last.found.objects) == PLACES[1:]
    assert last.done == last.total
    assert (last.found.by.mode, last.found.by.fingerprint) == ("similar", "exact")
    session.commit_found(last.found.passing, last.found.by, last.found.frame)
    np.testing.assert_array_equal(session.labels.data > 0, session.image.data == ROUND)


def test_other_frames_are_searched_the_nearest_first(begun):
    stack = np.stack([plane(), plane(*PLACES), plane(PLACES[2]), plane((8, 8), (20, 20))])
    session = begun(stack, shown=1)
    steps = list(similar_steps(more_like(session, [1], "all"), Event()))
    assert found_in(steps) == {
        (1, None, None): PLACES[1:],
        (0, None, None): [],
        (2, None, None): PLACES[2:],
        (3, None, None): [(8, 8), (20, 20)],
    }
    assert [at for at, *_ in found_in(steps)] == [1, 0, 2, 3]
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].count == 5


def test_what_is_labelled_in_another_frame_is_not_found_again(begun):
    session = begun(np.stack([plane(*PLACES)] * 2))
    session.labels.data[1, 4:12, 30:38] = 9
    steps = similar_steps(more_like(session, 1, "all"), Event())
    assert found_in(steps)[1, None, None] == [PLACES[0], PLACES[2]]


def test_cancelling_keeps_what_is_done(begun):
    session = begun(np.stack([plane(*PLACES)] * 3))
    cancelled, steps = Event(), []
    for step in similar_steps(more_like(session, 1, "all"), cancelled):
        steps.append(step)
        if step.found is not None:
            cancelled.set()
    assert found_in(steps) == {(0, None, None): PLACES[1:]}


def test_a_frame_that_was_made_ready_can_be_kept(begun):
    session = begun(np.stack([plane(*PLACES)] * 2))
    made = [step for step in similar_steps(more_like(session, 1, "all"), Event()) if step.made]
    for step in made:
        step.where.keep(step.made)
    encoded = session.segmenter.family.calls["encode"]
    list(similar_steps(more_like(session, 1, "all"), Event()))
    assert len(made) == 2
    assert session.segmenter.family.calls["encode"] == encoded


def test_an_object_that_is_not_there_is_refused(begun):
    session = begun(plane(*PLACES))
    with pytest.raises(TargetError, match="no object 5"):
        more_like(session, 5)
    with pytest.raises(TargetError, match="commit and choose one"):
        more_like(session, [])
    with pytest.raises(ValueError, match="'some'"):
        more_like(session, 1, "some")


def test_without_labels_there_is_no_example(start):
    with pytest.raises(TargetError, match="commit and choose one"):
        more_like(start(), 1)


def test_frames_go_along_all_sliders_but_that_of_channels(start):
    session = start(np.zeros((2, 3, 40, 60), np.uint8))
    image, index = session.image, (1, 1, None, None)
    everywhere = frames_of(image, index, None)
    assert everywhere[0] == index
    assert sorted(everywhere[1:4], key=str) == sorted(
        [(0, 1, None, None), (1, 0, None, None), (1, 2, None, None)], key=str
    )
    assert len(everywhere) == 6
    session.choose_channels(1, [1])
    along = frames_of(image, index, session.channels)
    assert along == [(1, 1, None, None), (0, 1, None, None)]
