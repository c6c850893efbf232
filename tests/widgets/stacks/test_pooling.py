"""Many frames in few marks: every frame is in one, and the worst of them is what it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_cutout.widgets.stacks.pooling import (
    CODES,
    NOTABLE,
    STATES,
    codes_of,
    counted,
    in_words,
    next_of,
    pooled,
    worst_frame,
)

many = arrays(np.uint8, st.integers(1, 300), elements=st.integers(0, len(STATES) - 1))


@given(many, st.integers(1, 400))
def test_every_frame_is_in_one_mark_that_says_the_worst(codes, room):
    marks = pooled(codes, room)

    frames = [frame for mark in range(len(marks)) for frame in marks.frames_of(mark)]
    assert frames == list(range(len(codes)))
    assert len(marks) == min(len(codes), room)
    for mark, code in enumerate(marks.codes):
        inside = marks.frames_of(mark)
        assert code == codes[inside.start : inside.stop].max()
        assert all(marks.mark_of(frame) == mark for frame in inside)


@given(many, st.integers(1, 400))
def test_marks_hold_as_many_frames_as_their_neighbours_or_one_more(codes, room):
    sizes = np.diff(pooled(codes, room).edges)

    assert sizes.max() - sizes.min() <= 1


@given(many, st.integers(1, 40))
def test_a_mark_goes_to_the_first_frame_with_what_it_shows(codes, room):
    marks = pooled(codes, room)

    for mark, code in enumerate(marks.codes):
        inside = marks.frames_of(mark)
        frame = worst_frame(codes, inside)
        assert frame in inside
        assert codes[frame] == code
        assert (codes[inside.start : frame] < code).all()


def test_no_frames_have_no_marks():
    assert len(pooled(np.zeros(0, np.uint8), 30)) == 0


def test_a_single_failure_among_very_many_frames_is_seen():
    codes = np.full(100_000, CODES["found"], np.uint8)
    codes[54_321] = CODES["failed"]

    marks = pooled(codes, 50)

    assert np.count_nonzero(marks.codes == CODES["failed"]) == 1
    assert worst_frame(codes, marks.frames_of(marks.mark_of(54_321))) == 54_321


@given(many, st.integers(0, 299), st.sampled_from([1, -1]))
def test_the_next_frame_is_the_nearest_on_the_way_round(codes, start, step):
    start %= len(codes)

    found = next_of(codes, start, NOTABLE, step)

    way = [(start + step * far) % len(codes) for far in range(1, len(codes) + 1)]
    assert found == next((frame for frame in way if codes[frame] in NOTABLE), None)


def test_counts_are_said_from_the_worst_on():
    codes = codes_of(["", "found", "failed", "found", ""])

    assert counted(codes) == {"failed": 1, "found": 2, "": 2}
    assert in_words(counted(codes)) == "1 failed, 2 found, 2 with nothing yet"


def test_an_unknown_state_is_not_taken_for_another():
    with pytest.raises(KeyError):
        codes_of(["lost"])
