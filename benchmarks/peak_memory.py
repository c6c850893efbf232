"""The most memory that something takes, measured in a process that does nothing else."""

from __future__ import annotations

import json
import math
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any


def high_water() -> float:
    """The most bytes that this process has had so far; not a number where nobody counts them."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) * 1024.0 for line in lines if line.startswith("VmHWM"))
    try:
        import resource
    except ImportError:
        return math.nan
    unit = 1 if platform.system() == "Darwin" else 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


def forget() -> None:
    """Let the most start anew, at what is there now; where the system can, which is Linux."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")


def in_own_process(script: str, *arguments: str) -> Any:
    """What a script prints in its last line, as JSON, when it is run with arguments.

    Raises
    ------
    RuntimeError
        If it fails, with its last words.
    """
    run = [sys.executable, script, *arguments]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["nothing was said"])[-1]
        raise RuntimeError(f"{' '.join(arguments)}: {said}")
    return json.loads(done.stdout.splitlines()[-1])
