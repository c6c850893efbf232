"""Corrections of training: where they are put and what they say."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage

from napari_cutout.train.clicks import correction

MASKS = arrays.arrays(bool, (9, 12))


def depth(mask):
    """To the nearest pixel that isn't in it; beyond the frame none is."""
    return ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]


@given(MASKS, MASKS, st.integers(0, 99))
def test_a_correction_lies_deep_in_the_deeper_error(answer, truth, seed):
    missing, extra = depth(truth & ~answer), depth(answer & ~truth)
    click = correction(answer, truth, np.random.default_rng(seed), stride=2)
    if not (answer != truth).any():
        assert click is None
        return
    (row, col), polarity = click
    deeper = missing if polarity == 1 else extra
    assert deeper.max() == max(missing.max(), extra.max())
    assert deeper[int(row // 2), int(col // 2)] >= 0.5 * deeper.max()
