"""How many processor cores this process may use: not those of the machine, but its share.

Torch counts cores by itself, and knows nothing of a container's quota.
"""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = Path("/")

_NO_LIMIT = "max"


def cores(root: Path = _ROOT) -> int:
    """Cores that this process may use, at least 1.

    The least of those that it may run on (``taskset``, Slurm) and of what the quotas of its
    control groups (containers, services) allow; a part of one counts as one.

    Parameters
    ----------
    root
        Of the file system, where ``/proc`` and ``/sys`` are. Where they aren't, as on macOS and
        Windows, there are no quotas.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min([allowed or 1, *(math.ceil(quota) for quota in _quotas(root))]))


def _quotas(root: Path) -> Iterator[float]:
    """What each control group of this process, and each around it, may use, in cores."""
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    mounted = root / "sys/fs/cgroup"
    for line in lines:
        # number:controllers:/path; version 2 has one line, and no controllers.
        _, controllers, path = line.split(":", 2)
        if not controllers:
            for group in _up(mounted, path):
                yield from _quota(_words(group / "cpu.max"))
        elif "cpu" in controllers.split(","):
            for group in _up(mounted / controllers, path):
                names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
                yield from _quota([word for name in names for word in _words(group / name)])


def _up(mounted: Path, path: str) -> Iterator[Path]:
    """A group and those around it. Inside of a container, only the outermost may be there."""
    group = mounted / path.strip("/")
    while group != mounted:
        yield group
        group = group.parent
    yield mounted


def _words(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").split()
    except OSError:
        return []


def _quota(words: list[str]) -> Iterator[float]:
    """Microseconds of each period that may be used, divided by the period's length."""
    if len(words) == 2 and words[0] != _NO_LIMIT and int(words[0]) > 0:
        yield int(words[0]) / int(words[1])
