"""What torch reads from the environment when it is imported. Set before; no torch is needed here.

How many threads there are is chosen in sam/threads.py.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping

WAITING = "OMP_WAIT_POLICY"
"""How threads wait for each other; we say ``passive``, asleep.

By default they spin for milliseconds. Where another program, or another session, uses the cores,
each spins for one that can't run meanwhile: encoding took three times as long, and five times the
processor's time. Spinning for 0.1 ms still doubled both.
"""

WAITING_OTHERWISE = ("GOMP_SPINCOUNT", "KMP_BLOCKTIME", "KMP_LIBRARY")
"""Other names for that, by which a person may have said it already."""

MPS_FALLBACK = "PYTORCH_ENABLE_MPS_FALLBACK"


def prepare(environment: MutableMapping[str, str] | None = None) -> bool:
    """Set what torch reads when it is imported, unless it was, or the person has set it.

    Threads that wait sleep; and what Apple's devices can't compute, the CPU does, which torch
    says in a warning.

    Parameters
    ----------
    environment
        Default: that of the process.

    Returns
    -------
    bool
        Whether torch is still to be imported.
    """
    if "torch" in sys.modules:
        return False
    environment = os.environ if environment is None else environment
    if not any(name in environment for name in WAITING_OTHERWISE):
        environment.setdefault(WAITING, "passive")
    environment.setdefault(MPS_FALLBACK, "1")
    return True
