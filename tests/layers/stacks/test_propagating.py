"""Objects carried from frame to frame: what is written, corrected, stopped, divided and undone."""

from __future__ import annotations

import numpy as np
import pytest

from later import LaterSteps
from moving_stack import moving
from napari_cutout.annotate.replay import replay, sections
from napari_cutout.layers import SessionError, TargetError
from napari_cutout.stacks.errors import StackError

LEFT, RIGHT = (8, 10), (25, 36)


def states(stacks):
    return [state.state for state in stacks.frame_states]


def cut(stacks, point, frame=0):
    stacks.go_to((frame,))
    stacks.session.add_point(point)
    return stacks.session.commit()


def areas(stacks, number=1):
    return [int(np.count_nonzero(frame == number)) for frame in stacks.session.labels.data]


def agrees(stacks, number=1, where=np.s_[:15]):
    """The IoU with what is there, in each frame."""
    found = []
    for frame, truth in zip(stacks.session.labels.data, moving(), strict=True):
        one, other = frame == number, np.zeros(truth.shape, bool)
        other[where] = truth[where] > 0
        found.append(np.count_nonzero(one & other) / max(np.count_nonzero(one | other), 1))
    return found


def test_a_committed_object_is_carried_and_keeps_its_id(begin):
    stacks = begin()
    number = cut(stacks, LEFT)
    stacks.propagate(number)
    assert min(agrees(stacks)) > 0.8
    assert states(stacks) == ["corrected", "carried", "carried", "carried"]
    row = stacks.session.objects.row(1)
    assert len(row.frames) == 4
    assert [(record.id, record.frame[0]) for record in stacks.session.objects] == [
        (1, 0),
        (1, 1),
        (1, 2),
        (1, 3),
    ]
    modes = [record.found and record.found.mode for record in stacks.session.objects]
    assert modes == [None, "propagate", "propagate", "propagate"]


def test_it_is_one_step(begin):
    stacks = begin()
    stacks.propagate(cut(stacks, LEFT))
    after = stacks.session.labels.data.copy()
    stacks.session.undo()
    assert areas(stacks) == [98, 0, 0, 0]
    assert len(stacks.session.objects) == 1
    stacks.session.redo()
    np.testing.assert_array_equal(stacks.session.labels.data, after)
    stacks.session.undo()
    stacks.session.undo()
    assert not stacks.session.labels.data.any()


def test_what_is_previewed_is_committed_and_carried(begin):
    stacks = begin()
    stacks.session.add_point(LEFT)
    stacks.session.update()
    stacks.propagate()
    assert min(agrees(stacks)) > 0.8


def test_without_a_preview_it_is_the_selected_object(begin):
    stacks = begin()
    cut(stacks, LEFT)
    number = cut(stacks, RIGHT)
    stacks.session.labels.selected_label = number
    stacks.propagate()
    assert areas(stacks, 1) == [98, 0, 0, 0]
    assert min(areas(stacks, number)) > 100


def test_several_at_once_and_both_ways(begin):
    stacks = begin()
    ids = [cut(stacks, (8, 14), 2), cut(stacks, (25, 38), 2)]
    stacks.propagate(ids, "both")
    assert min(agrees(stacks, ids[0])) > 0.8
    assert min(agrees(stacks, ids[1], np.s_[15:])) > 0.8


@pytest.mark.parametrize(("direction", "there"), [("forward", [2, 3]), ("backward", [0, 1, 2])])
def test_one_way(begin, direction, there):
    stacks = begin()
    stacks.propagate(cut(stacks, (8, 14), 2), direction)
    assert np.flatnonzero(areas(stacks)).tolist() == there


def test_a_range_holds_the_frame_that_is_shown(begin):
    stacks = begin()
    number = cut(stacks, LEFT)
    stacks.frames = "t=1:3"
    stacks.propagate(number)
    assert np.flatnonzero(areas(stacks)).tolist() == [0, 1, 2]


