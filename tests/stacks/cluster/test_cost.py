"""How long a run takes, beside what it is counted from by hand."""

from __future__ import annotations

import pytest

from napari_cutout.stacks.cluster.cost import FrameCost, Machines, estimate

FRAME = FrameCost(seconds=0.5, core_seconds=0.8, bytes_read=8e6, bytes_written=5e4, files=5)


def machines(**other):
    return Machines(
        **{
            "workers": 100,
            "frames_per_unit": 8,
            "unit_seconds": 0.002,
            "start_seconds": 30,
            **other,
        }
    )


def test_workers_share_the_frames():
    found = estimate(FRAME, 1e15, machines())

    assert found.frames == 125_000_000
    assert found.units == 15_625_000
    assert found.limit == "workers"
    assert found.seconds == 30 + 125e6 * 0.5 / 100
    assert found.worker_hours == pytest.approx(100 * 625_030 / 3600)
    assert (found.bytes_written, found.files) == (6.25e12, 625e6)


def test_workers_of_other_cores_take_the_seconds_of_cores():
    assert estimate(FRAME, 1e15, machines(cores=1)).seconds == 30 + 125e6 * 0.8 / 100
    assert estimate(FRAME, 1e15, machines(cores=4)).seconds == 30 + 125e6 * 0.2 / 100


def test_more_workers_are_of_no_use_where_nobody_can_hand_out_so_much():
    found = estimate(FRAME, 1e15, machines(workers=100_000))

    assert found.limit == "scheduler"
    assert found.seconds == 30 + 15_625_000 * 0.002


def test_nor_where_the_disk_is_slow():
    found = estimate(FRAME, 1e15, machines(workers=10_000, bytes_per_second=1e9))

    assert found.limit == "disk"
    assert found.seconds == pytest.approx(30 + 125e6 * 8.05e6 / 1e9)


def test_whoever_waits_is_paid_for():
    found = estimate(FRAME, 1e15, machines(workers=10_000, bytes_per_second=1e9, price_per_hour=2))

    assert found.price == pytest.approx(2 * 10_000 * found.seconds / 3600)


def test_without_a_price_there_is_none():
    assert estimate(FRAME, 1e15, machines()).price is None


def test_a_part_of_a_frame_is_a_frame_and_a_part_of_a_unit_a_unit():
    found = estimate(FRAME, 8e6 * 9 + 1, machines())

    assert (found.frames, found.units) == (10, 2)


@pytest.mark.parametrize(
    ("data_bytes", "other"), [(0, {}), (1e9, {"workers": 0}), (1e9, {"frames_per_unit": 0})]
)
def test_nothing_to_do_and_nobody_to_do_it_is_refused(data_bytes, other):
    with pytest.raises(ValueError, match=r"there are 0 bytes|give at least 1"):
        estimate(FRAME, data_bytes, machines(**other))
