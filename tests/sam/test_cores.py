"""The cores that a process may use: those it may run on, and what its control groups allow."""

import os

import pytest

from napari_cutout.sam.cores import cores

ALL = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def written(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_without_control_groups_all_that_it_may_run_on(tmp_path):
    assert cores(tmp_path) == ALL


@pytest.mark.parametrize(
    ("quota", "expected"),
    [("max 100000", ALL), ("100000 100000", 1), ("50000 100000", 1), ("6400000 100000", ALL)],
)
def test_quota_of_version_two(tmp_path, quota, expected):
    files = {"proc/self/cgroup": "0::/box\n", "sys/fs/cgroup/box/cpu.max": f"{quota}\n"}

    assert cores(written(tmp_path, files)) == expected


@pytest.mark.skipif(ALL < 2, reason="needs two cores")
def test_a_part_of_a_core_counts_as_one(tmp_path):
    files = {"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "150000 100000\n"}

    assert cores(written(tmp_path, files)) == 2


def test_a_group_around_it_holds_too(tmp_path):
    files = {
        "proc/self/cgroup": "0::/slice/box\n",
        "sys/fs/cgroup/slice/cpu.max": "100000 100000\n",
        "sys/fs/cgroup/slice/box/cpu.max": "max 100000\n",
    }

    assert cores(written(tmp_path, files)) == 1


@pytest.mark.parametrize("place", ["", "docker/abc/"])
def test_quota_of_version_one_also_where_only_the_outermost_group_is_seen(tmp_path, place):
    files = {
        "proc/self/cgroup": "5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n0::/\n",
        f"sys/fs/cgroup/cpu,cpuacct/{place}cpu.cfs_quota_us": "90000\n",
        f"sys/fs/cgroup/cpu,cpuacct/{place}cpu.cfs_period_us": "100000\n",
    }

    assert cores(written(tmp_path, files)) == 1


def test_version_one_without_a_quota(tmp_path):
    files = {
        "proc/self/cgroup": "4:cpu:/\n",
        "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    }

    assert cores(written(tmp_path, files)) == ALL


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs a process on some cores")
def test_only_those_it_may_run_on():
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})

        assert cores() == 1
    finally:
        os.sched_setaffinity(0, before)
