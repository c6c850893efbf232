"""Finding everything in frames by the workers of a cluster: units sent, taken back, sent again.

Frames that are done are left out here, before anything is sent; so the same again goes on where it
was stopped, whatever stopped it. A whole run is in run.py.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from napari_cutout.stacks.cluster.errors import ClusterError
from napari_cutout.stacks.cluster.flight import Flight
from napari_cutout.stacks.cluster.station import Frames, Station, function
from napari_cutout.stacks.running.results import UnitReport
from napari_cutout.stacks.running.unit import was_there

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from distributed import Client

    from napari_cutout.stacks.cluster.flight import Ended
    from napari_cutout.stacks.cluster.work import Work

MOST_TOGETHER = 8
"""Frames in a unit at most: enough for a worker to read ahead."""

_SHARES = 8
"""Units for each thread that the frames are cut into at least, so that all end at about a time."""

_TRIES = 3

KILLED = (
    "the processes that worked on it died, several in turn; likely it does not fit into their "
    "memory. Run the same command again where there is more"
)


def find_on_cluster(
    client: Client,
    work: Work,
    frames: Sequence[tuple[int, ...]],
    *,
    most_together: int = MOST_TOGETHER,
    say: Callable[[str], None] | None = None,
) -> Generator[UnitReport, None, None]:
    """Find everything in frames on a cluster, and write it there.

    A worker that dies costs the frame that it was at. Close the generator, and workers stop after
    that; all that was yielded stays.

    Parameters
    ----------
    client
        Of the cluster.
    work
        What its workers have to know.
    frames
        Which; a lazy sequence of any length, of which only the next are looked at.
    most_together
        Frames that a worker gets at once, at most.
    say
        Called in words while no worker is there.

    Yields
    ------
    UnitReport
        As they come back.

    Raises
    ------
    ClusterError
        If the scheduler goes away, or a worker can't do this work.
    OutputError
        If something can't be written.
    """
    station = Station(work)
    with _stationed(client, station):
        flight: Flight[Frames, tuple[UnitReport, ...]] = Flight(client, function(station))
        try:
            yield from _Run(flight, work, most_together, say).over(frames)
        finally:
            flight.cancel()


class _Run:
    """The frames on their way: gathered to units, sent while there is room, and taken back."""

    def __init__(
        self,
        flight: Flight[Frames, tuple[UnitReport, ...]],
        work: Work,
        most_together: int,
        say: Callable[[str], None] | None,
    ) -> None:
        self._flight = flight
        self._work = work
        self._most = most_together
        self._say = say
        self._alone: list[tuple[int, ...]] = []

    def over(self, frames: Sequence[tuple[int, ...]]) -> Iterator[UnitReport]:
        """Reports of all frames."""
        unit: list[tuple[int, ...]] = []
        for done, index in enumerate(frames, 1):
            if (report := was_there(self._work.stack, self._work.place, index)) is not None:
                yield report
                continue
            unit.append(index)
            if len(unit) >= self._together(len(frames) - done):
                yield from self._send(unit)
                unit = []
        if unit:
            yield from self._send(unit)
        while len(self._flight):
            yield from self._reports(self._flight.ended())
        yield from self._one_by_one()

    def _together(self, left: int) -> int:
        """Frames of a unit: fewer towards the end."""
        share = left // (_SHARES * max(1, self._flight.threads))
        return max(1, min(self._most, share))

    def _send(self, unit: list[tuple[int, ...]]) -> Iterator[UnitReport]:
        while self._flight.is_full:
            yield from self._reports(self._flight.ended())
        self._flight.send(tuple(unit))
        yield from self._reports(self._flight.ended(wait=False))

    def _reports(
        self, back: Iterable[Ended[Frames, tuple[UnitReport, ...]]]
    ) -> Iterator[UnitReport]:
        for ended in back:
            if ended.was_killed:
                self._alone.extend(ended.unit)
            else:
                yield from _answer(ended)
        self._tell()

    def _one_by_one(self) -> Iterator[UnitReport]:
        """What was sent to a worker that another frame killed is found; that frame is given up."""
        for index in self._alone:
            self._flight.send((index,))
            while len(self._flight):
                for ended in self._flight.ended():
                    if ended.was_killed:
                        yield UnitReport(index, "failed", reason=KILLED)
                    else:
                        yield from _answer(ended)

    def _tell(self) -> None:
        """Say once that nobody works; somebody who comes later is waited for."""
        if self._say is not None and len(self._flight) and not self._flight.threads:
            self._say("the cluster has no worker yet; the run goes on when one comes")
            self._say = None


def _answer(ended: Ended[Frames, tuple[UnitReport, ...]]) -> Iterator[UnitReport]:
    if ended.error is not None:
        raise ended.error
    for report in ended.answer or ():
        # It was not there when it was sent: a worker found it that died before it said so.
        is_ours = report.state == "was there"
        yield replace(report, state="found") if is_ours else report


@contextmanager
def _stationed(client: Client, station: Station) -> Iterator[None]:
    """Let all workers know of a run, and those that come while it lasts."""
    for left in range(_TRIES - 1, -1, -1):
        try:
            client.register_plugin(station)
            break
        except OSError as error:
            # A worker died in the middle of it.
            if not left or client.status != "running":
                raise ClusterError(f"the workers can't be told what to do: {error}") from error
    try:
        yield
    finally:
        if client.status == "running":
            with suppress(OSError, ValueError):
                client.unregister_worker_plugin(station.name)
