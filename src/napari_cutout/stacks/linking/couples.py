"""Two objects of a frame that are one in another frame: a mask cut in two, or two in one mask.

Only what is beyond doubt is found here, so that the rest is linked without the pieces: one more
piece and one more gap elsewhere would let everything between them move up by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Figures = NDArray[np.float64]

MARGIN = 0.75
"""By so much two objects as one have to be explained better than each by another or alone."""

_WITHIN = 0.7
"""The least share of a piece that lies in the whole."""


class Couples(NamedTuple):
    """Objects with two that are their pieces in the other frame.

    Parameters
    ----------
    whole
        ``(C,)``: the number of the one.
    first, second
        ``(C,)``: the numbers of the pieces.
    """

    whole: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]


def coupled(
    whole: Numbers,
    part: Numbers,
    pixels: Figures,
    costs: Figures,
    ranks: Figures,
    areas: Figures,
    together: Callable[[Numbers, Numbers, Numbers, Figures], Figures],
    margin: float = MARGIN,
) -> Couples:
    """Couples of objects that are pieces of one.

    Both lie in it for the most part, and together they are explained better than any of the three
    otherwise is. The first piece is the one of higher rank.

    Parameters
    ----------
    whole, part
        ``(M,)``: pairs, the numbers of what may have pieces and of what may be one.
    pixels, costs
        ``(M,)``: what they share, and what speaks against them.
    ranks, areas
        ``(N,)``: of what may be a piece.
    together
        What it costs that wholes are two pieces each, by their numbers and the pixels they share.
    margin
        By how much that has to be better.
    """
    inside = np.flatnonzero(pixels >= _WITHIN * areas[part])
    order = inside[np.lexsort((part[inside], -pixels[inside], whole[inside]))]
    # The two that share most with each.
    is_same = whole[order][1:] == whole[order][:-1]
    is_start = np.concatenate([[True], ~is_same])[: len(order)]
    places = np.flatnonzero(is_start[:-1] & is_same)
    one, other = order[places], order[places + 1]
    swapped = ranks[part[other]] > ranks[part[one]]
    one, other = np.where(swapped, other, one), np.where(swapped, one, other)
    found = together(whole[one], part[one], part[other], pixels[one] + pixels[other])
    best = _best_others(whole, part, costs, np.concatenate([one, other]))
    limits = np.minimum.reduce(
        [
            costs[one],
            costs[other],
            best[0][whole[one]],
            best[1][part[one]],
            best[1][part[other]],
        ]
    )
    keep = found + margin <= limits
    return _each_once(Couples(whole[one[keep]], part[one[keep]], part[other[keep]]), found[keep])


def without(couples: Couples, whole: Numbers, first: Numbers, second: Numbers) -> Couples:
    """Those in which none of some objects is.

    Parameters
    ----------
    couples
        Of which some are left out.
    whole
        Numbers that the one mustn't have.
    first, second
        Numbers that no piece may have.
    """
    taken = np.concatenate([first, second])
    keep = ~(
        np.isin(couples.whole, whole)
        | np.isin(couples.first, taken)
        | np.isin(couples.second, taken)
    )
    return Couples(*(some[keep] for some in couples))


def _best_others(
    whole: Numbers, part: Numbers, costs: Figures, but: Numbers
) -> tuple[Figures, Figures]:
    """The least cost of each whole and of each part among all pairs but some."""
    others = np.ones(len(costs), bool)
    others[but] = False
    best = []
    for numbers in (whole, part):
        least = np.full(int(numbers.max(initial=-1)) + 1, np.inf)
        np.minimum.at(least, numbers[others], costs[others])
        best.append(least)
    return best[0], best[1]


def _each_once(couples: Couples, costs: Figures) -> Couples:
    """No piece is in two couples; the cheaper one counts."""
    taken: set[int] = set()
    kept = []
    for place in np.lexsort((couples.whole, costs)).tolist():
        pieces = {int(couples.first[place]), int(couples.second[place])}
        if not pieces & taken:
            taken |= pieces
            kept.append(place)
    keep = np.array(sorted(kept), np.int64)
    return Couples(*(some[keep] for some in couples))
