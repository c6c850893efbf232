"""Resizing, compared with Pillow's."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.sam.resizing import resize

LENGTHS = st.integers(1, 9)


@given(st.tuples(LENGTHS, LENGTHS), st.tuples(LENGTHS, LENGTHS), st.integers(1, 4))
def test_values_are_those_of_pillow(shape, size, channels):
    image = pytest.importorskip("PIL.Image")
    maps = np.random.default_rng(0).random((channels, *shape), dtype=np.float32)
    resized = resize(torch.from_numpy(maps)[None], size)

    expected = [
        np.asarray(image.fromarray(one).resize(size[::-1], image.Resampling.BILINEAR))
        for one in maps
    ]
    np.testing.assert_allclose(resized[0], expected, atol=1e-5)


def test_what_has_the_size_is_given_back():
    maps = torch.rand(1, 2, 3, 4)

    assert resize(maps, (3, 4)) is maps
