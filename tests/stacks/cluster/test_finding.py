"""Frames that are found by the workers of a cluster. How they are killed is in test_killed.py."""

from __future__ import annotations

from contextlib import closing
from itertools import islice

import distributed
import numpy as np
import pytest

import watched_frames as watched
from napari_cutout.stacks.cluster.errors import ClusterError
from napari_cutout.stacks.cluster.finding import find_on_cluster
from napari_cutout.stacks.errors import FrameReadError, OutputError
from napari_cutout.stacks.frames.selection import chosen


class Damaged(watched.WatchedStack):
    """Frame 3 can't be read."""

    def _read(self, index):
        if index == (3,):
            raise FrameReadError(index, "cut off")
        return super()._read(index)


def found(client, runs, stack, output, **options):
    """The reports, in the order of the frames."""
    work = runs.work(stack, output)
    return sorted(
        find_on_cluster(client, work, chosen(stack), **options), key=lambda report: report.index
    )


def settle(client, cluster):
    """Wait until nobody works any more at what was cancelled."""
    while any(worker.state.tasks for worker in cluster.workers.values()):
        client.nthreads()


def test_every_frame_is_found_once(client, runs):
    stack = runs.stack(20)

    with runs.begun(stack) as output:
        reports = found(client, runs, stack, output)

    assert [report.index for report in reports] == [(number,) for number in range(20)]
    assert {(report.state, report.objects) for report in reports} == {("found", 2)}
    assert watched.told(runs.folder, "encoded") == dict.fromkeys(range(20), 1)


def test_what_is_written_is_that_of_a_run_without_a_cluster(client, runs):
    stack = runs.stack(20)

    with runs.begun(stack) as output:
        found(client, runs, stack, output)

    assert watched.files(output.path) == runs.alone(stack)


def test_what_was_found_before_is_not_sent(client, runs, cluster):
    stack = runs.stack(60)
    with runs.begun(stack) as output:
        with closing(find_on_cluster(client, runs.work(stack, output), chosen(stack))) as reports:
            before = [report.index for report in islice(reports, 4)]
        settle(client, cluster)
        there = [index for index in chosen(stack) if output.has(index)]
        runs.forget()

        again = found(client, runs, stack, output)

    assert set(before) <= set(there)
    assert [report.index for report in again if report.state == "was there"] == there
    assert watched.told(runs.folder, "encoded") == {
        number: 1 for (number,) in chosen(stack) if (number,) not in there
    }


class Replaced(watched.WatchedStack):
    """Frame 3 is another one than before, in a file of its own as it were."""

    def _identity_of(self, index):
        return "anew" if index == (3,) else ""


def test_of_frames_that_were_found_those_that_are_others_now_are_sent(client, runs):
    runs.alone(runs.stack(6), "out")
    runs.forget()
    stack = Replaced(runs.folder, 6)
    with runs.begun(stack) as output:
        reports = found(client, runs, stack, output)
        result = output.read((3,))

    assert [report.index for report in reports if report.state == "found"] == [(3,)]
    assert result.identity == "anew"
    assert watched.told(runs.folder, "encoded") == {3: 1}


def test_where_all_is_there_no_worker_is_needed(client, runs):
    stack = runs.stack(5)
    runs.alone(stack, "out")

    with (
        distributed.LocalCluster(
            n_workers=0, processes=False, dashboard_address="127.0.0.1:0"
        ) as empty,
        distributed.Client(empty, set_as_default=False) as nobody,
        runs.begun(stack) as output,
    ):
        reports = found(nobody, runs, stack, output)

    assert [report.state for report in reports] == ["was there"] * 5


def test_that_nobody_works_is_said_once_and_who_comes_goes_on(runs):
    stack, said = runs.stack(5), []
    with (
        distributed.LocalCluster(
            n_workers=0, processes=False, dashboard_address="127.0.0.1:0"
        ) as empty,
        distributed.Client(empty, set_as_default=False) as client,
        runs.begun(stack) as output,
    ):

        def say(text):
            said.append(text)
            empty.scale(1)

        reports = found(client, runs, stack, output, say=say)

    assert said == ["the cluster has no worker yet; the run goes on when one comes"]
    assert [report.state for report in reports] == ["found"] * 5


def test_a_frame_that_can_not_be_read_fails_by_itself(client, runs):
    stack = Damaged(runs.folder, 6)

    with runs.begun(stack) as output:
        reports = found(client, runs, stack, output)
        failed = list(output.failures())

    assert [report.state for report in reports] == [
        "failed" if number == 3 else "found" for number in range(6)
    ]
    assert reports[3].reason == "cut off"
    assert [result.index for result in failed] == [(3,)]


def test_an_output_that_is_removed_meanwhile_ends_the_run(client, runs):
    stack = runs.stack(200)

    with runs.begun(stack) as output:
        reports = find_on_cluster(client, runs.work(stack, output), chosen(stack))
        next(reports)
        (output.path / "0" / ".cutout" / "settings.json").unlink()
        with pytest.raises(OutputError, match="was removed or begun anew with other settings"):
            list(reports)


def test_what_is_wrong_with_a_worker_ends_the_run(client, runs):
    stack = runs.stack(5)

    with runs.begun(stack) as output:
        work = runs.work(stack, output, version="0.0.1")
        with pytest.raises(ClusterError, match="install the same everywhere"):
            list(find_on_cluster(client, work, chosen(stack)))


def test_of_a_million_frames_only_the_next_are_looked_at(client, runs, cluster):
    stack = runs.stack(1_000_000)
    frames = Counted(chosen(stack))
    with (
        runs.begun(stack) as output,
        closing(find_on_cluster(client, runs.work(stack, output), frames)) as reports,
    ):
        tasks = [len(cluster.scheduler.tasks) for _ in islice(reports, 40)]

    assert max(tasks) <= 12
    assert frames.taken <= 40 + 8 * 12


class Counted:
    """Frames of which it is counted how many were asked for."""

    def __init__(self, frames):
        self.frames = frames
        self.taken = 0

    def __len__(self):
        return len(self.frames)

    def __iter__(self):
        for index in self.frames:
            self.taken += 1
            yield index


def test_closing_it_ends_the_work_and_keeps_what_was_found(client, runs, cluster):
    stack = runs.stack(500)
    with runs.begun(stack) as output:
        with closing(find_on_cluster(client, runs.work(stack, output), chosen(stack))) as reports:
            before = [report.index for report in islice(reports, 10)]
        settle(client, cluster)
        kept = [index for index in chosen(stack) if output.has(index)]
        labels = output.labels(before[0])

    assert set(before) <= set(kept)
    assert len(kept) < 500
    plugins = [name for worker in cluster.workers.values() for name in worker.plugins]
    assert not [name for name in plugins if name.startswith("napari-cutout")]
    assert np.unique(labels).tolist() == [0, 1, 2]
