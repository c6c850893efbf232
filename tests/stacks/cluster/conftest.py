"""A cluster within the process, and runs on it. Clusters of processes are in test_killed.py."""

from __future__ import annotations

import pytest

import watched_frames as watched
from napari_cutout.stacks.cluster.work import Probe, Work
from napari_cutout.stacks.frames.selection import chosen
from napari_cutout.stacks.output.output import StackOutput
from napari_cutout.stacks.running.run import run_stack

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=2,
        processes=False,
        dashboard_address="127.0.0.1:0",
        memory_limit=0,
    ) as here:
        yield here


@pytest.fixture
def client(cluster):
    with distributed.Client(cluster, set_as_default=False) as client:
        yield client


class Runs:
    """Runs of watched frames into outputs of a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.model = watched.WatchedModel(folder)
        self.segmenter = self.model()
        self.settings = watched.HOW.settings(self.segmenter)

    def stack(self, count, deadly=None):
        return watched.WatchedStack(self.folder, count, deadly)

    def begun(self, stack, name="out"):
        """An output, locked until it is closed."""
        return StackOutput.open(self.folder / name / "labels.zarr", stack, self.settings)

    def work(self, stack, output, **other):
        probe = Probe.of(stack, chosen(stack))
        how = watched.HOW
        return Work(self.model, stack, output.place, how, self.settings, probe=probe, **other)

    def alone(self, stack, name="alone"):
        """The files of a run without a cluster."""
        with self.begun(stack, name) as output:
            for _ in run_stack(self.segmenter, stack, output, watched.HOW):
                pass
        return watched.files(output.path)

    def forget(self):
        """Forget what was told."""
        (self.folder / "told").unlink(missing_ok=True)


@pytest.fixture
def runs(tmp_path):
    runs = Runs(tmp_path)
    runs.forget()
    return runs
