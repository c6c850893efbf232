"""Everything in every frame of a session: written as it is found, one step, ended at any time."""

from __future__ import annotations

import gc
import weakref

import dask.array as da
import numpy as np
import pytest

from later import LaterSteps
from moving_stack import moving
from napari_cutout.annotate.replay import replay, sections
from napari_cutout.layers import SessionError, TargetError
from napari_cutout.layers.image.channels import Channels
from napari_cutout.stacks.errors import StackError


def ids_of(stacks, *index):
    return np.unique(np.asarray(stacks.session.labels.data)[index])[1:].tolist()


def states(stacks):
    return [state.state for state in stacks.frame_states]


def test_all_frames_are_found_and_one_step(begin):
    stacks = begin()
    stacks.find_everywhere()
    labels = stacks.session.labels.data
    np.testing.assert_array_equal(labels > 0, moving() > 0)
    assert [len(ids_of(stacks, k)) for k in range(4)] == [2, 2, 2, 2]
    assert states(stacks) == ["found"] * 4
    assert stacks.state_of((1,)).text == "Frame t=1: 2 objects found."
    assert stacks.status == "8 objects found in 4 frames."
    stacks.session.undo()
    assert not labels.any()
    assert not stacks.session.can_undo
    stacks.session.redo()
    np.testing.assert_array_equal(labels > 0, moving() > 0)


def test_records_say_how_they_were_found(begin):
    stacks = begin()
    stacks.find_everywhere()
    record = next(iter(stacks.session.objects))
    assert (record.found.mode, record.model, record.frame) == ("grid", "exact", (0, None, None))
    assert record.found.options["points_per_side"] == 6


@pytest.mark.parametrize(
    ("frames", "gone_through"),
    [("t=1:3", [(1,), (2,)]), ("t=::2", [(0,), (2,)]), ("t=-1", [(3,)]), ("", None)],
)
def test_any_range_and_step(begin, frames, gone_through):
    stacks = begin()
    stacks.frames = frames
    stacks.find_everywhere()
    gone_through = gone_through or [(k,) for k in range(4)]
    assert [state.index for state in stacks.frame_states] == gone_through
    found = [(k,) for k in range(4) if stacks.session.labels.data[k].any()]
    assert found == gone_through


def volumes():
    return np.stack([moving(3), moving(3)[::-1]])


@pytest.mark.parametrize(
    ("along", "frames", "count"),
    [(None, "", 6), (["z"], "", 3), (["t"], "", 2), (["t"], "z=1:", 4), ([], "t=1,z=0", 1)],
)
def test_along_any_axes(begin, along, frames, count):
    stacks = begin(volumes())
    if along is not None:
        stacks.along = along
    stacks.frames = frames
    assert stacks.count_of("find") == count
    stacks.find_everywhere()
    assert sum(frame.any() for frame in stacks.session.labels.data.reshape(6, 40, 60)) == count


def test_other_axes_stay_where_the_slider_is(begin):
    stacks = begin(volumes())
    stacks.session.viewer.dims.set_current_step(1, 2)
    stacks.along = ["t"]
    stacks.find_everywhere()
    assert [state.index for state in stacks.frame_states] == [(0, 2), (1, 2)]


def test_an_axis_of_channels_is_not_gone_along(begin):
    stacks = begin(volumes(), axis_labels=["t", "c", "y", "x"])
    assert stacks.along == ("t",)


def test_chosen_channels_are_the_frame(begin):
    stacks = begin(volumes(), axis_labels=["t", "c", "y", "x"])
    stacks.session.choose_channels("c", [2])
    assert stacks.session.channels == Channels(1, (2,))
    assert stacks.axes == ("t",)
    stacks.find_everywhere()
    found = stacks.session.labels.data.any(axis=(2, 3))
    assert np.count_nonzero(found) == 2


def test_lazy_data_is_read_frame_by_frame(begin):
    stacks = begin(da.from_array(moving(), chunks=(1, 40, 60)))
    stacks.find_everywhere()
    np.testing.assert_array_equal(stacks.session.labels.data > 0, moving() > 0)


