"""Objects that divide into two: which could have, seen from one frame to the next.

A mask that was cut in two looks the same. What became of both halves tells, which graph.py asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.stacks.linking.assignment import assigned
from napari_cutout.stacks.linking.pairs import ALONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.stacks.linking.pairs import Costs, Pairs
    from napari_cutout.stacks.linking.regions import Regions

_MARGIN = 0.5
"""By so much two daughters have to explain more than one object that goes on."""

_BALANCE = 0.4
"""The area of the smaller daughter against the other, at least."""


def divided(
    costs: Costs, pairs: Pairs, links: NDArray[np.int64], after: Regions
) -> NDArray[np.int64]:
    """Ends that together with a new object are explained better than alone.

    Both daughters as one are judged as any object is: by where they lie, what they share with the
    mother, and how large they are.

    Parameters
    ----------
    costs, pairs
        Of all ends with the frame.
    links
        ``(K,)``: those of the pairs that were linked.
    after
        The objects of the frame.

    Returns
    -------
    ndarray
        ``(D, 3)``: a mother's number among the ends, then both daughters' in the frame.
    """
    is_new = np.ones(len(after), bool)
    is_new[pairs.after[links]] = False
    one, other = _couples(pairs, links, is_new)
    mothers, first, second = pairs.before[one], pairs.after[one], pairs.after[other]
    pixels = pairs.pixels[one] + pairs.pixels[other]
    together = costs.divided(mothers, first, second, pixels) + pairs.waits[one] + _MARGIN
    # A mother that nothing follows is explained by anything.
    alone = np.where(is_new[first], ALONE, pairs.costs[one])
    areas = after.areas[first], after.areas[second]
    balanced = np.minimum(*areas) >= _BALANCE * np.maximum(*areas)
    could = np.flatnonzero((together < alone) & balanced)
    could = _best_of_each(could, mothers, second, together)
    made = could[assigned(mothers[could], second[could], together[could], ALONE)]
    made = _apart(made, first, second, together)
    return np.stack([mothers[made], first[made], second[made]], axis=1)


def _couples(
    pairs: Pairs, links: NDArray[np.int64], is_new: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of the same end: the one that was linked, or a new object, with another new object."""
    is_linked = np.zeros(len(pairs.before), bool)
    is_linked[links] = True
    has_link = np.zeros(int(pairs.before.max(initial=-1)) + 1, bool)
    has_link[pairs.before[links]] = True
    reachable = np.isfinite(pairs.costs) | (pairs.pixels > 0)
    free = np.flatnonzero(is_new[pairs.after] & reachable)
    first = np.flatnonzero(is_linked | (is_new[pairs.after] & reachable & ~has_link[pairs.before]))
    # Both are in the order of ends, so each of the first meets a run of the free ones.
    starts = np.searchsorted(pairs.before[free], pairs.before[first], "left")
    counts = np.searchsorted(pairs.before[free], pairs.before[first], "right") - starts
    ends = np.cumsum(counts)
    inner = np.arange(int(counts.sum())) - np.repeat(ends - counts, counts)
    one, other = np.repeat(first, counts), free[np.repeat(starts, counts) + inner]
    # Of two new ones each couple is met twice.
    keep = is_linked[one] | (pairs.after[one] < pairs.after[other])
    return one[keep], other[keep]


def _best_of_each(
    could: NDArray[np.int64],
    mothers: NDArray[np.int64],
    second: NDArray[np.int64],
    costs: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Of several with the same mother and second daughter the cheapest."""
    order = could[np.lexsort((costs[could], second[could], mothers[could]))]
    same = (np.diff(mothers[order]) == 0) & (np.diff(second[order]) == 0)
    first = np.concatenate([[True], ~same])[: len(order)]
    return np.asarray(order[first])


def _apart(
    made: NDArray[np.int64],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    costs: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Those that share no daughter, the cheapest first."""
    taken: set[int] = set()
    kept = []
    for one in made[np.argsort(costs[made], kind="stable")].tolist():
        daughters = {int(first[one]), int(second[one])}
        if not daughters & taken:
            taken |= daughters
            kept.append(one)
    return np.array(sorted(kept), np.int64)
