"""Which cluster: one that runs already, or processes of this machine for the time of a run."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distributed import Client

from napari_cutout.sam.cores import cores
from napari_cutout.sam.threads import COUNTS
from napari_cutout.stacks.cluster import interrupts
from napari_cutout.stacks.cluster.errors import ClusterError
from napari_cutout.stacks.cluster.processes import HERE, PAGE, SAID, processes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CONNECT_SECONDS = 30.0
"""How long a scheduler is waited for."""

GPUS = "CUDA_VISIBLE_DEVICES"


@contextmanager
def connected(address: str, seconds: float = CONNECT_SECONDS) -> Iterator[Client]:
    """A client of a cluster that runs already.

    Parameters
    ----------
    address
        Of its scheduler, such as ``tcp://10.0.0.1:8786``; or the path of the file that it was
        told to write, ``.json``.
    seconds
        How long it is waited for.

    Raises
    ------
    ClusterError
        If no scheduler answers there.
    """
    place = _in_file(Path(address)) if address.endswith(".json") else address
    try:
        client = Client(place, timeout=seconds, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"no scheduler answers at {place} ({_said(error)}); start one with 'dask scheduler', "
            "and give the address that it says, such as tcp://10.0.0.1:8786"
        ) from error
    with client:
        yield client


@contextmanager
def local_workers(count: int, device: str = "auto") -> Iterator[Client]:
    """A client of a cluster of processes on this machine, which end with it.

    Nobody else can reach them. Cores are shared out, unless the person has said how many threads
    there are; so are NVIDIA's GPUs.

    Parameters
    ----------
    count
        How many workers, each with one model in memory.
    device
        Where the models will compute.
    """
    uses_gpus = device in ("auto", "cuda")
    gpus = shared_out(count, visible_gpus(os.environ)) if uses_gpus else [None] * count
    threads = {name: str(max(1, cores() // count)) for name in COUNTS}
    workers = {}
    for number, gpu in enumerate(gpus):
        environment = {name: os.environ.get(name, value) for name, value in threads.items()}
        if gpu is not None:
            environment[GPUS] = gpu
        workers[number] = _worker(environment)
    with (
        _own_environment(),
        processes(workers) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


def shared_out(count: int, gpus: list[str]) -> list[str | None]:
    """The GPU of each worker, one after the other; None each where there are none.

    Parameters
    ----------
    count
        Workers.
    gpus
        As ``CUDA_VISIBLE_DEVICES`` names them.
    """
    return [gpus[number % len(gpus)] if gpus else None for number in range(count)]


def visible_gpus(environment: Mapping[str, str]) -> list[str]:
    """NVIDIA's GPUs that this process may use, as ``CUDA_VISIBLE_DEVICES`` names them.

    Parameters
    ----------
    environment
        Of the process.
    """
    if GPUS in environment:
        return [name.strip() for name in environment[GPUS].split(",") if name.strip()]
    import torch

    return [str(number) for number in range(torch.cuda.device_count())]


def _worker(environment: Mapping[str, str]) -> dict[str, Any]:
    """The options of a worker."""
    return {
        "nthreads": 1,
        "host": HERE,
        "dashboard": False,
        "dashboard_address": PAGE,
        "silence_logs": SAID,
        # What a model does where memory doesn't suffice is better than to be stopped before.
        "memory_limit": 0,
        "env": dict(environment),
        "preload": [interrupts.__name__],
    }


def _in_file(path: Path) -> str:
    try:
        return str(json.loads(path.read_text("utf-8"))["address"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ClusterError(
            f"{path} is not the file of a scheduler ({_said(error)}); it is written by "
            f"'dask scheduler --scheduler-file {path}'"
        ) from error


@contextmanager
def _own_environment() -> Iterator[None]:
    """Undo what distributed sets in the environment of this process for its children's sake."""
    before = dict(os.environ)
    try:
        yield
    finally:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)


def _said(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
