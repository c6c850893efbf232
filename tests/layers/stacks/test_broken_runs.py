"""Runs that are undone, cancelled, or lose their layers, after every number of steps."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest

from later import LaterSteps
from moving_stack import moving
from napari_cutout.layers import SessionError, TargetError


def labelled():
    """The left object in the first frame, and others of another id in each."""
    labels = np.zeros((4, 40, 60), np.int32)
    labels[0, 5:12, 6:20] = 1
    for k in range(4):
        labels[k, 20:30, 30 + k : 45 + k] = 2 + k
    return labels


TASKS = {
    "propagate": lambda stacks: stacks.propagate([1, 2], "both"),
    "find and link": lambda stacks: stacks.find_everywhere(link=True),
    "link": lambda stacks: stacks.link(),
    "estimate": lambda stacks: stacks.estimate_embedding(),
}


@pytest.fixture(params=(1, 4, 8))
def steps(request):
    """How many steps a run makes before something happens to it."""
    return request.param


@pytest.fixture(params=TASKS)
def under_way(request, begin, steps):
    """A run that made its steps, and how it goes on."""
    run = LaterSteps()
    stacks = begin(labels=labelled(), run=run)
    TASKS[request.param](stacks)
    run.make(steps)
    return stacks, run


def remove_and_go_on(stacks, layer, run):
    stacks.session.viewer.layers.remove(layer)
    with suppress(TargetError, SessionError):
        run.finish_all()
    assert not stacks.is_running


def check_as_before(stacks):
    np.testing.assert_array_equal(stacks.session.labels.data, labelled())
    known = {number: set(stacks.session.objects.places.of(number)) for number in range(1, 6)}
    assert known == {1: {(0, None, None)}} | {2 + k: {(k, None, None)} for k in range(4)}
    assert not len(stacks.session.objects)


def test_cancelled_and_undone(under_way):
    stacks, run = under_way
    was_running = stacks.is_running
    stacks.cancel()
    run.finish_all()
    assert not stacks.is_running
    assert stacks.status.startswith("Cancelled.") == was_running
    stacks.session.undo()
    check_as_before(stacks)


def test_paused_and_cancelled(under_way):
    stacks, run = under_way
    stacks.pause()
    run.finish()
    stacks.cancel()
    assert not stacks.is_running
    stacks.session.undo()
    check_as_before(stacks)


def test_undone_while_it_runs(under_way):
    stacks, run = under_way
    was_written = stacks.session.undo()
    check_as_before(stacks)
    run.finish_all()
    assert not stacks.is_running
    if was_written:
        check_as_before(stacks)


def test_the_labels_are_deleted(under_way):
    stacks, run = under_way
    remove_and_go_on(stacks, stacks.session.labels, run)
    stacks.session.undo()
    stacks.frames = "t=0:2"
    stacks.find_everywhere()
    run.finish_all()
    assert stacks.session.labels is not None


def test_the_image_is_deleted(under_way):
    stacks, run = under_way
    remove_and_go_on(stacks, stacks.session.image, run)


def test_the_tracks_are_deleted_meanwhile(begin, steps):
    run = LaterSteps()
    stacks = begin(labels=labelled(), run=run)
    stacks.link()
    run.finish_all()
    stacks.find_everywhere(link=True)
    run.make(steps)
    with suppress(ValueError):
        stacks.session.viewer.layers.remove(stacks.tracks_layer)
    run.finish_all()
    assert stacks.tracks_layer in stacks.session.viewer.layers


def test_closed(under_way):
    stacks, run = under_way
    stacks.close()
    run.finish_all()
    assert not stacks.is_running
    stacks.session.undo()
    check_as_before(stacks)


def test_an_estimate_leaves_what_is_said_of_frames(begin):
    stacks = begin(moving())
    stacks.find_everywhere()
    stacks.estimate_embedding()
    assert [one.state for one in stacks.frame_states] == ["found"] * 4
    assert "frames are to be encoded" in stacks.status
    stacks.session.undo()
    assert [one.state for one in stacks.frame_states] == [""] * 4


def test_what_cannot_be_carried_leaves_what_is_said_of_frames(begin):
    stacks = begin(labels=labelled())
    stacks.link()
    stacks.add_stop(1, (0,))
    with pytest.raises(ValueError, match="is to stop there"):
        stacks.propagate(1)
    assert [one.state for one in stacks.frame_states] == ["linked"] * 4
