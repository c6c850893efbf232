"""Images of few values, against doing the same to all pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cutout.segment.few_values import has_few_values, mapped, percentiles

KINDS = (np.uint8, np.int8, np.uint16, np.int16)
kinds = st.sampled_from((*KINDS, np.bool_))


@given(kinds.flatmap(lambda kind: hnp.arrays(kind, st.integers(1, 60))))
def test_percentiles_are_those_of_numpy(values):
    wanted = [0, 0.5, 17, 50, 83.3, 99.8, 100]

    assert percentiles(values, wanted) == np.percentile(values.astype(float), wanted).tolist()


@given(kinds.flatmap(lambda kind: hnp.arrays(kind, hnp.array_shapes(max_dims=3))))
def test_a_mapping_is_that_of_each_pixel(array):
    def halved(values):
        return (values.astype(np.int32) // 2 % 251).astype(np.uint8)

    assert mapped(array, halved).tolist() == halved(array).tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_views_are_mapped_as_their_pixels_lie(kind):
    array = np.arange(24).reshape(4, 6).astype(kind)[::-1, ::2].T

    assert mapped(array, lambda values: values.astype(np.uint8)).tolist() == array.tolist()


def test_any_byte_of_a_bool_but_0_is_true():
    # As Pillow gives pictures of one bit.
    array = np.array([[0, 255], [1, 0]], np.uint8).view(np.bool_)

    assert mapped(array, lambda values: values.astype(np.uint8)).tolist() == [[0, 1], [1, 0]]
    assert percentiles(array.ravel(), [0.0, 100.0]) == [0.0, 1.0]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.zeros(257, np.uint8), True),
        (np.zeros(256, np.uint8), False),
        (np.zeros(70_000, np.int16), True),
        (np.zeros(300, np.uint16), False),
        (np.zeros(10**5, np.int32), False),
        (np.zeros(10**5, np.float16), False),
    ],
)
def test_there_are_few_values_where_there_are_more_pixels(array, expected):
    assert has_few_values(array) == expected