def test_large_frames_are_read_a_window_at_a_time(begin, monkeypatch):
    monkeypatch.setattr("napari_cutout.layers.image.frames.READ_WHOLE", 100)
    stacks = begin(da.from_array(moving(), chunks=(1, 40, 60)))
    stacks.find_everywhere()
    np.testing.assert_array_equal(stacks.session.labels.data > 0, moving() > 0)


def test_labels_too_large_for_napari_are_written_at_all_levels(begin, monkeypatch):
    monkeypatch.setattr("napari_cutout.layers.target.targets.LARGEST_SHOWN", 100)
    monkeypatch.setattr("napari_cutout.layers.target.pyramids.TOP", 32)
    stacks = begin()
    stacks.find_everywhere(link=True)
    full, half = stacks.session.labels.data
    np.testing.assert_array_equal(np.asarray(full) > 0, moving() > 0)
    np.testing.assert_array_equal(np.asarray(half), np.asarray(full)[:, ::2, ::2])
    stacks.session.undo()
    assert not np.asarray(full).any()
    assert not np.asarray(half).any()


def test_one_plane_is_a_stack_of_one_frame(begin):
    stacks = begin(moving()[0], axis_labels=["y", "x"])
    assert (stacks.axes, stacks.axis, stacks.count_of("find")) == ((), "", 1)
    stacks.find_everywhere()
    assert stacks.state_of(()).text == "The frame: 2 objects found."


def test_what_goes_wrong_with_the_last_frame_is_told(begin):
    run = LaterSteps()
    stacks = begin(labels=np.zeros((4, 40, 60), np.int32), run=run)
    told = []
    stacks.session._report = told.append
    stacks.find_everywhere()
    steps = list(run.steps)
    for step in steps[:-1]:
        run.job.take(step)
    stacks.session.labels.editable = False
    run.job.take(steps[-1])
    run.job.end(None)
    assert "not editable" in stacks.status
    assert [type(error) for error in told] == [TargetError]


def test_colours_and_floats(begin):
    data = np.repeat(moving()[..., None], 3, axis=-1)
    stacks = begin(data, rgb=True, axis_labels=["t", "y", "x"])
    stacks.find_everywhere()
    np.testing.assert_array_equal(stacks.session.labels.data > 0, moving() > 0)


def test_objects_come_as_they_are_found(begin):
    run = LaterSteps()
    stacks = begin(run=run)
    stacks.find_everywhere()
    assert stacks.is_running
    assert stacks.progress == (0, 4)
    run.step(2)
    assert stacks.progress == (1, 4)
    assert states(stacks) == ["found", "", "", ""]
    assert ids_of(stacks, 0) == [1, 2]
    assert stacks.seconds_left >= 0
    run.finish()
    assert not stacks.is_running
    assert states(stacks) == ["found"] * 4


def test_cancelled_it_keeps_what_was_done_as_one_step(begin):
    run = LaterSteps()
    stacks = begin(run=run)
    stacks.find_everywhere()
    run.step(3)
    stacks.cancel()
    run.finish()
    assert states(stacks) == ["found", "found", "", ""]
    assert stacks.status == "Cancelled. 4 objects found in 2 frames until then."
    assert not stacks.is_running
    stacks.session.undo()
    assert not stacks.session.labels.data.any()
    assert not stacks.session.can_undo


def test_paused_it_waits_and_goes_on_in_the_same_step(begin):
    run = LaterSteps()
    stacks = begin(run=run)
    stacks.find_everywhere()
    run.step(2)
    stacks.pause()
    run.finish()
    assert (stacks.is_paused, stacks.is_running) == (True, True)
    assert states(stacks) == ["found", "", "", ""]
    first = run.job
    stacks.resume()
    assert run.job is not first
    run.finish()
    assert states(stacks) == ["found"] * 4
    stacks.session.undo()
    assert not stacks.session.labels.data.any()


def test_told_to_go_on_at_once_it_does(begin):
    run = LaterSteps()
    stacks = begin(run=run)
    stacks.find_everywhere()
    run.step(2)
    stacks.pause()
    stacks.resume()
    run.finish()
    assert states(stacks) == ["found"] * 4


