"""Objects carried through a stack: with a model that sees them exactly, all of it is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moving_squares import (
    AS_SEEN,
    SHAPE,
    SIDE,
    BrokenStack,
    carried,
    final,
    movie,
    painted,
    places,
    seeing_segmenter,
    start,
    straight,
)
from napari_cutout.stacks.propagating.options import PropagateOptions
from napari_cutout.stacks.propagating.propagate import propagate
from napari_cutout.stacks.propagating.values import Division


def test_a_moving_object_is_carried_forward_exactly():
    way = straight(8)
    reports = carried(movie(way), {(0,): [start(1, way[0])]})
    assert places(reports, 1) == dict(enumerate(way))
    masks = [one.objects[0].mask for one in reports]
    assert {mask.area for mask in masks} == {SIDE * SIDE}


def test_a_moving_object_is_carried_backward_exactly():
    way = straight(8)
    reports = carried(movie(way), {(7,): [start(1, way[7])]})
    assert places(reports, 1) == dict(enumerate(way))


def test_from_the_middle_it_goes_both_ways_first_forward():
    way = straight(5)
    reports = carried(movie(way), {(2,): [start(1, way[2])]})
    assert [one.index for one in reports] == [(2,), (3,), (4,), (1,), (0,)]
    assert [(one.done, one.total) for one in reports] == [(k, 5) for k in range(1, 6)]


@pytest.mark.parametrize(
    ("direction", "reached"), [("forward", {2, 3, 4}), ("backward", {0, 1, 2})]
)
def test_it_goes_where_it_is_sent(direction, reached):
    way = straight(5)
    reports = carried(movie(way), {(2,): [start(1, way[2])]}, direction=direction)
    assert set(places(reports, 1)) == reached


def test_a_person_s_mask_stays_as_it_is():
    way = straight(4)
    other = start(1, (10, 10), (5, 9))
    reports = carried(movie(way), {(0,): [start(1, way[0])], (2,): [other]})
    one = final(reports)[2][1]
    assert (one.mask, one.origin, one.score, one.state) == (
        other.mask,
        other.origin,
        1.0,
        "corrected",
    )


def test_a_correction_is_carried_on_from():
    ways = straight(6, (8, 8), (0, 2)), straight(6, (38, 30), (0, 2))
    starts = {(0,): [start(1, ways[0][0])], (3,): [start(1, ways[1][3])]}
    reports = carried(movie(*ways), starts, direction="forward")
    found = places(reports, 1)
    assert {place: found[place] for place in (3, 4, 5)} == {k: ways[1][k] for k in (3, 4, 5)}


def test_between_two_given_masks_each_end_is_followed_where_they_disagree():
    ways = straight(7, (8, 8), (0, 2)), straight(7, (38, 30), (0, 2))
    starts = {(0,): [start(1, ways[0][0])], (6,): [start(1, ways[1][6])]}
    found = places(carried(movie(*ways), starts), 1)
    assert [found[k] for k in range(7)] == [*ways[0][:4], *ways[1][4:]]


def test_an_object_that_vanishes_from_one_end_is_taken_from_the_other():
    way = straight(9)
    seen = [at if k != 2 else None for k, at in enumerate(way)]
    starts = {(0,): [start(1, way[0])], (8,): [start(1, way[8])]}
    reports = carried(movie(seen), starts)
    assert set(places(reports, 1)) == {0, 1, 3, 4, 5, 6, 7, 8}
    assert final(reports)[2][1].state == "stopped"


def test_an_object_from_afar_takes_nothing_from_one_just_given():
    frames = movie(straight(12, (20, 20), (0, 0)))
    frames[:, 20:34, 34:48] = 220
    starts = {(0,): [start(1, (20, 20), (SIDE, 28))], (11,): [start(2, (20, 34))]}
    found = final(carried(frames, starts))[10]
    assert (found[2].origin, found[2].mask.area) == ((20, 34), SIDE * SIDE)
    assert (found[1].origin, found[1].mask.area) == ((20, 20), SIDE * SIDE)


def test_a_division_ends_the_mother_and_begins_the_daughters():
    first, second = straight(6, (8, 20), (0, 1)), straight(6, (34, 20), (0, 1))
    mother = [first[0], first[1], first[2], None, None, None]
    daughters = [None, None, None, *second[3:]]
    frames = movie(mother, daughters, [None, None, None, *first[3:]])
    born = Division((3,), (start(2, first[3]), start(3, second[3])))
    reports = carried(frames, {(0,): [start(1, first[0])]}, divisions={1: born})
    assert set(places(reports, 1)) == {0, 1, 2}
    assert places(reports, 2) == {k: first[k] for k in (3, 4, 5)}
    assert places(reports, 3) == {k: second[k] for k in (3, 4, 5)}
    assert final(reports)[3][1].reason == "it divided into 2 and 3"


def test_an_object_is_carried_over_a_frame_that_cannot_be_read():
    way = straight(6, step=(1, 2))
    reports = carried(movie(way), {(0,): [start(1, way[0])]}, broken=[3])
    assert places(reports, 1) == {k: way[k] for k in (0, 1, 2, 4, 5)}
    assert [one.problem for one in reports] == ["", "", "", "the file is damaged", "", ""]


def test_a_frame_without_a_number_is_carried_over_and_said():
    way = straight(4)
    frames = movie(way).astype(np.float32)
    frames[1] = np.nan
    reports = carried(frames, {(0,): [start(1, way[0])]})
    assert [one.problem for one in reports] == ["", "no pixel of it is a number", "", ""]


def test_an_object_is_stopped_after_too_many_frames_that_cannot_be_read():
    way = straight(6, step=(1, 2))
    how = PropagateOptions(keep_shape=0, largest_gap=1)
    reports = carried(movie(way), {(0,): [start(1, way[0])]}, how, broken=[2, 3])
    last = reports[-1]
    assert (last.index, last.objects[0].state) == ((3,), "stopped")
    assert last.objects[0].reason == "2 frames in a row can't be read: the file is damaged"


def test_an_object_begins_in_a_frame_that_cannot_be_read():
    way = straight(4, step=(0, 1))
    reports = carried(movie(way), {(0,): [start(1, way[0])]}, broken=[0])
    assert places(reports, 1) == dict(enumerate(way))


def test_an_embedding_of_another_size_is_a_frame_that_cannot_be_read():
    way = straight(3, step=(0, 1))
    frames, segmenter = movie(way), seeing_segmenter()

    def embedding_of(index):
        return segmenter.encode(frames[index[0]][:40] if index == (1,) else frames[index[0]])

    stack = BrokenStack(frames)
    indices = [(0,), (1,), (2,)]
    starts = {(0,): [start(1, way[0])]}
    reports = list(propagate(segmenter, stack, starts, indices, AS_SEEN, embedding_of=embedding_of))
    assert reports[1].problem == "it has 40 x 80 pixels, the first frame of the stack has 60 x 80"
    assert set(places(reports, 1)) == {0, 2}
    assert stack.read_places == []


def test_nothing_is_read_after_it_was_closed():
    way = straight(8)
    stack = BrokenStack(movie(way))
    steps = propagate(
        seeing_segmenter(), stack, {(0,): [start(1, way[0])]}, [(k,) for k in range(8)], AS_SEEN
    )
    for _ in range(3):
        next(steps)
    steps.close()
    assert set(stack.read_places) - {3} == {0, 1, 2}, "and one ahead at most"


def test_frames_that_no_object_reaches_are_not_read():
    way = straight(8)
    stack = BrokenStack(movie([*way[:2], *[None] * 6]))
    list(
        propagate(
            seeing_segmenter(), stack, {(0,): [start(1, way[0])]}, [(k,) for k in range(8)], AS_SEEN
        )
    )
    assert set(stack.read_places) - {3} == {0, 1, 2}, "and one ahead at most"


def test_all_objects_of_a_frame_are_asked_for_at_once():
    ways = [straight(3, (4, 4), (0, 1)), straight(3, (4, 40), (0, 1)), straight(3, (40, 4), (0, 1))]
    segmenter = seeing_segmenter()
    starts = {(0,): [start(k + 1, way[0]) for k, way in enumerate(ways)]}
    steps = propagate(segmenter, BrokenStack(movie(*ways)), starts, [(0,), (1,), (2,)], AS_SEEN)
    calls = []
    for _ in steps:
        calls.append(segmenter.family.calls["decode"])
    # Once where they are known, for how the model sees them, and once in each frame.
    assert calls == [1, 2, 3]


def test_two_runs_are_the_same():
    ways = straight(6), straight(6, (30, 50), (-1, -3))
    starts = {(0,): [start(1, ways[0][0])], (5,): [start(2, ways[1][5])]}
    assert carried(movie(*ways), starts) == carried(movie(*ways), starts)


def test_objects_that_move_into_each_other_share_no_pixel():
    ways = straight(9, (20, 4), (0, 3)), straight(9, (22, 58), (0, -3))
    starts = {(0,): [start(1, ways[0][0]), start(2, ways[1][0])]}
    how = PropagateOptions(min_score=0, min_overlap=0, max_area_change=1e6)
    for report in carried(movie(*ways), starts, how):
        assert painted(report.objects).max() == 1


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 46), st.integers(0, 66)), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=4, max_size=4),
    st.lists(st.integers(0, 3), min_size=4, max_size=4),
    st.sets(st.integers(0, 3), max_size=2),
)
def test_whatever_comes_masks_are_in_their_boxes_and_in_the_frame(begins, steps, at, broken):
    ways = [straight(4, begin, step) for begin, step in zip(begins, steps, strict=False)]
    starts = {}
    for number, (way, place) in enumerate(zip(ways, at, strict=False), 1):
        row, col = (
            min(max(x, 0), limit - SIDE) for x, limit in zip(way[place], SHAPE, strict=True)
        )
        starts.setdefault((place,), []).append(start(number, (row, col)))
    how = PropagateOptions(min_score=0, min_overlap=0)
    for report in carried(movie(*ways), starts, how, broken):
        assert painted(report.objects).max(initial=0) <= 1
        for one in report.objects:
            mask = one.mask.decode()
            is_there = one.state in ("carried", "corrected")
            assert mask.any() == is_there
            assert bool(one.reason) != is_there
            if is_there:
                sides = (mask[0], mask[-1], mask[:, 0], mask[:, -1])
                assert all(side.any() for side in sides)
