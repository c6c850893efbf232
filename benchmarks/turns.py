"""Ways to do the same take turns, so that whatever else the machine does hits all alike.

Also how their times are told: the median with the fastest and the slowest, and the ratio of one way
to another, which is taken round by round.
"""

from __future__ import annotations

from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Way = TypeVar("Way")


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    begun = perf_counter()
    work()
    return perf_counter() - begun


def in_turns(ways: Mapping[Way, Callable[[], object]], rounds: int) -> dict[Way, list[float]]:
    """Seconds of each way in each round; every other round goes backwards."""
    spent: dict[Way, list[float]] = {way: [] for way in ways}
    order = list(ways)
    for number in range(rounds):
        for way in order if number % 2 == 0 else reversed(order):
            spent[way].append(timed(ways[way]))
    return spent


def spread(values: Sequence[float], digits: int = 2, scale: float = 1.0) -> str:
    """The median, with the least and the most where there are several."""
    middle, low, high = (f"{pick(values) * scale:.{digits}f}" for pick in (median, min, max))
    return middle if len(values) < 2 else f"{middle} ({low} to {high})"


def ratio(reference: Sequence[float], values: Sequence[float], digits: int = 2) -> str:
    """How many times as fast as a reference, round by round."""
    return spread([one / other for one, other in zip(reference, values, strict=True)], digits)
