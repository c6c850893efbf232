"""The best way to pair two sets when each may stay alone. Nothing here knows of objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

if TYPE_CHECKING:
    from numpy.typing import NDArray


def assigned(
    ones: NDArray[np.integer],
    others: NDArray[np.integer],
    costs: NDArray[np.float64],
    alone: float,
) -> NDArray[np.int64]:
    """Pair two sets so that the sum of costs is the least.

    Parameters
    ----------
    ones, others
        ``(M,)``: the pairs that could be, each once, by the numbers of both.
    costs
        ``(M,)``: what each pair costs, 0 or more.
    alone
        What it costs to leave one without partner, so that a pair above it is never made.

    Returns
    -------
    ndarray
        ``(K,)``: the pairs that are made, as sorted indices into what was given.
    """
    chosen = np.flatnonzero(costs < alone)
    if not len(chosen):
        return chosen
    rows, row_numbers = np.unique(ones[chosen], return_inverse=True)
    cols, col_numbers = np.unique(others[chosen], return_inverse=True)
    # Each one may be paired with a place of its own that nobody else can have. Sparse matching
    # takes no zeros, and all rows are paired: one more for each changes nothing.
    places = np.arange(len(rows))
    at_row = np.concatenate([row_numbers, places])
    at_col = np.concatenate([col_numbers, len(cols) + places])
    weights = np.concatenate([costs[chosen], np.full(len(rows), alone)]) + 1.0
    order = np.lexsort((at_col, at_row))
    ends = np.searchsorted(at_row[order], np.arange(len(rows) + 1))
    # Given as it is kept, which takes scipy a third of the time.
    parts = weights[order], at_col[order].astype(np.int32), ends.astype(np.int32)
    table = csr_array(parts, shape=(len(rows), len(cols) + len(rows)))
    paired, partners = min_weight_full_bipartite_matching(table)
    has = partners < len(cols)
    made = paired[has] * len(cols) + partners[has]
    codes = row_numbers * len(cols) + col_numbers
    return chosen[np.isin(codes, made)]
