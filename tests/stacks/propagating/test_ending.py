"""When an object isn't carried on, and what it is told with."""

import pytest

from moving_squares import (
    SIDE,
    carried,
    final,
    movie,
    places,
    start,
    straight,
)
from napari_cutout.stacks.propagating.options import PropagateOptions
from napari_cutout.stacks.propagating.values import NOTHING


def test_an_object_that_vanishes_is_stopped_with_a_reason():
    way = straight(6)
    reports = carried(movie([*way[:3], None, None, None]), {(0,): [start(1, way[0])]})
    last = reports[-1]
    assert (last.index, last.objects[0].state, last.objects[0].mask) == ((3,), "stopped", NOTHING)
    assert last.objects[0].reason == "nothing of it was found"


def test_an_object_that_goes_out_of_the_frame_has_left():
    way = straight(12, (20, 40), (0, 4))
    reports = carried(movie(way), {(0,): [start(1, way[0])]})
    last = reports[-1].objects[0]
    assert (last.state, last.reason) == ("left", "it went out over the frame's edge")
    assert len(reports) < 12


def test_an_object_that_is_cut_by_the_side_goes_on():
    way = straight(6, (20, 66), (0, 2))
    reports = carried(movie(way), {(0,): [start(1, way[0])]})
    assert places(reports, 1) == dict(enumerate(way))
    assert final(reports)[5][1].mask.size == (SIDE, 4)


def test_a_sudden_change_of_area_stops():
    frames = movie(straight(4, (20, 20), (0, 0)))
    frames[2:, 5:55, 5:75] = 220
    reports = carried(frames, {(0,): [start(1, (20, 20))]})
    last = reports[-1].objects[0]
    assert (reports[-1].index, last.state) == ((2,), "stopped")
    assert last.reason.startswith("its area grew from 196 to ")


@pytest.mark.parametrize(
    ("patience", "place", "reason"),
    [
        (0, 1, "its score of 0.90 is below 0.95"),
        (1, 2, "its score of 0.90 is below 0.95, and it was doubtful in the frame before"),
        (2, 3, "its score of 0.90 is below 0.95, and it was doubtful in the frame before"),
    ],
)
def test_a_low_score_stops_when_it_goes_on(patience, place, reason):
    way = straight(5)
    how = PropagateOptions(keep_shape=0, min_score=0.95, patience=patience)
    last = carried(movie(way), {(0,): [start(1, way[0])]}, how)[-1]
    assert last.index == (place,)
    assert (last.objects[0].state, last.objects[0].reason) == ("stopped", reason)


def fading(levels):
    """A square that stays where it is and becomes as dark as the ground."""
    frames = movie(straight(len(levels), (20, 20), (0, 0)))
    for frame, level in zip(frames, levels, strict=True):
        frame[frame == 220] = level
        frame[40:54, 60:74] = 220  # So that what is bright is so in all frames.
    return frames


def test_an_object_that_looks_like_its_surroundings_is_stopped_when_that_goes_on():
    how = PropagateOptions(keep_shape=1, min_score=0, use_motion=False)
    reports = carried(fading([220, 220, 25, 25, 25]), {(0,): [start(1, (20, 20))]}, how)

    assert set(places(reports, 1)) == {0, 1, 2}
    assert reports[-1].objects[0].reason == (
        "it looks rather like what was around it where it was given, and it was doubtful in the "
        "frame before"
    )


def test_looks_needn_t_be_looked_at():
    how = PropagateOptions(keep_shape=1, min_score=0, use_motion=False, use_looks=False)
    reports = carried(fading([220, 220, 25, 25, 25]), {(0,): [start(1, (20, 20))]}, how)

    assert set(places(reports, 1)) == {0, 1, 2, 3, 4}


def test_an_object_of_which_little_is_left_is_stopped_when_that_goes_on():
    frames = movie(straight(6, (20, 20), (0, 0)))
    for frame, side in zip(frames[1:], (10, 7, 5, 3, 3), strict=True):
        frame[20:34, 20:34] = 20
        frame[20 : 20 + side, 20 : 20 + side] = 220
    how = PropagateOptions(keep_shape=0, min_score=0, min_overlap=0)
    reports = carried(frames, {(0,): [start(1, (20, 20))]}, how)

    assert set(places(reports, 1)) == {0, 1, 2, 3, 4}
    assert reports[-1].objects[0].reason.startswith("9 pixels are left of the 196 that it had")


def test_little_overlap_with_what_was_expected_stops():
    way = [(20, 20), (20, 26), (20, 26)]
    how = PropagateOptions(keep_shape=0, use_motion=False, min_overlap=0.5)
    last = carried(movie(way), {(0,): [start(1, way[0])]}, how)[-1].objects[0]
    assert last.state == "stopped"
    assert last.reason.startswith("it agrees by 40% only")


def test_a_stop_ends_it_in_both_directions():
    way = straight(7)
    reports = carried(movie(way), {(3,): [start(1, way[3])]}, stops=[(1, (5,)), (1, (1,))])
    assert set(places(reports, 1)) == {2, 3, 4}
    assert final(reports)[5][1].reason == "a stop was set here"
