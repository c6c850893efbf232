"""A segmenter whose answers are known."""

import pytest

from exact_family import exact_segmenter


@pytest.fixture
def segmenter():
    return exact_segmenter()
