"""How far all objects of a frame have moved together."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cutout.evaluate.sequences.moving_blobs import moving_blobs
from napari_cutout.stacks.linking.drift import common_shift
from napari_cutout.stacks.linking.regions import Regions


def regions(seed, drift, **options):
    """The objects of two frames, all drifted between them."""
    frames = moving_blobs(2, 80, seed, drift=[drift], spread=2.5, **options).frames
    return [Regions.of_labels(labels) for labels in frames]


@pytest.mark.parametrize("drift", [(40.0, -25.0), (-12.0, 9.0), (3.0, 90.0)])
@pytest.mark.parametrize("seed", range(5))
def test_a_shift_is_found_among_movements(seed, drift):
    found = common_shift(*regions(seed, drift, speed=0.1))

    np.testing.assert_allclose(found, drift, atol=1.0)


@pytest.mark.parametrize("seed", range(5))
def test_movements_alone_are_no_shift(seed):
    assert common_shift(*regions(seed, (0.0, 0.0), speed=0.5)).tolist() == [0, 0]


@pytest.mark.parametrize("seed", range(5))
def test_frames_that_have_nothing_in_common_have_no_shift(seed):
    one, _ = regions(seed, (0.0, 0.0))
    other, _ = regions(seed + 100, (0.0, 0.0))

    assert common_shift(one, other).tolist() == [0, 0]


def test_few_objects_say_nothing():
    frames = moving_blobs(2, 4, 0, drift=[(9.0, 9.0)], speed=0).frames

    assert common_shift(*map(Regions.of_labels, frames)).tolist() == [0, 0]


@pytest.mark.parametrize(("depth", "planes"), [(10.0, 1), (1.0, 0)])
def test_a_shift_by_a_plane_is_as_far_as_planes_are_apart(depth, planes):
    """Where they lie close together, what is that near needs no shift to be found."""
    one, other = np.zeros((2, 6, 200, 200), int)
    rng = np.random.default_rng(0)
    for number in range(25):
        row, col = 40 * np.array(divmod(number, 5)) + rng.integers(0, 29, 2)
        plane = rng.integers(0, 5)
        one[plane, row : row + 10, col : col + 10] = number + 1
        other[plane + 1, row : row + 10, col : col + 10] = number + 1
    found = common_shift(Regions.of_labels(one), Regions.of_labels(other), (depth, 1.0, 1.0))

    assert found.tolist() == [planes, 0, 0]


def test_objects_on_a_lattice_have_not_moved_by_its_period():
    frame = np.zeros((100, 100), int)
    for number in range(100):
        row, col = divmod(number, 10)
        frame[10 * row : 10 * row + 6, 10 * col : 10 * col + 6] = number + 1
    one = Regions.of_labels(frame)

    assert common_shift(one, one).tolist() == [0, 0]