def test_a_correction_is_carried_on_by_doing_it_again(begin):
    stacks = begin()
    session = stacks.session
    number = cut(stacks, LEFT)
    stacks.propagate(number)
    before = areas(stacks)
    stacks.go_to((2,))
    session.reopen(number)
    session.clear()
    session.reopened = number
    session.add_box([20, 32, 29, 46])
    assert session.commit() == number
    stacks.propagate(number)
    assert states(stacks) == ["corrected", "carried", "corrected", "carried"]
    assert areas(stacks)[2] == 150
    assert (session.labels.data[3, 20:30] == number).any()
    assert not (session.labels.data[3, :15] == number).any()
    session.undo()
    assert areas(stacks)[:2] == before[:2]
    assert areas(stacks)[2:] == [150, before[3]]


def test_a_brush_in_a_carried_frame_is_a_correction(begin):
    stacks = begin()
    number = cut(stacks, LEFT)
    stacks.propagate(number)
    labels = stacks.session.labels
    rows, cols = np.indices((3, 3)).reshape(2, -1)
    labels.data_setitem((np.full(9, 2), rows, cols), number)
    painted = labels.data[2].copy()
    stacks.propagate(number)
    assert states(stacks) == ["corrected", "carried", "corrected", "carried"]
    np.testing.assert_array_equal(labels.data[2], painted)


def test_a_stop_ends_it_and_takes_away_what_was_carried_there(begin):
    stacks = begin()
    number = cut(stacks, LEFT)
    stacks.propagate(number)
    stacks.add_stop(number, (2,))
    stacks.propagate(number)
    assert np.flatnonzero(areas(stacks)).tolist() == [0, 1]
    assert states(stacks)[:3] == ["corrected", "carried", "stopped"]
    assert len(stacks.session.objects) == 2
    stacks.session.undo()
    assert np.flatnonzero(areas(stacks)).tolist() == [0, 1, 2, 3]
    stacks.remove_stop(number, (2,))
    assert stacks.stops == frozenset()


def test_a_stop_where_it_was_made_is_refused(begin):
    stacks = begin()
    number = cut(stacks, LEFT)
    stacks.add_stop(number)
    with pytest.raises(StackError, match="is to stop there"):
        stacks.propagate(number)
    assert not stacks.is_running


def test_a_mother_ends_where_her_daughters_begin(begin):
    stacks = begin()
    mother = cut(stacks, LEFT)
    daughters = [cut(stacks, (8, 14), 2), cut(stacks, (25, 38), 2)]
    stacks.mark_division(mother, daughters)
    stacks.propagate(mother, "both")
    assert np.flatnonzero(areas(stacks, mother)).tolist() == [0, 1]
    for daughter in daughters:
        assert np.flatnonzero(areas(stacks, daughter)).tolist() == [2, 3]
    assert f"divided into {daughters[0]} and {daughters[1]}" in stacks.state_of((2,)).text
    stacks.remove_division(mother)
    assert not stacks.divisions


def five_labels():
    """Objects 1 to 5 in the first of four frames."""
    labels = np.zeros((4, 40, 60), np.int32)
    for number in range(1, 6):
        labels[0, 4 * number : 4 * number + 3, 4:8] = number
    return labels


@pytest.mark.parametrize(
    ("mother", "daughters", "why"),
    [
        (1, [2, 2], "divides into two others, not into 2 and 2"),
        (1, [2], "divides into two others, not into 2"),
        (1, [], "not into none"),
        (1, [1, 2], "can't be its own daughter"),
        (9, [2, 3], "no object 9 in 'target'"),
        (1, [2, 7], "no object 7"),
        (0, [2, 3], "no object 0"),
        (4, [3, 5], "object 3 comes of another division"),
    ],
)
def test_a_division_of_other_than_three_objects_is_refused(begin, mother, daughters, why):
    stacks = begin(labels=five_labels())
    stacks.mark_division(2, [3, 1])
    with pytest.raises(SessionError, match=why):
        stacks.mark_division(mother, daughters)
    assert list(stacks.divisions) == [2]


