"""What a frame and a unit take, measured: whether all of it is counted, not how much it is."""

from __future__ import annotations

import pytest

import watched_frames as watched
from napari_cutout.stacks.cluster.measuring import measure_frame, measure_unit
from napari_cutout.stacks.errors import FrameReadError, StackError
from napari_cutout.stacks.frames.selection import chosen


class Damaged(watched.WatchedStack):
    """Only the frames 2 and 4 can be read."""

    def _read(self, index):
        if index[0] not in (2, 4):
            raise FrameReadError(index, "damaged")
        return super()._read(index)


def measured(runs, stack):
    return measure_frame(runs.segmenter, stack, watched.HOW, chosen(stack), runs.folder)


def test_a_frame_is_what_lies_on_the_disk_for_it(runs):
    stack = runs.stack(5)

    cost = measured(runs, stack)

    out = runs.folder / "measured.zarr"
    kept = [*out.glob("*/c/*/*/*"), *out.glob("0/.cutout/frames/*/*")]
    assert cost.files == len(kept) / 5
    assert cost.bytes_written == sum(path.stat().st_size for path in kept) / 5
    assert cost.bytes_read == watched.SIDE**2
    assert set(cost.parts) == {"read", "encode", "find", "write"}
    assert cost.seconds > 0
    assert cost.core_seconds > 0


def test_frames_that_can_not_be_read_are_not_counted(runs):
    stack = Damaged(runs.folder, 6)

    cost = measured(runs, stack)

    assert cost.bytes_read == watched.SIDE**2
    out = runs.folder / "measured.zarr"
    assert cost.files == len([*out.glob("*/c/*/*/*"), *out.glob("0/.cutout/frames/*/*")]) / 2


def test_one_frame_is_too_few(runs):
    with pytest.raises(StackError, match="none of 0 frames of watched besides the first"):
        measured(runs, runs.stack(1))


def test_a_unit_takes_some_time_and_leaves_nothing_behind(client, cluster):
    assert measure_unit(client, 20) > 0
    while cluster.scheduler.tasks:
        client.nthreads()
