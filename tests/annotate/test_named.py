"""Choices by name."""

from __future__ import annotations

import pytest

from napari_cutout.annotate.named import known_name


def test_a_known_name_is_itself():
    assert known_name("size", ("score", "size"), "review order") == "size"


@pytest.mark.parametrize("name", ["Size", "", "siz", None])
def test_others_are_refused_with_those_that_there_are(name):
    with pytest.raises(ValueError, match=r"review order .* is unknown; use one of \('score',"):
        known_name(name, ("score", "size"), "review order")
