"""Several objects at once: one question, one preview, one commit, one undo."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cutout.layers import SessionError

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]
IN_LEFT, IN_RIGHT = (8, 10), (25, 40)


def boxed(session):
    session.add_box((4, 5, 12, 20))
    session.add_box((19, 29, 30, 50))
    session.update()
    for k in range(2):
        session._active = k
        session.choose(2)


def labelled(*regions):
    labels = np.zeros((40, 60), np.int32)
    for number, region in enumerate(regions, 1):
        labels[region] = number
    return labels


def test_two_boxes_are_two_objects_in_one_batch(start):
    session = start()
    boxed(session)
    assert len(session.answers_shown) == 2
    assert session.segmenter.family.calls["decode"] == 1


def test_they_are_committed_and_undone_together(start):
    session = start()
    session.separate = True
    session.add_point(IN_LEFT)
    session.add_point(IN_RIGHT)
    assert session.commit() == 1
    np.testing.assert_array_equal(session.labels.data, labelled(LEFT, RIGHT))
    assert [record.id for record in session.objects] == [1, 2]
    session.undo()
    assert not session.labels.data.any()
    assert len(session.answers_shown) == 2
    session.redo()
    np.testing.assert_array_equal(session.labels.data, labelled(LEFT, RIGHT))


def test_one_click_of_the_undo_button_of_napari_takes_both_back(start):
    session = start()
    session.separate = True
    session.add_point(IN_LEFT)
    session.add_point(IN_RIGHT)
    session.commit()
    session.labels.undo()
    assert not session.labels.data.any()
    assert len(session.objects) == 0


def test_numbered_points_are_of_one_object(start):
    session = start()
    for number, point in ((1, IN_LEFT), (2, IN_RIGHT), (1, (6, 18))):
        session.group = number
        session.add_point(point)
    session.update()
    assert [len(answer.prompts) for answer in session.answers_shown] == [2, 1]


def test_only_what_changed_is_asked_again(start):
    session = start()
    session.separate = True
    session.add_point(IN_LEFT)
    session.update()
    first = session.answers_shown[0]
    session.add_point(IN_RIGHT)
    session.update()
    assert session.answers_shown[0] is first
    assert session.segmenter.family.calls["decode"] == 2


def test_candidates_are_those_of_the_object_prompted_last(start):
    session = start()
    session.separate = True
    session.add_point(IN_LEFT)
    session.add_point(IN_RIGHT)
    session.update()
    session.next_candidate()
    assert [answer.chosen for answer in session.answers_shown] == [0, 1]


def test_where_two_meet_the_later_one_is_on_top_on_screen_and_in_the_labels(start):
    session = start()
    session.separate = True
    session.add_point(IN_LEFT)
    session.add_point(IN_RIGHT)
    session.update()
    session.choose(2)  # all that is bright
    shown = np.squeeze(session.preview.data)
    assert sorted(np.unique(shown)) == [0, 2]
    with_both = session.commit()
    assert sorted(np.unique(session.labels.data)) == [0, with_both]


@pytest.mark.parametrize("number", [-1, -5])
def test_objects_are_numbered_from_one(start, number):
    with pytest.raises(SessionError, match="numbered from 1"):
        start().group = number


def test_the_same_object_keeps_its_id(start):
    session = start()
    session.add_point(IN_LEFT)
    session.commit()
    session.same_object = True
    session.add_point(IN_RIGHT)
    assert session.commit() == 1
    assert (session.labels.data[RIGHT] == 1).all()
    assert (session.labels.data[LEFT] == 1).all()
    session.same_object = False
    session.add_point(IN_LEFT)
    assert session.commit() == 2


def test_the_same_object_in_another_slice(start, two_objects):
    session = start(np.stack([two_objects] * 3))
    session.add_point(IN_LEFT)
    session.commit()
    session.toggle_same_object()
    session.viewer.dims.set_current_step(0, 2)
    session.add_point(IN_LEFT)
    assert session.commit() == 1
    np.testing.assert_array_equal((session.labels.data == 1).sum(axis=(1, 2)), [0, 98, 98])
