"""How torch comes into the process, and how many threads it computes with. No torch is needed here.

The rule is the person's word first: ``OMP_NUM_THREADS``, ``MKL_NUM_THREADS``, and what was given to
``torch.set_num_threads`` stay as they are. Otherwise there are as many as the process has cores,
and in a window one less, so that it stays smooth.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from napari_cutout._before_torch import WAITING, WAITING_OTHERWISE, prepare
from napari_cutout.sam.cores import cores

COUNTS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Variables by which a person says how many threads there are."""

_LIBRARIES = {"linux": "libtorch.so", "darwin": "libtorch.dylib"}


@dataclass(frozen=True)
class Threads:
    """How many threads torch computes with.

    Parameters
    ----------
    count
        So many.
    cores
        That the process may use.
    why
        In words.
    """

    count: int
    cores: int
    why: str


def bring_torch(*, in_window: bool = False) -> Threads:
    """Import torch, if need be so that other threads go on meanwhile, and choose its threads.

    Python stands still while it loads a library, and torch's take most of a second. They are
    loaded before, in a way that doesn't hold others up. Called again, it costs nothing, and leaves
    alone what was chosen with ``torch.set_num_threads`` since.

    Torch keeps the number for each thread; one that begins to compute takes it as it is then.

    Parameters
    ----------
    in_window
        Whether a window is to stay smooth meanwhile: a core is left to it where there are more.
    """
    if prepare():
        _load_library()
    return _chosen(in_window)


def load_ahead() -> None:
    """Begin to load torch's libraries, in a thread that ends by itself; nothing is imported.

    A window that is being made needs Python for itself, and this needs none of it.
    """
    if prepare():
        threading.Thread(target=_load_library, name="torch's libraries", daemon=True).start()


def choose(now: int, available: int, *, in_window: bool, sleeps: bool = True) -> int:
    """How many threads there are to be.

    Parameters
    ----------
    now
        What torch would take, or what somebody told it.
    available
        Cores.
    in_window
        See :func:`bring_torch`.
    sleeps
        Whether threads that wait sleep. Otherwise a window has half of the cores: those that spin
        keep from working who is waited for.
    """
    most = available
    if in_window:
        most = available - 1 if sleeps else available // 2
    return max(1, min(now, most))


def threads_sleep() -> bool:
    """Whether torch's threads sleep while they wait for each other, so that others can work.

    Not where torch was imported before this package: they keep their cores busy with waiting.
    """
    return any(name in os.environ for name in (WAITING, *WAITING_OTHERWISE))


@cache
def _chosen(in_window: bool) -> Threads:
    """Once for all: what is told to torch afterwards stays."""
    import torch

    now, available = torch.get_num_threads(), cores()
    given = [f"{name}={os.environ[name]}" for name in COUNTS if name in os.environ]
    if given:
        return Threads(now, available, f"as {', '.join(given)} says")
    count = choose(now, available, in_window=in_window, sleeps=threads_sleep())
    if count == now:
        return Threads(now, available, "as torch has it")
    torch.set_num_threads(count)
    return Threads(count, available, f"torch would take {now}")


def _load_library() -> None:
    """Load torch's libraries from disk without keeping other threads of Python waiting."""
    name, found = _LIBRARIES.get(sys.platform), importlib.util.find_spec("torch")
    if name is None or found is None or found.origin is None:
        return
    library = Path(found.origin).parent / "lib" / name
    # ctypes.CDLL(library) would hold the interpreter's lock meanwhile; a call of a function of C
    # gives it back. Where it fails, the import itself does as it would.
    load = ctypes.CDLL(None).dlopen
    load.restype, load.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
    load(os.fsencode(library), os.RTLD_NOW)
