"""Which frames of a video are missing in the middle, as the times of the others tell.

Decoders don't: they show the frames that come after a missing one as they make them of others.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_REGULAR = 0.9
"""The share of frames that follow the one before after one step, of a video of constant rate. Of
others a long step isn't a gap."""


@dataclass(frozen=True)
class Gaps:
    """Frames that aren't there between others, and those that suffer from it.

    Parameters
    ----------
    times
        When each frame is shown, those that are missing among them.
    missing
        Numbers of the frames that are missing, ascending.
    harmed
        By number, frames that may be made of a missing one, and which that is.
    """

    times: tuple[int, ...]
    missing: tuple[int, ...]
    harmed: dict[int, int]


def gaps(times: Sequence[int], keys: Sequence[int], step: float | None, depth: int) -> Gaps:
    """Find the gaps in a video of constant rate; of another there are none.

    Parameters
    ----------
    times
        When each frame is shown that is there, ascending.
    keys
        When frames are shown that are made of no other.
    step
        From one to the next, by what the file says. None: it doesn't.
    depth
        How many frames that are shown before another may be stored after it.
    """
    shown = np.asarray(times, np.int64)
    counts = _steps(shown[1:] - shown[:-1], step)
    if counts is None or counts.sum() == len(counts):
        return Gaps(tuple(times), (), {})
    numbers = np.concatenate([[0], np.cumsum(counts)])
    every = np.arange(numbers[-1] + 1)
    filled = np.rint(np.interp(every, numbers, times)).astype(np.int64)
    missing = np.setdiff1d(every, numbers).tolist()
    return Gaps(
        tuple(filled.tolist()),
        tuple(missing),
        _harmed(missing, np.searchsorted(filled, keys).tolist(), len(every), depth),
    )


def _steps(lengths: NDArray[np.int64], step: float | None) -> NDArray[np.int64] | None:
    """How many steps each length is; None where the rate isn't constant."""
    if not len(lengths):
        return None
    usual = float(np.median(lengths))
    # Times are whole numbers, and the median is one, too.
    length = step if step is not None and abs(step - usual) <= 1 else usual
    if length <= 0:
        return None
    counts = np.rint(lengths / length).astype(np.int64)
    is_regular = bool((np.abs(lengths - counts * length) <= 1).all() and (counts >= 1).all())
    if not is_regular or (counts == 1).mean() < _REGULAR or counts.sum() > 2 * len(counts):
        return None
    return counts


def _harmed(missing: list[int], keys: list[int], count: int, depth: int) -> dict[int, int]:
    harmed: dict[int, int] = {}
    gone = set(missing)
    for number in missing:
        after = bisect.bisect_right(keys, number)
        end = keys[after] if after < len(keys) else count
        for other in range(max(number - depth, 0), end):
            if other not in gone:
                harmed.setdefault(other, number)
    # One that is made of no other is as it was.
    return {number: cause for number, cause in harmed.items() if number not in set(keys)}
