"""A segmenter whose answers are known."""

import pytest

from flood import Flood
from napari_cutout.segment import Segmenter


@pytest.fixture
def flood():
    return Flood()


@pytest.fixture
def segmenter(flood):
    return Segmenter.from_family(flood, "flood")
