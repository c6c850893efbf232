"""Times and sizes as people say them."""

from __future__ import annotations

import pytest

from napari_cutout.layers.words import size_in_words, time_in_words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (40, "40 s"),
        (89.4, "89 s"),
        (90, "2 min"),
        (3600, "60 min"),
        (12_600, "3.5 h"),
    ],
)
def test_times_are_as_exact_as_they_are_known(seconds, text):
    assert time_in_words(seconds) == text


@pytest.mark.parametrize(("size", "text"), [(12e6, "12 MB"), (3.46e9, "3.5 GB")])
def test_sizes_too(size, text):
    assert size_in_words(size) == text
