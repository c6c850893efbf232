"""Masks that carrying begins with: read by the runner, and as they are when that is done."""

from __future__ import annotations

import numpy as np
import pytest

from later import LaterSteps
from napari_cutout.layers import SessionError, TargetError

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:45]
FRAMES = 4


class CountedReads(np.ndarray):
    """Labels that know how often a frame of them was read."""

    reads = 0

    def __getitem__(self, key):
        CountedReads.reads += 1
        return super().__getitem__(key)


def two_labels():
    """Objects 1 and 2 in the first of four frames."""
    labels = np.zeros((FRAMES, 40, 60), np.int32)
    labels[0][LEFT], labels[0][RIGHT] = 1, 2
    return labels


def paint(stacks, frame, rows, cols, number):
    rows, cols = (part.ravel() for part in np.mgrid[rows, cols])
    places = np.full(rows.size, frame), rows, cols
    stacks.session.labels.data_setitem(places, number)


def begun(begin, ids=(1, 2), **options):
    run = LaterSteps()
    stacks = begin(labels=two_labels(), run=run, **options)
    stacks.propagate(ids)
    return stacks, run


def frames_of(stacks, number):
    return np.flatnonzero((stacks.session.labels.data == number).any(axis=(1, 2))).tolist()


def test_no_mask_is_read_by_the_caller(begin):
    run = LaterSteps()
    stacks = begin(labels=two_labels().view(CountedReads), run=run)
    assert len(stacks.session.objects.places) == 2
    before = CountedReads.reads
    stacks.propagate((1, 2))
    assert CountedReads.reads == before
    assert stacks.status == "Reading the masks of 2 objects …"
    run.finish()
    assert CountedReads.reads == before + 1  # of the one frame that has any, for both
    run.finish_all()
    assert frames_of(stacks, 2) == [0, 1, 2, 3]


def test_what_is_painted_before_its_frame_is_read_is_carried(begin):
    stacks, run = begun(begin, [1])
    paint(stacks, 0, np.s_[12:14], np.s_[6:20], 1)
    run.finish_all()
    assert (stacks.session.labels.data[0] == 1).sum() == 7 * 14 + 2 * 14
    assert stacks.frame_states[0].state == "corrected"


def test_what_is_painted_while_masks_are_read_is_read_again(begin):
    stacks, run = begun(begin)
    run.step()
    paint(stacks, 2, np.s_[5:12], np.s_[8:22], 1)
    assert run.finish()
    assert stacks.status == "Reading the masks of 2 objects …"
    run.finish_all()
    assert [one.state for one in stacks.frame_states] == [
        "corrected",
        "carried",
        "corrected",
        "carried",
    ]
    assert frames_of(stacks, 1) == frames_of(stacks, 2) == [0, 1, 2, 3]


def test_what_is_painted_of_others_is_not_read_again(begin):
    stacks, run = begun(begin, [1])
    run.step()
    paint(stacks, 2, np.s_[30:32], np.s_[8:22], 2)
    assert run.finish()
    assert stacks.status == "Carrying object 1 …"


def test_what_is_gone_while_masks_are_read_is_refused(begin):
    stacks, run = begun(begin, [1])
    run.step()
    stacks.session.delete(1)
    assert run.finish()
    run.finish_all()
    assert stacks.status.startswith("object 1 is in none of the 4 frames")
    assert not stacks.is_running


def test_other_labels_meanwhile_end_it(begin):
    stacks, run = begun(begin, [1])
    session = stacks.session
    other = session.viewer.add_labels(np.zeros((FRAMES, 40, 60), np.int32))
    run.step()
    session.labels = other
    with pytest.raises(TargetError, match="aren't those of the session any more"):
        run.finish()
    assert not stacks.is_running
    assert not other.data.any()


def test_what_is_painted_while_it_is_carried_stays(begin):
    stacks, run = begun(begin, [1])
    run.finish()
    run.step(2)
    paint(stacks, 2, np.s_[33:36], np.s_[8:22], 1)
    painted = stacks.session.labels.data[2].copy()
    run.finish_all()
    np.testing.assert_array_equal(stacks.session.labels.data[2], painted)
    assert frames_of(stacks, 1) == [0, 1, 2, 3]
    assert "corrected meanwhile" in stacks.state_of((2,)).text


def test_marks_that_are_set_while_it_runs_are_for_the_next_run(begin):
    stacks, run = begun(begin, [1])
    stacks.add_stop(1, (2,))
    run.finish_all()
    assert frames_of(stacks, 1) == [0, 1, 2, 3]


def test_frames_that_are_seen_from_the_side(begin):
    """Frames along other axes than the labels' last two are found by boxes of the frames."""
    stacks = begin(labels=two_labels())
    stacks.session.viewer.dims.order = (1, 0, 2)
    stacks.go_to((8,))
    stacks.frames = "y=8"
    with pytest.raises(SessionError, match="one frame only"):
        stacks.propagate(1)
    stacks.frames = "y=7:10"
    stacks.propagate(1, "both")
    assert [one.state for one in stacks.frame_states] == ["corrected"] * 3


def test_masks_are_not_carried_into_a_frame_without_a_number(begin):
    from moving_stack import moving

    pixels = moving().astype(np.float32)
    pixels[2] = np.nan
    stacks = begin(pixels, labels=two_labels())
    stacks.propagate(1)
    assert [one.state for one in stacks.frame_states] == [
        "corrected",
        "carried",
        "failed",
        "carried",
    ]
    assert "no pixel of it is a number" in stacks.state_of((2,)).text
    assert stacks.status == "2 masks carried into 2 frames. 1 frame could not be read."
    assert frames_of(stacks, 1) == [0, 1, 3]


@pytest.mark.parametrize(
    ("everywhere", "ids", "direction", "said"),
    [
        (
            True,
            [1],
            "forward",
            "There was nothing to carry: object 1 has a mask of its own in all 4 frames.",
        ),
        (
            True,
            [1, 2],
            "both",
            "There was nothing to carry: all 2 objects have masks of their own in all 4 frames.",
        ),
        (
            False,
            [1],
            "backward",
            "There was nothing to carry: no frame comes before those with its own masks.",
        ),
        (False, [1], "forward", "3 masks carried into 3 frames."),
    ],
)
def test_what_it_came_to_is_said(begin, everywhere, ids, direction, said):
    labels = two_labels()
    if everywhere:
        labels[1:] = labels[0]
    stacks = begin(labels=labels)
    stacks.propagate(ids, direction)
    assert stacks.status == said


def test_one_mask_is_said_as_one(begin):
    stacks = begin(labels=two_labels())
    stacks.frames = "t=0:2"
    stacks.propagate(1)
    assert stacks.status == "1 mask carried into 1 frame."
