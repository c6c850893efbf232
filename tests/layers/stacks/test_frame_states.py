"""What happened in each frame of a run, in their order."""

from __future__ import annotations

import pytest

from napari_cutout.layers.stacks.frame_states import FrameState, FrameStates


@pytest.fixture
def states():
    made = FrameStates([(0, 1), (0, 3), (2, 1)], ("t", "z"))
    made.set((0, 3), "found", "2 objects found.", 2)
    made.set((2, 1), "failed", "it is damaged.")
    return made


def test_frames_are_in_order_and_those_to_come_are_empty(states):
    assert [state.state for state in states] == ["", "found", "failed"]
    assert states[0] == FrameState((0, 1))
    assert [state.index for state in states[1:]] == [(0, 3), (2, 1)]
    assert len(states) == 3


def test_known_are_those_where_anything_happened(states):
    assert sorted(state.index for state in states.known) == [(0, 3), (2, 1)]


def test_a_text_begins_with_the_frame(states):
    expected = FrameState((0, 3), "found", "Frame t=0, z=3: 2 objects found.", 2)
    assert states.of((0, 3)) == expected


def test_what_is_said_last_counts(states):
    states.set((0, 3), "linked", "2 objects.", 2)
    assert states[1].state == "linked"


def test_those_that_failed_can_be_said_again(states):
    later = FrameStates(states.frames, ("t", "z"))
    for state in states.failed().values():
        later.keep(state)
    assert [state.state for state in later] == ["", "", "failed"]
