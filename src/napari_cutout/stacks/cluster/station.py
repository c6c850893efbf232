"""What a worker has for a run: its models, loaded once, until the run is over.

Dask keeps it for every worker, also for those that come later or are started anew.
"""

from __future__ import annotations

from contextlib import closing
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any

from distributed import WorkerPlugin, get_worker

from napari_cutout.stacks.cluster.errors import ClusterError
from napari_cutout.stacks.running.units import do_units

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Worker

    from napari_cutout.stacks.cluster.work import Loaded, Work
    from napari_cutout.stacks.running.results import UnitReport

Frames = tuple[tuple[int, ...], ...]
"""A unit of work: frames that follow each other, so that a worker reads ahead."""


class Station(WorkerPlugin):  # type: ignore[misc]
    """A worker's part in a run.

    Parameters
    ----------
    work
        What is to be done.
    """

    def __init__(self, work: Work) -> None:
        self.name = f"napari-cutout {work.place.path}"
        self._work = work

    def setup(self, worker: Worker) -> None:
        """Begin at a worker. Nothing is loaded before there is something to do."""
        self._loading = Lock()
        self._loaded: Loaded | None = None
        self._is_over = False

    def teardown(self, worker: Worker) -> None:
        """End there: the models go, and what is being done ends with the frame at hand."""
        self._is_over = True
        self._loaded = None

    def do(self, frames: Frames) -> tuple[UnitReport, ...]:
        """Find everything in frames and write it, unless that was done before.

        Raises
        ------
        ClusterError
            If this worker can't do it, or nobody wants it any more.
        OutputError
            If it can't be written.
        """
        work, loaded = self._work, self._load()
        run = do_units(
            loaded.segmenter, work.stack, work.place, frames, loaded.how, store=loaded.store
        )
        done: list[UnitReport] = []
        with closing(run):
            for report in run:
                done.append(report)
                if self._is_over:
                    raise ClusterError("the run is over; what was finished is kept")
        return tuple(done)

    def _load(self) -> Loaded:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._work.load()
            return self._loaded


def function(station: Station) -> Callable[[Frames], tuple[UnitReport, ...]]:
    """What is called with frames on a worker that has the station."""
    return partial(_do, station.name)


def _do(name: str, frames: Frames) -> tuple[UnitReport, ...]:
    worker: Any = get_worker()
    station = worker.plugins.get(name)
    if station is None:
        raise ClusterError(
            f"the worker {worker.address} knows nothing of this run, as its scheduler was "
            "restarted or the run is over; run the same command again"
        )
    reports: tuple[UnitReport, ...] = station.do(frames)
    return reports