def test_cancelled_before_a_pause_begins_it_ends_after_the_frame(begin):
    class Meanwhile(LaterSteps):
        """Pauses and cancels while a step is being made."""

        def __call__(self, job):
            self.job, self.steps = job, job.steps()
            made = stacks._run.steps

            def interrupted():
                yield next(made)
                stacks.pause()
                stacks.cancel()
                yield next(made)

            stacks._run.steps = interrupted()

    run = Meanwhile()
    stacks = begin(run=run)
    stacks.find_everywhere()
    run.finish()
    assert not stacks.is_running
    assert stacks.status.startswith("Cancelled.")


def test_a_run_whose_end_fails_is_over(begin, monkeypatch):
    stacks = begin()
    monkeypatch.setattr("napari_cutout.layers.stacks.finding.Counts.said", broken)
    with pytest.raises(TargetError, match="no room"):
        stacks.find_everywhere()
    assert not stacks.is_running
    assert stacks.status == "no room"
    monkeypatch.undo()
    stacks.find_everywhere()
    assert stacks.status.endswith("found in 4 frames.")


def broken(*_):
    raise TargetError("no room")


def test_cancelled_in_a_pause_it_ends(begin):
    run = LaterSteps()
    stacks = begin(run=run)
    stacks.find_everywhere()
    run.step(2)
    stacks.pause()
    run.finish()
    stacks.cancel()
    assert not stacks.is_running
    with pytest.raises(SessionError, match="nothing is paused"):
        stacks.resume()


def test_one_thing_at_a_time(begin):
    run = LaterSteps()
    stacks = begin(run=run)
    stacks.find_everywhere()
    with pytest.raises(SessionError, match="cancel that"):
        stacks.find_everywhere()


def test_undone_while_it_runs_it_ends(begin):
    run = LaterSteps()
    stacks = begin(run=run)
    stacks.find_everywhere()
    run.step(3)
    stacks.session.undo()
    run.finish()
    assert not stacks.is_running
    assert not stacks.session.labels.data.any()


def test_what_is_clicked_meanwhile_stays(begin):
    run = LaterSteps()
    stacks = begin(run=run)
    session = stacks.session
    stacks.find_everywhere()
    run.step(2)
    session.add_point((8, 10))
    number = session.commit()
    run.finish()
    assert number == 3
    assert np.count_nonzero(session.labels.data[0] == 3)
    session.undo()
    assert [frame.any() for frame in session.labels.data] == [True, False, False, False]
    assert np.count_nonzero(session.labels.data[0] == 3)
    for _ in range(3):
        session.undo()
    assert not session.labels.data.any()


def test_frames_that_cannot_be_read_fail_and_the_rest_goes_on(begin):
    frames, damaged = moving(), set()

    def block(block_info=None):
        at = block_info[None]["chunk-location"][0]
        if at in damaged:
            raise OSError("the file is damaged")
        return frames[at : at + 1]

    lazy = da.map_blocks(block, chunks=((1,) * 4, (40,), (60,)), dtype=np.uint8)
    stacks = begin(lazy, contrast_limits=(0, 255))
    damaged.add(1)
    stacks.find_everywhere()
    assert states(stacks) == ["found", "failed", "found", "found"]
    assert "the file is damaged" in stacks.state_of((1,)).text
    assert stacks.status.endswith("1 could not be read; see the marks.")


def test_a_frame_without_a_number_fails(begin):
    frames = moving().astype(np.float32)
    frames[2] = np.nan
    stacks = begin(frames, contrast_limits=(0, 255))
    stacks.find_everywhere()
    assert states(stacks) == ["found", "found", "failed", "found"]


def test_the_policy_holds(begin):
    labels = np.zeros((4, 40, 60), np.int32)
    labels[:, :15] = 9
    stacks = begin(labels=labels, policy="keep_existing")
    stacks.set_options(known_objects="ignore")
    stacks.find_everywhere()
    assert [len(ids_of(stacks, k)) for k in range(4)] == [2, 2, 2, 2]
    assert (stacks.session.labels.data[:, :15] == 9).all()


