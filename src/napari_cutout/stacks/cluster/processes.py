"""Processes of this machine with a scheduler in this one: begun and ended, however early.

Ctrl+C in a shell goes to every process of a command. Those of the workers never get it, also while
they start: the command ends them. What they are given is in clusters.py.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any

from distributed import Nanny, Scheduler, SpecCluster

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HERE = "127.0.0.1"
# None of ours needs a web page, but distributed serves one; so nobody else sees it.
PAGE = f"{HERE}:0"

SAID = logging.ERROR
"""What distributed says by itself."""

_END_SECONDS = 1.0
"""How long is waited for distributed to end what has no processes any more."""

_START_SECONDS = 2.0
"""How long is waited for a process that is being started, at most."""

# Windows has one way to end a process, which this is there.
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
_SCHEDULER = {"host": HERE, "port": 0, "dashboard": False, "dashboard_address": PAGE}


@contextmanager
def processes(workers: Mapping[int, Mapping[str, Any]]) -> Iterator[SpecCluster]:
    """A cluster of processes, which end with it at once, wherever they are.

    Parameters
    ----------
    workers
        The options of each, see ``distributed.Nanny``.
    """
    nannies: list[Nanny] = []

    def nanny(*given: Any, **options: Any) -> Nanny:
        nannies.append(Nanny(*given, **options))
        return nannies[-1]

    with _no_interrupts():
        # Its thread begins here, and from there the processes do: they inherit what is blocked.
        cluster = SpecCluster(
            scheduler={"cls": Scheduler, "options": _SCHEDULER}, silence_logs=SAID
        )
    try:
        cluster.worker_spec.update(
            {number: {"cls": nanny, "options": dict(known)} for number, known in workers.items()}
        )
        cluster.sync(_all_there, cluster)
        yield cluster
    finally:
        _end(cluster, nannies)


async def _all_there(cluster: SpecCluster) -> None:
    await cluster


def _end(cluster: SpecCluster, nannies: list[Nanny]) -> None:
    """End all: what a worker is in the middle of may be cut off anywhere."""
    # At the end of the process, distributed would wait for what is ended here.
    cluster.shutdown_on_close = False
    # Nor is it told, however late, that what starts was ended.
    cluster.loop.asyncio_loop.set_exception_handler(_say_nothing)
    with _silent(), suppress(TimeoutError, RuntimeError, AssertionError, OSError):
        cluster.sync(_kill, nannies)
        cluster.close(timeout=_END_SECONDS)


def _say_nothing(loop: object, about: object) -> None:
    """What asyncio calls with what nobody has waited for."""


async def _kill(nannies: list[Nanny]) -> None:
    """End their processes; one that is only being started is waited for, to be ended as well.

    Left behind, it would find nobody who says what it is to do, and complain.
    """
    for nanny in nannies:
        nanny.close_gracefully()
    left, until = nannies, time.monotonic() + _START_SECONDS
    while left and time.monotonic() < until:
        for nanny in left:
            if nanny.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(nanny.pid, _KILL)
        left = [nanny for nanny in left if nanny.pid is None]
        if left:
            await asyncio.sleep(0.01)


@contextmanager
def _no_interrupts() -> Iterator[None]:
    """Threads that begin meanwhile, and processes that those begin, never get Ctrl+C.

    On Windows the workers refuse it themselves, see interrupts.py, as soon as they run.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # It starts with the first process otherwise, and lets Ctrl+C through to that afterwards.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _silent() -> Iterator[None]:
    """What is ended on purpose isn't told as errors."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
