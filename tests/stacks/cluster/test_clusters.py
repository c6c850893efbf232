"""Which cluster is meant, and that one of our own is nobody else's."""

from __future__ import annotations

import json
import os
import socket

import pytest

from napari_cutout.stacks.cluster.clusters import connected, local_workers, shared_out, visible_gpus
from napari_cutout.stacks.cluster.errors import ClusterError


def test_gpus_go_round():
    assert shared_out(5, ["0", "1"]) == ["0", "1", "0", "1", "0"]
    assert shared_out(2, ["3", "4", "5"]) == ["3", "4"]


def test_without_gpus_no_worker_has_one():
    assert shared_out(2, []) == [None, None]


@pytest.mark.parametrize(
    ("said", "gpus"), [("", []), ("2,3", ["2", "3"]), ("GPU-8a5c, GPU-11", ["GPU-8a5c", "GPU-11"])]
)
def test_the_gpus_are_those_that_the_person_left_visible(said, gpus):
    assert visible_gpus({"CUDA_VISIBLE_DEVICES": said}) == gpus


def free_address():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{free.getsockname()[1]}"


def test_where_nobody_answers_is_said_with_what_to_do():
    address = free_address()

    with (
        pytest.raises(ClusterError, match=rf"no scheduler answers at {address} .*dask scheduler"),
        connected(address, seconds=0.2),
    ):
        pass


def test_what_is_no_address_is_said():
    with pytest.raises(ClusterError, match="no scheduler answers at what"), connected("what://is"):
        pass


def test_a_scheduler_is_found_by_the_file_that_it_wrote(cluster, tmp_path):
    path = tmp_path / "scheduler.json"
    path.write_text(json.dumps(cluster.scheduler.identity()))

    with connected(str(path)) as client:
        assert client.scheduler.address == cluster.scheduler_address


@pytest.mark.parametrize("text", [None, "{}", "no json"])
def test_a_file_that_no_scheduler_wrote_is_refused(tmp_path, text):
    path = tmp_path / "scheduler.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(ClusterError, match="is not the file of a scheduler"), connected(str(path)):
        pass


@pytest.mark.slow
def test_workers_of_this_machine_are_seen_from_it_alone(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    before = dict(os.environ)

    with local_workers(2, "cpu") as client:
        addresses = [client.scheduler.address, *client.nthreads()]
        environments = client.run(lambda: dict(os.environ))
    threads = {environment["OMP_NUM_THREADS"] for environment in environments.values()}

    assert len(addresses) == 3
    assert {address.rsplit(":", 1)[0] for address in addresses} == {"tcp://127.0.0.1"}
    assert threads == {"3"}, "as the person says"
    assert dict(os.environ) == before
