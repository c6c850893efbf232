"""Which ends go on as which objects of the next frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_cutout.stacks.linking.assignment import assigned
from napari_cutout.stacks.linking.couples import Couples, coupled, without
from napari_cutout.stacks.linking.pairs import ALONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_cutout.stacks.linking.ends import Ends
    from napari_cutout.stacks.linking.pairs import Costs, Pairs
    from napari_cutout.stacks.linking.regions import Regions


def matched(
    ends: Ends, after: Regions, costs: Costs, pairs: Pairs
) -> tuple[NDArray[np.int64], Couples]:
    """Choose pairs: first where one object is two beyond doubt, then the best of all others.

    Of two pieces the larger one is the object; an end that was there before goes on rather than
    one that has just come up.

    Parameters
    ----------
    ends, after
        The objects.
    costs, pairs
        Of all of them.

    Returns
    -------
    tuple
        ``(K,)`` the pairs that are linked, as sorted indices; and the objects that are two ends in
        one, the end that goes on first.
    """
    cut, joined = _couples(ends, after, costs, pairs)
    is_fixed = _are(pairs, len(after), cut.whole, cut.first)
    is_fixed |= _are(pairs, len(after), joined.first, joined.whole)
    settled = np.isin(pairs.before, np.concatenate([cut.whole, joined.first, joined.second]))
    settled |= np.isin(pairs.after, np.concatenate([joined.whole, cut.first, cut.second]))
    rest = np.flatnonzero(~settled)
    chosen = rest[assigned(pairs.before[rest], pairs.after[rest], pairs.costs[rest], ALONE)]
    return np.sort(np.concatenate([np.flatnonzero(is_fixed), chosen])), joined


def _couples(ends: Ends, after: Regions, costs: Costs, pairs: Pairs) -> tuple[Couples, Couples]:
    """Ends that are two objects, and objects that are two ends."""
    # What was missing for a while comes back rather than that another one falls apart.
    against = pairs.costs - pairs.waits
    cut = coupled(
        *(pairs.before, pairs.after, pairs.pixels, against),
        *(after.areas, after.areas, costs.divided),
    )
    own = ends.regions.areas
    ranks = own + np.where(ends.is_new, 0.0, own.max(initial=0.0))
    joined = coupled(
        *(pairs.after, pairs.before, pairs.pixels, against),
        *(ranks, own, costs.merged),
    )
    pieces = np.concatenate([cut.first, cut.second])
    return cut, without(joined, pieces, cut.whole, cut.whole)


def _are(
    pairs: Pairs, count: int, before: NDArray[np.int64], after: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which of the pairs are these."""
    return np.isin(pairs.before * count + pairs.after, before * count + after)
