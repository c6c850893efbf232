"""From logits to masks."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cutout.segment import MaskOptions, PromptError

RING = np.full((9, 9), -1.0, np.float32)
RING[2:7, 2:7] = 1.0
RING[4, 4] = -1.0


def test_by_default_positive_logits_are_the_mask():
    np.testing.assert_array_equal(MaskOptions().apply(RING), RING > 0)


def test_a_threshold_moves_the_edge():
    slope = np.tile(np.arange(-4, 5, dtype=np.float32), (3, 1))
    assert MaskOptions(threshold=2.0).apply(slope).sum() == 6
    assert MaskOptions(threshold=-2.0).apply(slope).sum() == 18


def test_holes_are_filled_and_the_outside_is_not():
    mask = MaskOptions(fill_holes=True).apply(RING)
    assert mask[4, 4]
    assert mask.sum() == 25


def test_smoothing_keeps_a_straight_edge_where_it_is():
    edge = np.where(np.arange(40) < 20, 3.0, -3.0).astype(np.float32)
    np.testing.assert_array_equal(
        MaskOptions(smoothing=3.0).apply(np.tile(edge, (40, 1))), np.tile(edge > 0, (40, 1))
    )


def test_smoothing_takes_away_a_speck():
    logits = np.full((21, 21), -1.0, np.float32)
    logits[10, 10] = 1.0
    assert not MaskOptions(smoothing=2.0).apply(logits).any()


@pytest.mark.parametrize(
    "values", [{"threshold": 11.0}, {"threshold": float("nan")}, {"smoothing": -1.0}]
)
def test_values_out_of_range_are_refused(values):
    with pytest.raises(PromptError, match="goes from"):
        MaskOptions(**values)
