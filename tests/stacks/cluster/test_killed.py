"""Workers, schedulers and whole runs that are killed: what was finished stays, the rest is done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import dask
import pytest

import watched_frames as watched
from napari_cutout.stacks.cluster import finding
from napari_cutout.stacks.cluster.clusters import connected, local_workers
from napari_cutout.stacks.cluster.errors import ClusterError
from napari_cutout.stacks.cluster.finding import find_on_cluster
from napari_cutout.stacks.frames.selection import chosen

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL"),
]

COUNT = 60
TESTS = Path(watched.__file__).parent


class Finished:
    """The frames that are finished at a moment, which nobody may do again."""

    def __init__(self, runs, output):
        self._folder = runs.folder
        self.frames = [index for index in chosen(runs.stack(COUNT)) if output.has(index)]
        self._before = self._encoded()

    def _encoded(self):
        told = watched.told(self._folder, "encoded")
        return [told[number] for (number,) in self.frames]

    @property
    def is_left_alone(self):
        return self._encoded() == self._before


def test_workers_may_be_killed_at_any_moment(runs):
    # Two die while they read a frame, and all there are in the middle of whatever they do.
    stack, finished, states = runs.stack(COUNT, {11: 1, 40: 1}), [], []
    with runs.begun(stack) as output, local_workers(2, "cpu") as client:
        for report in find_on_cluster(client, runs.work(stack, output), chosen(stack)):
            states.append(report.state)
            if len(states) == 20:
                finished.append(Finished(runs, output))
                for pid in client.run(os.getpid).values():
                    os.kill(pid, signal.SIGKILL)

    assert states == ["found"] * COUNT
    assert [moment.is_left_alone for moment in finished] == [True]
    assert len(list(runs.folder.glob("died-*"))) == 2
    assert watched.files(output.path) == runs.alone(runs.stack(COUNT))


def test_a_frame_that_kills_everyone_is_given_up_and_the_others_are_found(runs):
    stack = runs.stack(12, {5: 1000})
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        runs.begun(stack) as output,
        local_workers(1, "cpu") as client,
    ):
        reports = list(find_on_cluster(client, runs.work(stack, output), chosen(stack)))
    with runs.begun(stack) as output:
        kept = [output.has(index) for index in chosen(stack)]

    given_up = [(report.index, report.reason) for report in reports if report.state == "failed"]
    assert given_up == [((5,), finding.KILLED)]
    assert sorted(report.index for report in reports) == [(number,) for number in range(12)]
    assert kept == [number != 5 for number in range(12)]


def test_a_run_whose_scheduler_is_killed_ends_and_goes_on_with_the_next(runs, tmp_path):
    stack = runs.stack(COUNT)
    with runs.begun(stack) as output, scheduler(tmp_path / "first.json") as (process, client):
        reports = find_on_cluster(client, runs.work(stack, output), chosen(stack))
        next(reports)
        process.kill()
        with pytest.raises(ClusterError, match="the same command goes on from there"):
            list(reports)
    with runs.begun(stack) as output, scheduler(tmp_path / "second.json") as (_, client):
        finished = Finished(runs, output)
        again = list(find_on_cluster(client, runs.work(stack, output), chosen(stack)))

    was_there = sorted(report.index for report in again if report.state == "was there")
    assert len(finished.frames) > 0
    assert was_there[: len(finished.frames)] == finished.frames
    assert finished.is_left_alone
    assert watched.files(output.path) == runs.alone(stack)


@contextmanager
def scheduler(path):
    """A scheduler and a worker, each a process as a person would start them; and a client."""
    place = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
    begin = [sys.executable, "-m"]
    one = subprocess.Popen(
        [*begin, "distributed.cli.dask_scheduler", *place, "--port", "0", "--no-dashboard",
         "--scheduler-file", path],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    other = subprocess.Popen(
        [*begin, "distributed.cli.dask_worker", "--scheduler-file", path, *place, "--nthreads", "1",
         "--no-nanny", "--no-dashboard", "--memory-limit", "0"],
        stderr=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    try:
        while not path.exists() or not path.read_text():
            assert one.poll() is None
        with connected(str(path)) as client:
            yield one, client
    finally:
        for process in (other, one):
            process.kill()
            process.wait()


# A whole run with two workers, which says what it has found until it is killed.
RUN = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import watched_frames as watched
from napari_cutout.stacks.cluster.clusters import local_workers
from napari_cutout.stacks.cluster.run import run_on_cluster
from napari_cutout.stacks.output.output import StackOutput

folder, count = Path(sys.argv[2]), int(sys.argv[3])
model, stack = watched.WatchedModel(folder), watched.WatchedStack(folder, count)
segmenter = model()
settings = watched.HOW.settings(segmenter)
path = folder / "out" / "labels.zarr"
with StackOutput.open(path, stack, settings) as output, local_workers(2, "cpu") as client:
    for step in run_on_cluster(client, segmenter, model, stack, output, watched.HOW):
        os.write(1, f"{step.state}\\n".encode())
"""


def test_a_run_that_is_killed_goes_on_when_it_is_begun_again(runs):
    stack = runs.stack(COUNT)
    command = [sys.executable, "-c", RUN, str(TESTS), str(runs.folder), str(COUNT)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as run:
        for _ in range(7):
            assert run.stdout.readline() == "found\n"
        run.kill()
    with runs.begun(stack) as output:
        settled(runs)
        finished = Finished(runs, output)

    again = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)

    assert len(finished.frames) >= 7
    assert again.stdout.count("was there") == len(finished.frames)
    assert again.stdout.count("found") == COUNT - len(finished.frames)
    assert finished.is_left_alone
    assert watched.files(runs.folder / "out" / "labels.zarr") == runs.alone(stack)


def settled(runs):
    """Wait until the workers of a run that was killed have found out, and are gone."""
    for pid in watched.told(runs.folder, "loaded"):
        while is_alive(pid):
            os.sched_yield()


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
