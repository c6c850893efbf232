"""The masks of labels all at once, against each by itself."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from napari_cutout.segment.automatic.instances.outlines import outlines
from napari_cutout.segment.rle import Rle

shapes = hnp.array_shapes(min_dims=2, max_dims=2, max_side=14)
pictures = hnp.arrays(np.int32, shapes, elements=st.sampled_from([0, 1, 1, 2, 3]))


def connected(picture):
    """Labels of which each is connected, as those of basins are."""
    labels = np.zeros(picture.shape, np.int32)
    for value in range(1, 4):
        pieces, _ = ndimage.label(picture == value)
        labels[pieces > 0] = pieces[pieces > 0] + labels.max()
    return labels


def one_by_one(labels, wanted):
    """By value: box, mask, and whether there is a hole."""
    found = {}
    for value in np.flatnonzero(wanted):
        inside = labels == value
        if value and inside.any():
            rows, cols = ndimage.find_objects(inside.astype(int))[0]
            mask = inside[rows, cols]
            box = (rows.start, cols.start, *mask.shape)
            has_holes = bool((ndimage.binary_fill_holes(mask) != mask).any())
            found[int(value)] = (box, Rle.encode(mask), has_holes)
    return found


def of(labels, wanted):
    found = outlines(labels, wanted)
    rest = zip(map(tuple, found.boxes.tolist()), found.masks, found.has_holes.tolist(), strict=True)
    return dict(zip(found.values.tolist(), rest, strict=True))


@given(pictures, st.randoms(use_true_random=False))
def test_masks_boxes_and_holes_are_those_of_each_label(picture, random):
    labels = connected(picture)
    wanted = np.array([random.random() < 0.8 for _ in range(labels.max() + 1)])

    assert of(labels, wanted) == one_by_one(labels, wanted)


def test_a_ring_has_a_hole_and_one_that_is_open_has_none():
    ring = np.ones((5, 5), np.int32)
    ring[2, 2] = 0
    opened = ring.copy()
    opened[2, 3:] = 0

    assert outlines(ring, np.array([False, True])).has_holes.tolist() == [True]
    assert outlines(opened, np.array([False, True])).has_holes.tolist() == [False]


def test_nothing_that_is_wanted_is_nothing():
    found = outlines(np.ones((3, 4), np.int32), np.array([True, False]))

    assert (found.values.tolist(), found.masks, found.has_holes.tolist()) == ([], [], [])
