"""Shapes and Labels layers as prompts of the shown frame."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest

from napari_cutout.layers import SessionError
from napari_cutout.layers.everything.given import from_labels, from_shapes
from napari_cutout.layers.everything.refining import RefiningTask, refining_steps
from napari_cutout.layers.gathering import FoundBy
from napari_cutout.layers.image.frames import frame_source

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]


def box(row0, col0, row1, col1):
    return np.array([[row0, col0], [row0, col1], [row1, col1], [row1, col0]], float)


def shapes_on(session, *boxes, kind="rectangle", **place):
    return session.viewer.add_shapes(list(boxes), shape_type=kind, **place)


def task_of(session, given, passes=2):
    prepare, _ = session._predictor.preparing(frame_source(session.image, given.frame))
    return RefiningTask(prepare, given, FoundBy("boxes"), passes)


def boxes_of(given):
    return [tuple(np.round(prompts.box, 6)) for prompts in given.prompts]


def test_rectangles_are_boxes(start):
    session = start()
    shapes = shapes_on(session, box(4, 5, 13, 21), box(19, 29, 30, 50))
    given = from_shapes(shapes, session.image, session.viewer.dims)
    assert boxes_of(given) == [(4, 5, 13, 21), (19, 29, 30, 50)]
    assert given.sources == (0, 1)
    assert all(prompts.mask is None for prompts in given.prompts)


def test_a_selection_and_places_choose(start):
    session = start()
    shapes = shapes_on(session, box(4, 5, 13, 21), box(19, 29, 30, 50))
    shapes.selected_data = {1}
    assert from_shapes(shapes, session.image, session.viewer.dims).sources == (1,)
    assert from_shapes(shapes, session.image, session.viewer.dims, [0]).sources == (0,)


def test_shapes_are_brought_to_the_pixels_of_the_image(start):
    session = start(scale=(0.5, 0.5), translate=(100, 10))
    shapes = shapes_on(session, box(102, 12.5, 106.5, 20.5))
    given = from_shapes(shapes, session.image, session.viewer.dims)
    assert boxes_of(given) == [(4, 5, 13, 21)]


def test_a_turned_rectangle_is_the_box_around_it(start):
    session = start()
    turned = np.array([[10, 20], [20, 30], [30, 20], [20, 10]], float)
    given = from_shapes(shapes_on(session, turned), session.image, session.viewer.dims)
    assert boxes_of(given) == [(10, 10, 30, 30)]


@pytest.mark.parametrize("kind", ["ellipse", "polygon"])
def test_outlines_are_masks_with_a_point(start, kind):
    session = start()
    shapes = shapes_on(session, box(4, 5, 13, 21), kind=kind)
    (prompts,) = from_shapes(shapes, session.image, session.viewer.dims).prompts
    assert prompts.mask.any()
    assert len(prompts.points) == 1


def test_lines_and_what_lies_elsewhere_are_left_out(start):
    session = start()
    shapes = shapes_on(session, box(4, 5, 13, 21), box(100, 100, 120, 120))
    shapes.add([[[1, 1], [9, 9]]], shape_type="line")
    assert from_shapes(shapes, session.image, session.viewer.dims).sources == (0,)
    with pytest.raises(SessionError, match="draw a box here"):
        from_shapes(shapes, session.image, session.viewer.dims, [1, 2])


def test_only_shapes_of_the_shown_frame_are_taken(start, two_objects):
    session = start(np.stack([two_objects] * 3))
    flat = [np.column_stack([np.full(4, z), box(4, 5, 13, 21)]) for z in (0, 1)]
    shapes = shapes_on(session, *flat)
    session.viewer.dims.set_point(0, 1)
    given = from_shapes(shapes, session.image, session.viewer.dims)
    assert given.sources == (1,)
    assert given.frame == (1, None, None)


def labelled(session, dtype=np.int32):
    labels = np.zeros((40, 60), dtype)
    labels[6:10, 8:16], labels[22:26, 34:44] = 7, 3
    return session.viewer.add_labels(labels)


def test_the_objects_of_labels_are_masks(start):
    session = start()
    given = from_labels(labelled(session), session.image, session.viewer.dims)
    assert given.sources == (3, 7)
    assert boxes_of(given) == [(22, 34, 25, 43), (6, 8, 9, 15)]
    assert [int(prompts.mask.sum()) for prompts in given.prompts] == [40, 32]


def test_or_their_boxes(start):
    session = start()
    given = from_labels(labelled(session), session.image, session.viewer.dims, "boxes")
    assert boxes_of(given) == [(22, 34, 25, 43), (6, 8, 9, 15)]
    assert all(p.mask is None and not len(p.points) for p in given.prompts)


def test_labels_of_another_resolution_are_brought_to_the_image(start):
    session = start()
    coarse = np.zeros((20, 30), np.uint8)
    coarse[3:5, 4:8] = 7
    # Coarse pixel 0 covers pixels 0 and 1: its centre lies between them.
    layer = session.viewer.add_labels(coarse, scale=(2, 2), translate=(0.5, 0.5))
    given = from_labels(layer, session.image, session.viewer.dims)
    assert boxes_of(given) == [(6, 8, 9, 15)]
    assert given.prompts[0].mask.all()


def test_labels_that_are_turned_are_brought_to_the_image(start):
    session = start()
    upright = np.zeros((60, 40), np.uint8)
    upright[8:16, 6:10] = 7
    layer = session.viewer.add_labels(upright, affine=np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]]))
    given = from_labels(layer, session.image, session.viewer.dims)
    assert boxes_of(given) == [(6, 8, 9, 15)]


def test_what_lies_beyond_the_image_is_cut_off(start):
    session = start()
    layer = session.viewer.add_labels(np.full((10, 10), 4, np.uint8), translate=(35, -5))
    given = from_labels(layer, session.image, session.viewer.dims)
    assert boxes_of(given) == [(35, 0, 39, 4)]


def test_labels_of_one_plane_hold_for_every_frame(start, two_objects):
    session = start(np.stack([two_objects] * 3))
    session.viewer.dims.set_point(0, 2)
    given = from_labels(labelled(session), session.image, session.viewer.dims)
    assert given.frame == (2, None, None)
    assert given.sources == (3, 7)


def test_empty_labels_are_refused(start):
    session = start()
    layer = session.viewer.add_labels(np.zeros((40, 60), int))
    with pytest.raises(SessionError, match="choose another layer"):
        from_labels(layer, session.image, session.viewer.dims)


def test_another_use_is_refused(start):
    session = start()
    with pytest.raises(ValueError, match="'outlines'"):
        from_labels(labelled(session), session.image, session.viewer.dims, "outlines")


def test_they_become_objects_that_can_be_committed(start):
    session = start()
    given = from_labels(labelled(session), session.image, session.viewer.dims)
    *_, last = refining_steps(task_of(session, given), Event())
    ids = session.commit_found(last.found.passing, last.found.by, last.found.frame)
    assert (last.done, last.total, last.count) == (2, 2, 2)
    assert len(ids) == 2
    shown = session.labels.data
    assert len({*shown[LEFT].ravel()}) == len({*shown[RIGHT].ravel()}) == 1
    assert (shown > 0).sum() == 7 * 14 + 10 * 20
    assert last.found.by.fingerprint == "exact"


def test_it_ends_when_it_is_cancelled_with_what_there_is(start):
    session = start()
    shapes = shapes_on(session, *[box(4, 5, 13, 21)] * 40)
    task = task_of(session, from_shapes(shapes, session.image, session.viewer.dims))
    cancelled, steps = Event(), []
    for step in refining_steps(task, cancelled):
        steps.append(step)
        cancelled.set()
    assert steps[-1].done == steps[-1].count == 32
    assert len(steps[-1].found) == 32
    assert list(refining_steps(task, cancelled)) == []
