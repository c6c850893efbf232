"""Found objects to test with: any that could be, and a set of three that are easy to read."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cutout.layers.everything.found_set import FoundSet
from napari_cutout.layers.gathering import FoundBy
from napari_cutout.segment.automatic.objects import FoundObject, Objects
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window

SHAPE = (40, 60)
HERE = (None, None)


def found(origin, size, score=0.9, stability=0.95, point=None):
    """A box."""
    mask = np.ones(size, bool)
    return FoundObject(Rle.encode(mask), origin, score, stability, Window(0, 0, *SHAPE), point)


LARGE = found((4, 4), (10, 20), score=0.9)
SMALL = found((8, 10), (2, 3), score=0.8, stability=0.5)
EDGE = found((31, 40), (9, 20), score=0.7, stability=0.9)


def a_set(*objects, shape=SHAPE, frame=HERE):
    return FoundSet(Objects(tuple(objects), shape), FoundBy("grid"), frame)


def three():
    return a_set(LARGE, SMALL, EDGE)


@st.composite
def sets(draw, most=7):
    """Sets of masks of any form in a frame of 12 x 12, many of which overlap."""
    sizes = st.tuples(st.integers(1, 6), st.integers(1, 6))
    masks = hnp.arrays(bool, sizes).filter(lambda mask: mask.any())
    objects = []
    for mask in draw(st.lists(masks, min_size=1, max_size=most)):
        rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        tight = np.ascontiguousarray(mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1])
        origin = draw(st.tuples(st.integers(0, 6), st.integers(0, 6)))
        rle = Rle.encode(tight)
        objects.append(FoundObject(rle, origin, 0.5, 0.5, Window(0, 0, 12, 12)))
    return a_set(*objects, shape=(12, 12))


def drawn(found_set, piece=lambda mask: mask):
    """``(rows, cols)``: what shows of what is kept, drawn one by one, the smallest last."""
    image = np.zeros(found_set.objects.shape, int)
    for k in np.argsort(found_set.numbers):
        if found_set.kept[k]:
            mask, (row, col) = found_set.crop(k)
            there = image[row : row + mask.shape[0], col : col + mask.shape[1]]
            there[piece(mask)] = found_set.numbers[k]
    return image
