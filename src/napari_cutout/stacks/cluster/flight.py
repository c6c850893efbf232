"""Units of work that are at the cluster: a bounded number of them, however many there are in all.

What a unit is, and what is done about one that fails, is for others to say.
"""

from __future__ import annotations

import queue
import time
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from distributed import KilledWorker

from napari_cutout.stacks.cluster.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Client, Future

Unit = TypeVar("Unit")
Answer = TypeVar("Answer")

AHEAD = 2
"""Units at the cluster for each thread of it: the one it works on, and the next."""

LEAST = 4
"""Units at the cluster where nobody works yet."""

_LOOK_SECONDS = 1.0
"""How often the scheduler and the number of workers are looked at while nothing ends."""


@dataclass(frozen=True)
class Ended(Generic[Unit, Answer]):
    """A unit that came back.

    Parameters
    ----------
    unit
        As it was sent.
    answer
        What the function gave; None where it could not.
    error
        What it raised. ``KilledWorker`` where one worker after the other died meanwhile.
    """

    unit: Unit
    answer: Answer | None = None
    error: Exception | None = None

    @property
    def was_killed(self) -> bool:
        """Whether the workers died rather than the function failed."""
        return isinstance(self.error, KilledWorker)


class Flight(Generic[Unit, Answer]):
    """Sends units to a cluster, and gives them back as they end.

    A unit whose worker dies goes to another one by itself, as often as the scheduler allows.

    Parameters
    ----------
    client
        Of the cluster.
    function
        Called with each unit, on a worker.
    """

    def __init__(self, client: Client, function: Callable[[Unit], Answer]) -> None:
        self._client = client
        self._function = function
        self._units: dict[Future, Unit] = {}
        self._back: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self._address = client.scheduler.address
        self._threads = 0
        self._looked = -float("inf")

    def __len__(self) -> int:
        return len(self._units)

    @property
    def threads(self) -> int:
        """Threads of all workers, as they were a moment ago. 0: nobody works yet."""
        return self._threads

    @property
    def is_full(self) -> bool:
        """Whether the workers have enough to do."""
        self._look()
        return len(self._units) >= max(LEAST, AHEAD * self._threads)

    def send(self, unit: Unit) -> None:
        """Give the cluster a unit.

        Raises
        ------
        ClusterError
            If the scheduler is lost.
        """
        # Not a key made of the arguments: what was done once may have to be done again.
        future = self._client.submit(self._function, unit, pure=False)
        self._units[future] = unit
        future.add_done_callback(self._back.put)

    def ended(self, *, wait: bool = True) -> list[Ended[Unit, Answer]]:
        """Those that came back since.

        Parameters
        ----------
        wait
            Whether one is waited for, up to a second, where none is there.

        Raises
        ------
        ClusterError
            If the scheduler is lost.
        """
        self._look()
        try:
            back = [self._back.get(wait, _LOOK_SECONDS)]
        except queue.Empty:
            return []
        while not self._back.empty():
            back.append(self._back.get())
        return self._taken(back)

    def cancel(self) -> None:
        """Take back all that nobody works on yet, and wait for nothing."""
        futures, self._units = list(self._units), {}
        if futures and self._client.status == "running":
            self._client.cancel(futures)

    def _taken(self, back: list[Future]) -> list[Ended[Unit, Answer]]:
        ended, answered = [], []
        for future in back:
            match future.status:
                case "finished":
                    answered.append(future)
                case "error":
                    error: Any = future.exception()
                    ended.append(Ended[Unit, Answer](self._units.pop(future), error=error))
                case "pending":
                    # Its answer went with its worker before it was fetched; it is asked again.
                    future.add_done_callback(self._back.put)
                case _:
                    raise self._lost()
        return ended + self._fetched(answered)

    def _fetched(self, futures: list[Future]) -> list[Ended[Unit, Answer]]:
        # All at once: each call is a way to the workers and back.
        try:
            answers = self._client.gather(futures)
        except (CancelledError, OSError) as error:
            raise self._lost() from error
        return [Ended(self._units.pop(f), a) for f, a in zip(futures, answers, strict=True)]

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        if self._client.status != "running":
            raise self._lost()
        try:
            self._threads = sum(self._client.nthreads().values())
        except OSError as error:
            raise self._lost() from error

    def _lost(self) -> ClusterError:
        return ClusterError(
            f"the scheduler at {self._address} went away or was restarted; what was finished is "
            "kept, and the same command goes on from there once a scheduler runs again"
        )
