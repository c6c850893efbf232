"""What speaks against an object being the same, in units of its own."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cutout.stacks.linking.ends import Ends
from napari_cutout.stacks.linking.options import LinkOptions
from napari_cutout.stacks.linking.pairs import Costs
from napari_cutout.stacks.linking.regions import Regions


def frame(*boxes, shape):
    """An object for each box: its first place, and its lengths."""
    labels = np.zeros(shape, int)
    for number, (first, lengths) in enumerate(boxes, 1):
        labels[tuple(slice(a, a + n) for a, n in zip(first, lengths, strict=True))] = number
    return Regions.of_labels(labels)


def pairs(before, after, spacing):
    steps = np.zeros_like(before.centres)
    ends = Ends.of_frame(before, 0, steps, np.ones(len(before), bool))
    return Costs(ends, after, LinkOptions(), spacing).pairs()


@pytest.mark.parametrize("axes", [2, 3])
def test_what_is_twice_as_wide_costs_as_much_in_a_plane_as_in_a_volume(axes):
    small = frame(((10,) * axes, (6,) * axes), shape=(30,) * axes)
    large = frame(((7,) * axes, (12,) * axes), shape=(30,) * axes)
    found = pairs(small, large, (1.0,) * axes)
    np.testing.assert_allclose(found.costs, [1 - 1 / 2**axes + 0.75 * np.log(4)])


def test_the_nearest_are_those_in_the_units_of_the_spacing():
    """Many others, on planes above and below, are less far away in voxels."""
    shape, thing = (31, 40, 40), (1, 3, 3)
    before = frame(((15, 10, 10), thing), shape=shape)
    others = [((plane, 10, 10), thing) for plane in (*range(14), *range(17, 31))]
    after = frame(((15, 10, 31), thing), *others, shape=shape)
    in_plane = int(np.flatnonzero(after.centres[:, 0] == 15)[0])
    assert in_plane in pairs(before, after, (100.0, 1.0, 1.0)).after
    assert in_plane not in pairs(before, after, (1.0, 1.0, 1.0)).after
