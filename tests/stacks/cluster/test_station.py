"""What a worker has for a run: loaded once, and let go."""

from __future__ import annotations

import os

import pytest

import watched_frames as watched
from napari_cutout.stacks.cluster.errors import ClusterError
from napari_cutout.stacks.cluster.station import Station, function


@pytest.fixture
def station(runs):
    stack = runs.stack(6)
    with runs.begun(stack) as output:
        yield Station(runs.work(stack, output))


def test_a_worker_loads_its_model_once(client, runs, station):
    client.register_plugin(station)
    units = [((0,), (1,)), ((2,), (3,)), ((4,),), ((5,),)]

    futures = [client.submit(function(station), unit, pure=False) for unit in units]
    reports = [report for reports in client.gather(futures) for report in reports]

    assert watched.told(runs.folder, "loaded") == {os.getpid(): 1}
    assert [report.state for report in reports] == ["found"] * 6
    client.unregister_worker_plugin(station.name)


def test_nothing_is_loaded_before_there_is_something_to_do(client, runs, station):
    client.register_plugin(station)
    client.unregister_worker_plugin(station.name)

    assert watched.told(runs.folder, "loaded") == {}


def test_several_who_do_the_same_write_the_same(client, runs, station):
    client.register_plugin(station)
    unit = tuple((number,) for number in range(6))

    futures = [client.submit(function(station), unit, pure=False) for _ in range(4)]
    client.gather(futures)
    client.unregister_worker_plugin(station.name)

    assert watched.files(runs.folder / "out" / "labels.zarr") == {
        **runs.alone(runs.stack(6)),
        **lock_of(runs),
    }


def lock_of(runs):
    """The file that whoever has the output holds."""
    path = runs.folder / "out" / "labels.zarr" / "0" / ".cutout" / "lock"
    return {"0/.cutout/lock": path.read_bytes()}


def test_a_worker_that_was_not_told_of_the_run_says_so(client, station):
    future = client.submit(function(station), ((0,),), pure=False)

    with pytest.raises(ClusterError, match="knows nothing of this run"):
        future.result()


def test_a_run_that_is_over_ends_with_the_frames_at_hand(runs):
    stack = runs.stack(30)
    with runs.begun(stack) as output:
        station = Station(runs.work(stack, output))
        station.setup(worker=None)
        station.teardown(worker=None)

        with pytest.raises(ClusterError, match="the run is over"):
            station.do(tuple((number,) for number in range(30)))

    assert watched.told(runs.folder, "encoded").total() < 30
