"""Units by one name each."""

import pytest

from napari_cutout.stacks.frames.units import unit_name


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