def test_a_stop_of_what_is_not_there_is_refused(begin):
    stacks = begin()
    with pytest.raises(SessionError, match="no object 1: nothing is labelled yet"):
        stacks.add_stop(1)
    stacks = begin(labels=five_labels())
    for number in (0, 6, -1):
        with pytest.raises(SessionError, match=f"no object {number} in 'target'"):
            stacks.add_stop(number)
    assert not stacks.stops


def test_marks_are_said(begin):
    stacks = begin(labels=five_labels())
    stacks.add_stop(1, (2,))
    assert stacks.status == "Object 1 stops in frame t=2."
    stacks.remove_stop(1, (2,))
    assert stacks.status == "Object 1 stops in frame t=2 no more."
    stacks.mark_division(1, [2, 3])
    assert stacks.status == "Object 1 divides into 2 and 3 in frame t=0."
    stacks.remove_division(1)
    assert stacks.status == "Object 1 divides no more."


def test_other_objects_keep_their_pixels_where_the_policy_says_so(begin):
    labels = np.zeros((4, 40, 60), np.int32)
    labels[1, 5:12] = 9
    stacks = begin(labels=labels, policy="keep_existing")
    number = cut(stacks, LEFT)
    stacks.propagate(number)
    assert np.flatnonzero(areas(stacks, number)).tolist() == [0, 2, 3]
    assert (stacks.session.labels.data[1, 5:12] == 9).all()


def test_cancelled_it_keeps_what_was_carried(begin):
    run = LaterSteps()
    stacks = begin(run=run)
    number = cut(stacks, LEFT)
    stacks.propagate(number)
    run.finish()  # its masks are read
    run.step(3)
    stacks.cancel()
    run.finish()
    assert np.flatnonzero(areas(stacks)).tolist() == [0, 1]
    stacks.session.undo()
    assert np.flatnonzero(areas(stacks)).tolist() == [0]


def test_what_is_corrected_meanwhile_stays(begin):
    run = LaterSteps()
    stacks = begin(run=run)
    session = stacks.session
    number = cut(stacks, LEFT)
    stacks.propagate(number)
    run.finish()  # its masks are read
    run.step(3)
    session.same_object = True
    stacks.go_to((2,))
    session.add_point((25, 38))
    assert session.commit() == number
    run.finish()
    assert areas(stacks)[2] == 150
    for _ in range(2):
        session.undo()
    assert np.flatnonzero(areas(stacks)).tolist() == [0, 1]


def test_the_log_comes_to_the_same(begin):
    stacks = begin()
    number = cut(stacks, LEFT)
    stacks.propagate(number)
    stacks.add_stop(number, (2,))
    stacks.propagate(number)
    stacks.session.undo()
    stacks.session.redo()
    (section,) = sections(stacks.session.log)
    replayed = replay(section)
    np.testing.assert_array_equal(replayed.labels, stacks.session.labels.data)
    assert [(one.id, one.frame[0]) for one in replayed.objects] == [(1, 0), (1, 1)]


def test_what_is_not_there_is_refused(begin):
    stacks = begin()
    with pytest.raises(SessionError, match="no object is there"):
        stacks.propagate()
    number = cut(stacks, LEFT)
    with pytest.raises(SessionError, match="no object 7"):
        stacks.propagate(7)
    with pytest.raises(SessionError, match="forward, backward or both"):
        stacks.propagate(number, "sideways")
    stacks.go_to((3,))
    stacks.frames = "t=1:3"
    with pytest.raises(SessionError, match="in none of the 3 frames"):
        stacks.propagate(number)
    stacks.session.labels.editable = False
    with pytest.raises(TargetError, match="not editable"):
        stacks.propagate(number)


def test_one_frame_is_nowhere_to_go(begin):
    stacks = begin()
    number = cut(stacks, LEFT)
    stacks.frames = "t=0"
    with pytest.raises(SessionError, match="one frame only"):
        stacks.propagate(number)