def test_objects_that_are_there_are_regarded(begin):
    labels = np.zeros((4, 40, 60), np.int32)
    labels[2, 5:12, 8:22] = 9
    stacks = begin(labels=labels)
    stacks.known = "leave alone"
    stacks.find_everywhere()
    assert [len(ids_of(stacks, k)) for k in range(4)] == [2, 2, 2, 2]
    assert np.count_nonzero(stacks.session.labels.data == 9) == 98


def test_filters_choose(begin):
    stacks = begin()
    stacks.set_filters(min_area=120)
    stacks.find_everywhere()
    assert [len(ids_of(stacks, k)) for k in range(4)] == [1, 1, 1, 1]


def test_labels_that_cannot_be_written_are_said_at_once(begin):
    labels = np.zeros((4, 40, 60), np.int32)
    stacks = begin(labels=labels)
    stacks.session.labels.editable = False
    with pytest.raises(TargetError, match="not editable"):
        stacks.find_everywhere()
    assert not stacks.is_running


def test_labels_that_go_away_end_it_with_what_to_do(begin):
    run = LaterSteps()
    stacks = begin(run=run)
    stacks.find_everywhere()
    run.step(2)
    stacks.session.viewer.layers.remove(stacks.session.labels)
    run.finish()
    assert not stacks.is_running
    assert "Choose labels, and begin again" in stacks.status


def test_the_log_comes_to_the_same(begin):
    stacks = begin()
    stacks.find_everywhere()
    (section,) = sections(stacks.session.log)
    replayed = replay(section)
    np.testing.assert_array_equal(replayed.labels, stacks.session.labels.data)
    assert len(replayed.objects) == 8


@pytest.mark.parametrize(
    ("frames", "said"), [("q=1", "no axis 'q'"), ("t", "can't be read"), ("t=9:", "are none")]
)
def test_frames_that_are_none_are_refused(begin, frames, said):
    with pytest.raises(StackError, match=said):
        begin().frames = frames


def test_axes_that_are_none_are_refused(begin):
    with pytest.raises(StackError, match="no axis 'q'"):
        begin().axis = "q"


def test_go_to_moves_the_sliders(begin):
    stacks = begin(volumes(), scale=[2, 3, 0.5, 0.5], translate=[1, 1, 1, 1])
    stacks.go_to((1, 2))
    assert stacks.session.frame == (1, 2, None, None)
    stacks.frames = "t=0"
    stacks.find_everywhere()
    stacks.go_to(1)
    assert stacks.session.frame == (0, 1, None, None)
    with pytest.raises(SessionError, match="none at 9"):
        stacks.go_to(9)


def test_go_to_means_the_axes_that_are_looped_over_now(begin):
    stacks = begin(volumes())
    stacks.frames = "t=0"
    stacks.find_everywhere()
    places = [state.index for state in stacks.frame_states]
    stacks.session.viewer.dims.order = (2, 0, 1, 3)
    along = stacks.stack.axes
    stacks.go_to(tuple({"t": 0, "y": 5}[axis] for axis in along))
    assert (set(along), stacks.session.frame) == ({"t", "y"}, (0, None, 5, None))
    stacks.session.viewer.dims.order = (0, 1, 2, 3)
    stacks.go_to(1)
    assert stacks.session.frame == (*places[1], None, None)


def test_closing_ends_it_and_lets_go(begin):
    run = LaterSteps()
    stacks = begin(run=run)
    stacks.find_everywhere()
    run.step(2)
    session = stacks.session
    stacks.close()
    assert run.job.cancelled.is_set()
    alive = weakref.ref(stacks)
    del stacks
    gc.collect()
    assert alive() is None
    run.finish()
    assert session.labels.data[0].any()


def test_it_ends_with_its_session(begin):
    stacks = begin()
    stacks.session.close()
    assert stacks.is_closed
    with pytest.raises(SessionError, match="closed"):
        stacks.find_everywhere()
