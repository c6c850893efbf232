"""Asking the model while the button is still down."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest


class Asked:
    """A runner that runs at once, and what it was asked."""

    def __init__(self):
        self.kinds = []

    def __call__(self, job):
        self.kinds.append(job.kind)
        try:
            result = job.compute()
        except Exception as error:
            job.fail(error)
            return
        job.deliver(result)


def press(session, place, button=1, modifiers=()):
    """A button goes down where (row, col) of the image is."""
    world = session.image.data_to_world(place)
    event = SimpleNamespace(position=world, button=button, modifiers=modifiers, type="mouse_press")
    for callback in session.viewer.mouse_drag_callbacks:
        callback(session.viewer, event)


@pytest.fixture
def begin(start):
    """A session with a frame that is ready, and what was asked since."""

    def make(**options):
        asked = Asked()
        session = start(run=asked, **options)
        session.anticipating = True
        session.use("points")
        session.encode()
        asked.kinds.clear()
        decoded = session.segmenter.family
        return session, asked, decoded

    return make


def count_decodes(family):
    """A list that grows with every decoding."""
    calls, decode = [], family.decode

    def counted(*arguments):
        calls.append(len(arguments[1].points))
        return decode(*arguments)

    family.decode = counted
    return calls


def test_the_point_of_a_press_is_decoded_once_and_shown_when_it_is_added(begin):
    session, asked, family = begin(scale=(2, 2), translate=(5, 7))
    decodes = count_decodes(family)
    press(session, (8, 10))
    assert len(decodes) == 1
    assert not session.answers_shown
    session.add_point((8, 10))
    session.update()
    assert len(decodes) == 1
    assert asked.kinds[:2] == ["ahead", "predict"]
    assert session.candidates.masks[0][8, 10]


def test_another_point_than_that_of_the_press_is_asked_about(begin):
    session, _, family = begin()
    press(session, (8, 10))
    decodes = count_decodes(family)
    session.add_point((25, 40))
    session.update()
    assert len(decodes) == 1
    assert session.candidates.masks[0][25, 40]


def test_what_is_fed_back_is_part_of_the_question(begin):
    session, _, family = begin()
    session.add_point((8, 10))
    session.update()
    press(session, (9, 12))
    session.next_candidate()
    session.touch_up()
    session.clear()
    session.use("points")
    decodes = count_decodes(family)
    session.add_point((8, 10))
    session.add_point((9, 12))
    session.update()
    assert len(decodes) == 1


@pytest.mark.parametrize("how", [{"button": 2}, {"modifiers": ("Control",)}])
def test_other_buttons_ask_nothing(begin, how):
    session, asked, _ = begin()
    press(session, (8, 10), **how)
    assert asked.kinds == []


def test_nothing_is_asked_beside_the_frame_or_with_another_tool_or_off(begin):
    session, asked, _ = begin()
    press(session, (-30, 10))
    session.use("boxes")
    press(session, (8, 10))
    session.use("points")
    session.anticipating = False
    press(session, (8, 10))
    assert asked.kinds == []


def test_a_frame_that_is_not_encoded_is_left_to_the_click(start):
    asked = Asked()
    session = start(run=asked)
    session.anticipating = True
    session.use("points")
    press(session, (8, 10))
    assert asked.kinds == []


def test_an_error_is_left_to_the_click(begin):
    session, _, family = begin()

    def fail(*_):
        raise OSError("the drive is gone")

    decode, family.decode = family.decode, fail
    press(session, (8, 10))
    assert "drive" not in session.status
    family.decode = decode
    session.add_point((8, 10))
    session.update()
    assert session.candidates.masks[0][8, 10]


def test_closing_stops_listening(begin):
    session, _, _ = begin(data=np.zeros((40, 60), np.uint8))
    before = len(session.viewer.mouse_drag_callbacks)
    session.close()
    assert len(session.viewer.mouse_drag_callbacks) == before - 1
