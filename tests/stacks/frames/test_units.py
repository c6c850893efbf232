"""Units by one name each."""

import numpy as np
import pytest

from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.frames.units import depth_of, unit_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("µm", "micrometer"),
        ("\\u00B5m", "micrometer"),
        ("micron", "micrometer"),
        ("UM", "micrometer"),
        ("nm", "nanometer"),
        ("sec", "second"),
        ("s", "second"),
        ("micrometer", "micrometer"),
        ("furlong", "furlong"),
        ("pixel", None),
        ("", None),
        (None, None),
    ],
)
def test_units_have_the_names_of_ome_zarr(text, name):
    assert unit_name(text) == name


@pytest.mark.parametrize(
    ("size", "unit", "pixel", "of_pixels", "depth"),
    [
        (2.0, None, 0.5, None, 2.0),
        (2.0, "micrometer", 0.5, "micrometer", 2.0),
        (1500.0, "nanometer", 0.5, "micrometer", 1.5),
        (1.0, None, 0.5, "micrometer", 0.5),
        (3.0, None, 0.5, "micrometer", 3.0),
        (1.0, "micrometer", 0.5, "micrometer", 1.0),
        (1.0, None, 0.5, None, 1.0),
        (2.0, "micrometer", 1.0, None, 2.0),
        (2.0, "furlong", 0.5, "micrometer", 2.0),
    ],
)
def test_planes_are_apart_in_the_unit_of_pixels(size, unit, pixel, of_pixels, depth):
    stack = ArrayStack(
        np.zeros((2, 3, 4, 5), np.uint8),
        axes="tzyx",
        scale=(7.0, size, pixel, pixel),
        units=("second", unit, of_pixels, of_pixels),
    )
    assert depth_of(stack, 1) == pytest.approx(depth)
