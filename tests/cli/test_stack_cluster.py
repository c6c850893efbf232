"""The command stack, with others to do its work."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from watched_frames import files

distributed = pytest.importorskip("distributed")


@pytest.fixture
def movie(frame, tmp_path):
    path = tmp_path / "movie.npy"
    np.save(path, np.stack([np.roll(frame, 5 * number, 1) for number in range(5)]))
    return path


@pytest.fixture
def labels(run, movie, tmp_path):
    """Run the command into a folder; what it printed, and the files there."""

    def stack(name, *arguments):
        out = tmp_path / name / "labels.zarr"
        result = run("stack", movie, "--axes", "tyx", "--out", out, "--json", *arguments)
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout), files(out)

    return stack


@pytest.fixture(scope="module")
def scheduler():
    """The address of one with a worker, as others would reach it."""
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        memory_limit=0,
    ) as cluster:
        yield cluster.scheduler_address


def test_labels_and_records_are_those_of_a_run_without_a_cluster(labels, scheduler):
    expected, alone = labels("alone")
    said, found = labels("cluster", "--scheduler", scheduler)

    assert found == alone
    for name in ("frames", "found", "objects", "tracks"):
        assert said[name] == expected[name]


def test_run_again_it_finds_nothing_new(labels, scheduler):
    _, before = labels("cluster", "--scheduler", scheduler)
    said, after = labels("cluster", "--scheduler", scheduler)

    assert (said["found"], said["was_there"]) == (0, 5)
    assert after == before


def test_seeds_and_embeddings_are_made_by_the_workers(labels, scheduler, tmp_path):
    given = ("--mode", "seeds", "--finder", "compact")
    _, alone = labels("alone", *given)
    store = tmp_path / "store"
    _, found = labels("cluster", *given, "--embeddings", store, "--scheduler", scheduler)

    assert found == alone
    assert any(store.iterdir())


@pytest.mark.slow
def test_workers_of_this_machine_find_the_same(labels):
    _, alone = labels("alone")
    said, found = labels("workers", "--workers", "2")

    assert found == alone
    assert said["found"] == 5


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")
def test_stopped_with_ctrl_c_it_says_so_in_one_line_and_goes_on_when_run_again(
    run, frame, tmp_path
):
    movie, out = tmp_path / "movie.npy", tmp_path / "labels.zarr"
    np.save(movie, np.stack([np.roll(frame, number, 1) for number in range(60)]))
    given = ("stack", movie, "--axes", "tyx", "--out", out, "--workers", "2")
    command = [sys.executable, "-m", "napari_cutout.cli", *map(str, given)]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as stopped:
        while not list(out.glob("0/.cutout/frames/*/*.json")):
            assert stopped.poll() is None
        os.killpg(stopped.pid, signal.SIGINT)
        said = stopped.communicate()
    kept = len(list(out.glob("0/.cutout/frames/*/*.json")))

    again = json.loads(run(*given, "--json").stdout)

    assert (stopped.returncode, *said) == (130, "", "napari-cutout: stopped\n")
    assert 0 < kept < 60
    assert (again["was_there"], again["found"]) == (kept, 60 - kept)


def workers_of(process):
    """Ids of the processes that run, of those that it has begun to work for it."""
    found = []
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            found += [int(pid) for pid in children.read_text().split() if is_worker(int(pid))]
    return found


def is_worker(process):
    with suppress(OSError):
        return b"spawn_main" in Path(f"/proc/{process}/cmdline").read_bytes()
    return False


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes as Linux has them")
def test_stopped_with_ctrl_c_while_workers_start_it_says_so_in_one_line(movie, tmp_path):
    out = tmp_path / "labels.zarr"
    given = ("stack", movie, "--axes", "tyx", "--out", out, "--workers", "2")
    command = [sys.executable, "-m", "napari_cutout.cli", *map(str, given)]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as stopped:
        while not (begun := workers_of(stopped.pid)):
            assert stopped.poll() is None
        os.killpg(stopped.pid, signal.SIGINT)
        said = stopped.communicate()

    assert (stopped.returncode, *said) == (130, "", "napari-cutout: stopped\n")
    assert not [pid for pid in begun if is_worker(pid)]
    assert not (out / "0" / ".cutout" / "lock").exists()


def test_a_scheduler_and_workers_are_too_much(refused, movie, tmp_path):
    out = ("--out", tmp_path / "labels.zarr")
    said = refused("stack", movie, *out, "--workers", "2", "--scheduler", "tcp://127.0.0.1:1")

    assert "--scheduler has its own workers; give it or --workers" in said
    assert not (tmp_path / "labels.zarr").exists()


def test_a_scheduler_that_is_not_there_is_one_line(refused, movie, tmp_path):
    out = ("--axes", "tyx", "--out", tmp_path / "labels.zarr")
    said = refused("stack", movie, *out, "--scheduler", tmp_path / "scheduler.json")

    assert "scheduler.json is not the file of a scheduler" in said


def test_without_dask_it_is_said_what_to_install(refused, movie, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)

    said = refused("stack", movie, "--out", tmp_path / "labels.zarr", "--workers", "2")

    assert "pip install 'napari-cutout[cluster]'" in said
