"""Existing objects as prompts, and the preview touched up by a brush."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest
import zarr

from napari_cutout.layers import SessionError, TargetError

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]
IN_LEFT, IN_RIGHT = (8, 10), (25, 40)


def with_labels(start, labels=None, **options):
    session = start(**options)
    data = np.zeros((40, 60), np.int32)
    data[6:10, 8:16] = 5
    session.labels = session.viewer.add_labels(data if labels is None else labels)
    return session


def test_a_picked_object_is_a_mask_prompt(start):
    session = with_labels(start)
    assert session.pick((8, 10)) == 5
    session.update()
    assert len(session.prompts.masks) == 1
    np.testing.assert_array_equal(session.preview.data > 0, session.labels.data == 5)


def test_the_correction_replaces_the_object(start):
    session = with_labels(start)
    session.labels.data[20:30, 30:34] = 5
    session.pick((8, 10))
    session.add_point(IN_RIGHT)
    session.update()
    assert session.commit() == 5
    shown = session.labels.data == 5
    assert shown[RIGHT].all()
    session.undo()
    assert (session.labels.data[RIGHT] == 5).sum() == 40
    assert session.reopened == 5


def test_an_object_of_other_labels_becomes_a_new_one(start):
    session = start()
    others = np.zeros((40, 60), np.uint8)
    others[RIGHT] = 9
    layer = session.viewer.add_labels(others)
    assert session.pick(IN_RIGHT, layer) == 9
    assert session.commit() == 1
    assert (session.labels.data[RIGHT] == 1).all()
    assert (others[RIGHT] == 9).all()


def test_picking_where_nothing_is_says_so(start):
    session = with_labels(start)
    with pytest.raises(TargetError, match="nothing is labelled"):
        session.pick((0, 0))
    with pytest.raises(TargetError, match="no object 77"):
        session.refine(77)


def test_picking_without_labels_says_so(start):
    with pytest.raises(TargetError, match="choose labels"):
        start().pick((8, 10))


def test_picking_is_undone(start):
    session = with_labels(start)
    session.pick((8, 10))
    session.undo()
    assert not session.has_prompts


def paint(session, *places, value=1):
    layer = session.preview
    indices = tuple(np.array(axis) for axis in zip(*places, strict=True))
    with layer.block_history():
        layer.data_setitem(indices, value)


def test_what_was_painted_is_what_is_committed(start):
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    session.touch_up("paint")
    assert session.preview.data.shape == (40, 60)
    paint(session, (0, 0), (1, 0))
    session.commit()
    expected = np.zeros((40, 60), bool)
    expected[LEFT] = True
    expected[0:2, 0] = True
    np.testing.assert_array_equal(session.labels.data == 1, expected)


def test_what_was_painted_outlives_a_change_of_lazy_pixels(start, two_objects):
    jobs = []

    def run(job):
        jobs.append(job)

    def run_next():
        job = jobs.pop(0)
        job.deliver(job.compute())
        return job.kind

    data = zarr.array(two_objects)
    session = start(data, run=run)
    session.add_point(IN_LEFT)
    session.update()
    assert [run_next(), run_next()] == ["encode", "predict"]
    data[3:14, 4:22] = 255
    session.add_point((9, 11))
    session.update()
    assert run_next() == "predict"
    paint(session, (0, 0), (1, 0))

    assert run_next() == "look"

    assert session.status == "The image changed since this was cut out and touched up."
    session.commit()
    expected = np.zeros((40, 60), bool)
    expected[LEFT] = True
    expected[0:2, 0] = True
    np.testing.assert_array_equal(session.labels.data == 1, expected)
    session.add_point(IN_LEFT)
    session.update()
    assert jobs[-1].kind == "encode"


def test_what_was_erased_is_not_committed(start):
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    session.touch_up("erase")
    paint(session, (5, 6), value=0)
    session.commit()
    assert session.labels.data[5, 6] == 0
    assert (session.labels.data == 1).sum() == 7 * 14 - 1


@pytest.mark.parametrize(
    "tool",
    [
        lambda layer: layer.paint((2, 30), 1),
        lambda layer: layer.fill((0, 0), 1),
        lambda layer: layer.paint((8, 10), 0),
        lambda layer: layer.paint_polygon([(1, 30), (1, 40), (15, 35)], 1),
        lambda layer: layer.data_setitem((np.array([0, 6]), np.array([0, 8])), 1),
        lambda layer: layer.data_setitem((np.array([0, 6]), np.array([0, 8])), [1, 0]),
    ],
    ids=["brush", "fill", "eraser", "polygon", "pixels", "values"],
)
@pytest.mark.parametrize("in_a_drag", [False, True])
def test_what_any_tool_draws_is_committed_at_once(start, tool, in_a_drag):
    """It is told of before it is written, unless it is part of a drag."""
    session = start()
    session.separate = True
    session.add_point(IN_LEFT)
    session.add_point(IN_RIGHT)
    session.update()
    session.touch_up()
    before = session.preview.data.copy()
    with session.preview.block_history() if in_a_drag else nullcontext():
        tool(session.preview)
    drawn = session.preview.data.copy()
    assert not np.array_equal(drawn, before)
    session.commit()
    np.testing.assert_array_equal(session.labels.data, drawn)


def test_dabs_of_one_drag_are_taken_in_their_order(start):
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    session.touch_up()
    with session.preview.block_history():
        session.preview.paint((2, 30), 1)
        session.preview.paint((2, 34), 0)
        session.preview.paint((3, 31), 1)
    drawn = session.preview.data.copy()
    session.commit()
    np.testing.assert_array_equal(session.labels.data, drawn)


def test_a_touch_up_is_undone_and_done_again(start):
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    session.touch_up()
    paint(session, (0, 0))
    session.undo()
    assert np.squeeze(session.preview.data)[0, 0] == 0
    session.redo()
    assert np.squeeze(session.preview.data)[0, 0] == 1


def test_a_touched_up_preview_is_what_the_next_click_goes_on_from(start):
    session = start()
    session.add_point(IN_LEFT)
    session.update()
    session.touch_up()
    paint(session, (0, 0))
    session.add_point(IN_RIGHT)
    session.update()
    session.commit()
    assert session.labels.data[0, 0] == 1
    assert (session.labels.data[RIGHT] == 1).all()


def test_without_a_preview_there_is_nothing_to_touch_up(start):
    with pytest.raises(SessionError, match="no preview"):
        start().touch_up()
