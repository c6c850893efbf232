"""Overlap rules: which pixels an object gains and loses, for any labels and masks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_cutout.annotate import writable
from napari_cutout.annotate.overlap import given_up

LABELS = arrays(np.int32, (4, 6), elements=st.integers(0, 3))
MASKS = arrays(bool, (4, 6))
POLICIES = ("new_on_top", "keep_existing", "only_background")
OURS = 2


def corrected(mask, labels, policy):
    """The labels after the object was corrected to the mask."""
    after = labels.copy()
    after[given_up(mask, labels, OURS, policy)] = 0
    after[writable(mask, labels, OURS, policy)] = OURS
    return after


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("new_on_top", [0, 1, 1, 0]),
        ("keep_existing", [0, 1, 0, 0]),
        ("only_background", [0, 1, 0, 0]),
    ],
)
def test_pixels_that_are_gained(policy, expected):
    existing = np.array([0, 0, 5, 7])
    mask = np.array([0, 1, 1, 1], bool)
    np.testing.assert_array_equal(writable(mask, existing, 7, policy), np.array(expected, bool))


@given(MASKS, LABELS)
def test_on_top_the_object_is_its_mask(mask, labels):
    np.testing.assert_array_equal(corrected(mask, labels, "new_on_top") == OURS, mask)


@given(MASKS, LABELS)
def test_others_keep_their_pixels(mask, labels):
    after = corrected(mask, labels, "keep_existing")
    others = (labels != 0) & (labels != OURS)
    np.testing.assert_array_equal(after[others], labels[others])
    np.testing.assert_array_equal(after == OURS, mask & ~others)


@given(MASKS, LABELS)
def test_only_background_changes_no_label(mask, labels):
    after = corrected(mask, labels, "only_background")
    np.testing.assert_array_equal(after[labels != 0], labels[labels != 0])
    np.testing.assert_array_equal(after == OURS, (labels == OURS) | (mask & (labels == 0)))


@given(MASKS, LABELS, st.sampled_from(POLICIES))
def test_nothing_is_gained_and_lost(mask, labels, policy):
    gained = writable(mask, labels, OURS, policy)
    assert not np.any(gained & given_up(mask, labels, OURS, policy))
    assert not np.any(gained & ~mask)


@pytest.mark.parametrize("rule", [writable, given_up])
def test_unknown_policies_are_refused(rule):
    with pytest.raises(ValueError, match="use one of"):
        rule(np.ones(1, bool), np.zeros(1, int), 1, "whatever")
