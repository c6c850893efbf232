"""Pairing two sets, against trying all ways."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cutout.stacks.linking.assignment import assigned

ALONE = 5.0


def least(costs):
    """The least sum over all ways to pair, where what is left alone costs."""
    rows, cols = costs.shape
    best = 0.0
    for count in range(1, min(rows, cols) + 1):
        for some in itertools.combinations(range(rows), count):
            for others in itertools.permutations(range(cols), count):
                best = min(
                    best, sum(costs[a, b] - ALONE for a, b in zip(some, others, strict=True))
                )
    return best


@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=4),
        elements=st.floats(0, 8) | st.just(np.inf),
    )
)
def test_the_sum_is_the_least_and_each_is_in_one_pair(costs):
    ones, others = (axis.ravel() for axis in np.indices(costs.shape))
    found = assigned(ones, others, costs.ravel(), ALONE)

    assert len(set(ones[found])) == len(set(others[found])) == len(found)
    np.testing.assert_allclose((costs.ravel()[found] - ALONE).sum(), least(costs), atol=1e-9)


def test_nothing_to_pair_gives_nothing():
    none = np.zeros(0, np.int64)

    assert assigned(none, none, np.zeros(0), ALONE).tolist() == []
