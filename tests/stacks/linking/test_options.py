"""Options of linking and joining check themselves."""

from __future__ import annotations

import pytest

from napari_cutout.segment.errors import OptionError
from napari_cutout.stacks.linking.options import LinkOptions, VolumeOptions


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_distance", 0.0),
        ("max_distance", float("inf")),
        ("min_overlap", 1.5),
        ("min_overlap", float("nan")),
        ("motion", -0.1),
        ("max_gap", -1),
        ("max_gap", 1.0),
        ("min_length", 0),
        ("min_length", True),
    ],
)
def test_what_is_out_of_its_range_is_refused(name, value):
    with pytest.raises(OptionError, match=name):
        LinkOptions(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"), [("min_overlap", -1), ("max_gap", -1), ("min_extent", 0)]
)
def test_what_is_out_of_its_range_in_volumes_is_refused(name, value):
    with pytest.raises(OptionError, match=name):
        VolumeOptions(**{name: value})
