"""Where objects are looked for, and the labels that are there already."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from napari.components import ViewerModel

from napari_cutout.layers.everything.where import check_where, known_labels

SIZE = (9, 12)


class Recorded:
    """An array that notes how many pixels were read of it."""

    def __init__(self, values):
        self.values, self.pixels = values, 0
        self.shape, self.dtype, self.ndim = values.shape, values.dtype, values.ndim

    def __getitem__(self, place):
        piece = self.values[place]
        self.pixels += piece.size
        return piece

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)


def known(values, offset, frame=(None, None), image_shape=SIZE):
    """What is known of a frame, with labels that begin at an offset, and the pixels read."""
    viewer = ViewerModel()
    image = viewer.add_image(np.zeros(image_shape, np.uint8))
    data = Recorded(values)
    labels = viewer.add_labels(data, translate=offset)
    read = known_labels(labels, image, frame, viewer.dims)
    data.pixels = 0
    return read(), data.pixels


@given(
    st.tuples(st.integers(-14, 14), st.integers(-14, 14)),
    st.tuples(st.integers(1, 30), st.integers(1, 30)),
)
def test_labels_of_any_size_and_place_are_read_where_they_lie_on_the_frame(offset, shape):
    values = np.arange(1, shape[0] * shape[1] + 1, dtype=np.int32).reshape(shape)

    found, pixels = known(values, offset)

    expected = np.zeros(SIZE, np.int32)
    for row in range(SIZE[0]):
        for col in range(SIZE[1]):
            there = row - offset[0], col - offset[1]
            if 0 <= there[0] < shape[0] and 0 <= there[1] < shape[1]:
                expected[row, col] = values[there]
    np.testing.assert_array_equal(found, expected)
    assert pixels == np.count_nonzero(expected)


def test_a_frame_of_a_stack_is_read_alone():
    values = np.arange(3 * 20 * 30, dtype=np.int32).reshape(3, 20, 30)

    found, pixels = known(values, (0, -5, -6), (2, None, None), (3, *SIZE))

    np.testing.assert_array_equal(found, values[2, 5:14, 6:18])
    assert pixels == 9 * 12


def test_nowhere_is_refused():
    with pytest.raises(ValueError, match="somewhere"):
        check_where("somewhere")
