"""The pixels that objects share, against counting them one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cutout.stacks.linking.overlaps import shared
from napari_cutout.stacks.linking.regions import Regions

frames = hnp.arrays(
    np.int64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=8), elements=st.integers(0, 4)
)
small = st.integers(-3, 3)


def counted(before, after, shift):
    """By ids: how many pixels of each before, moved, lie in each after."""
    found = {}
    for row, col in np.argwhere(before):
        to = row + shift[0], col + shift[1]
        if all(0 <= at < length for at, length in zip(to, after.shape, strict=True)) and after[to]:
            pair = int(before[row, col]), int(after[to])
            found[pair] = found.get(pair, 0) + 1
    return found


@given(frames, frames, small, small)
def test_shared_pixels(before, after, down, right):
    one, other = Regions.of_labels(before), Regions.of_labels(after)
    moved = np.tile([down, right], (len(one), 1))
    found = shared(one, other, moved)
    pairs = zip(one.ids[found.before], other.ids[found.after], found.pixels, strict=True)

    assert {(int(a), int(b)): int(c) for a, b, c in pairs} == counted(before, after, (down, right))


class Cut:
    """A full box."""

    def __init__(self, origin, shape):
        self.origin, self.shape = origin, shape

    def decode(self):
        return np.ones(self.shape, bool)


def test_objects_of_a_frame_may_overlap():
    one = Regions.of_objects([Cut((0, 0), (4, 4)), Cut((2, 2), (4, 4))], (8, 8))
    found = shared(one, one)

    assert found.pixels.tolist() == [16, 4, 4, 16]


@given(frames)
def test_regions_are_what_the_labels_say(labels):
    found = Regions.of_labels(labels)

    for number, one in enumerate(found.ids):
        places = np.argwhere(labels == one)
        assert found.areas[number] == len(places)
        np.testing.assert_allclose(found.centres[number], places.mean(axis=0))
        mine = found.owners == number
        assert sorted(zip(found.places[0][mine], found.places[1][mine], strict=True)) == sorted(
            map(tuple, places)
        )
    assert set(found.ids) == set(np.unique(labels[labels > 0]))
