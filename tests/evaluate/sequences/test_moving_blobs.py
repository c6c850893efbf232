"""Discs that move about: as fast as asked for, all together, and dividing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from napari_cutout.evaluate.sequences.moving_blobs import moving_blobs


def test_blobs_move_as_fast_as_asked_for():
    frames = moving_blobs(20, 80, seed=0, speed=0.2, spread=4, diameter=16).frames
    steps = []
    for before, after in pairwise(frames):
        for one in range(1, 81):
            places = [np.argwhere(labels == one).mean(axis=0) for labels in (before, after)]
            steps.append(np.hypot(*(places[1] - places[0])))

    # The mean length of movements whose root mean square is 1 is 0.89.
    assert np.mean(steps) == pytest.approx(0.89 * 0.2 * 16, rel=0.15)


def test_a_drift_moves_all():
    still = moving_blobs(2, 9, seed=0, speed=0).frames
    moved = moving_blobs(2, 9, seed=0, speed=0, drift=[(3, -2)]).frames

    assert np.array_equal(moved[0], still[0])
    assert np.array_equal(moved[1][3:, :-2], still[1][:-3, 2:])


def test_blobs_that_divide_end():
    truth = moving_blobs(6, 40, seed=1, divisions=0.1)
    present = truth.present()

    assert len(truth.parents) > 10
    for daughter, mother in truth.parents.items():
        if daughter in present:
            assert present[mother][-1] < present[daughter][0]
