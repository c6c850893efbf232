"""What a worker is told, and what it makes sure of before it begins."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import watched_frames as watched
from kinds_family import kinds_segmenter
from napari_cutout.segment.automatic import SeedOptions
from napari_cutout.stacks.cluster.errors import ClusterError
from napari_cutout.stacks.cluster.work import Model, Probe
from napari_cutout.stacks.errors import FrameReadError
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.frames.selection import chosen


class Damaged(watched.WatchedStack):
    """The first frames can't be read."""

    def __init__(self, folder, count, damaged):
        super().__init__(folder, count)
        self.damaged = damaged

    def _read(self, index):
        if index[0] < self.damaged:
            raise FrameReadError(index, "damaged")
        return super()._read(index)


@pytest.fixture
def work(runs):
    stack = runs.stack(4)
    with runs.begun(stack) as output:
        yield runs.work(stack, output)


def test_it_goes_to_a_worker_and_loads_what_it_says(work, runs):
    loaded = pickle.loads(pickle.dumps(work)).load()

    assert loaded.segmenter.fingerprint == runs.segmenter.fingerprint
    assert loaded.how == watched.HOW
    assert loaded.store is None


def test_paths_are_those_of_any_folder(tmp_path, monkeypatch, work):
    monkeypatch.chdir(tmp_path)
    Path("weights.pt").touch()
    here = replace(work.place, path=Path("labels.zarr"))

    told = replace(work, place=here, embeddings=Path("store"))

    assert told.place.path == tmp_path / "labels.zarr"
    assert told.embeddings == tmp_path / "store"
    assert Model(Path("weights.pt")).name == tmp_path / "weights.pt"
    assert Model("weights.pt").name == tmp_path / "weights.pt"


def test_a_name_of_the_catalogue_stays_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("compact").mkdir()

    assert Model("compact").name == "compact"
    assert Model("owner/name").name == "owner/name"


def test_a_model_is_loaded_where_it_is_needed():
    segmenter = Model("compact", "cpu")()

    assert (segmenter.name, segmenter.device) == ("compact", "cpu")


def test_a_finder_is_loaded_there_and_does_not_travel(work, runs):
    finder = kinds_segmenter()
    options = SeedOptions(finder=finder)
    how = replace(watched.HOW, options=options)

    told = replace(work, how=how, finder=kinds_segmenter, expected=how.settings(runs.segmenter))

    assert told.how.options.finder is None
    assert told.load().how.options.finder.fingerprint == finder.fingerprint


def test_another_version_is_refused(work):
    with pytest.raises(ClusterError, match=r"was begun with 0\.0\.1; install the same"):
        replace(work, version="0.0.1").load()


def test_an_output_that_is_not_there_is_refused(work):
    shutil.rmtree(work.place.path)

    with pytest.raises(ClusterError, match=r"does not see .*labels\.zarr; give an --out on a disk"):
        work.load()


def test_another_model_is_refused_with_the_difference(work, runs):
    expected = {**runs.settings, "model": "of the login node"}

    with pytest.raises(ClusterError, match=r"\(model: .*exact.*, not of the login node\)"):
        replace(work, expected=expected).load()


def test_frames_that_are_others_here_are_refused(work):
    frames = ArrayStack(np.ones((4, watched.SIDE, watched.SIDE), np.uint8), "tyx")

    with pytest.raises(ClusterError, match="reads other pixels from the array"):
        replace(work, stack=frames).load()


def test_frames_that_can_not_be_read_here_are_refused(work, tmp_path):
    with pytest.raises(ClusterError, match="can't read what can be read where the run was begun"):
        replace(work, stack=Damaged(tmp_path, 4, damaged=1)).load()


def test_the_frame_to_compare_is_the_first_that_can_be_read(tmp_path):
    stack = Damaged(tmp_path, 5, damaged=2)

    assert Probe.of(stack, chosen(stack)).index == (2,)


def test_where_no_frame_can_be_read_none_is_compared(tmp_path, work):
    stack = Damaged(tmp_path, 5, damaged=5)
    probe = Probe.of(stack, chosen(stack))

    assert probe is None
    assert replace(work, stack=stack, probe=probe).load().segmenter.name == "exact"
