"""Loaded by each worker of this machine: Ctrl+C in a shell is for the command, which ends them."""

from __future__ import annotations

import signal


def dask_setup(worker: object) -> None:
    """Begin at a worker; distributed calls this by its name."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
