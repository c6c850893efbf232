"""What would be cut out under the cursor is outlined."""

from __future__ import annotations

import numpy as np

from later import Later

IN_LEFT, IN_RIGHT = (8, 10), (25, 40)
LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]


def outline(session):
    """The pixels that are drawn; the layer lies on the whole of the small image."""
    layer = session._hover.layer
    return None if layer is None or not layer.data.any() else np.squeeze(layer.data) > 0


def around(rectangle):
    """The outermost pixels of a rectangle of the image."""
    pixels = np.zeros((40, 60), bool)
    pixels[rectangle] = True
    pixels[rectangle][1:-1, 1:-1] = False
    return pixels


def test_it_outlines_what_a_click_would_cut_out(start):
    session = start()
    session.encode()
    session.hovering = True
    session.hover(IN_LEFT)
    np.testing.assert_array_equal(outline(session), around(LEFT))
    session.hover(IN_RIGHT)
    np.testing.assert_array_equal(outline(session), around(RIGHT))


def test_it_changes_neither_prompts_nor_preview_nor_undo(start):
    session = start()
    session.add_point(IN_RIGHT)
    session.update()
    before = np.array(session.preview.data)
    active = session.viewer.layers.selection.active
    session.hovering = True
    session.hover(IN_LEFT)
    assert len(session.prompts) == 1
    np.testing.assert_array_equal(session.preview.data, before)
    assert session.viewer.layers.selection.active is active
    session.undo()
    assert not session.has_prompts


def test_at_most_one_question_is_under_way_and_the_latest_place_is_asked_next(start):
    later = Later()
    session = start(run=later)
    session.encode()
    while later.jobs:
        later.run()
    session.hovering = True
    for col in (8, 9, 10, 11):
        session.hover((8, col))
    assert [job.kind for job in later.jobs] == ["hover"]
    session.hover(IN_RIGHT)
    later.run()
    assert len(later.jobs) == 1
    later.run()
    np.testing.assert_array_equal(outline(session), around(RIGHT))
    assert not later.jobs


def test_a_still_cursor_asks_nothing(start):
    session = start()
    session.encode()
    session.hovering = True
    session.hover(IN_LEFT)
    asked = session.segmenter.family.calls["decode"]
    session.hover((8.1, 10.1))
    assert session.segmenter.family.calls["decode"] == asked


def test_off_nothing_listens_and_no_layer_is_left(start):
    session = start()
    callbacks = len(session.viewer.mouse_move_callbacks)
    layers = list(session.viewer.layers)
    session.encode()
    session.hovering = True
    session.hover(IN_LEFT)
    session.hovering = False
    assert len(session.viewer.mouse_move_callbacks) == callbacks
    assert list(session.viewer.layers) == layers


def test_before_the_frame_is_encoded_nothing_is_asked(start):
    session = start()
    session.hovering = True
    session.hover(IN_LEFT)
    assert session.segmenter is not None
    assert session.segmenter.family.calls == {"encode": 0, "decode": 0}
    session.encode()
    session.hover(IN_LEFT)
    assert outline(session) is not None


def test_an_answer_for_another_frame_is_not_shown(start, two_objects):
    later = Later()
    session = start(np.stack([two_objects] * 2), run=later)
    session.encode()
    while later.jobs:
        later.run()
    session.hovering = True
    session.hover(IN_LEFT)
    session.viewer.dims.set_current_step(0, 1)
    later.run()
    assert outline(session) is None


def test_deleting_the_outline_switches_it_off(start):
    session = start()
    session.encode()
    session.hovering = True
    session.hover(IN_LEFT)
    session.viewer.layers.remove(session._hover.layer)
    assert not session.hovering


def test_the_place_of_the_cursor_is_asked(start):
    session = start(scale=(2, 0.5), translate=(3, 4))
    session.encode()
    session.hovering = True
    session.viewer.cursor.position = session.image.data_to_world(IN_LEFT)

    class Event:
        position = session.image.data_to_world(IN_LEFT)
        buttons = ()

    for callback in session.viewer.mouse_move_callbacks:
        callback(session.viewer, Event)
    np.testing.assert_array_equal(outline(session), around(LEFT))
    Event.position = session.image.data_to_world((-5, 10))
    for callback in session.viewer.mouse_move_callbacks:
        callback(session.viewer, Event)
    assert outline(session) is None
