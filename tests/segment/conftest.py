"""A segmenter whose answers are known."""

import numpy as np
import pytest

from exact_family import ExactFamily
from napari_cutout.segment import Segmenter


@pytest.fixture
def family():
    return ExactFamily(input_size=64, chunk=3)


@pytest.fixture
def segmenter(family):
    return Segmenter.from_family(family, "exact")


@pytest.fixture
def squares():
    """A dark frame of 40 x 50 with a bright 8 x 8 and a bright 5 x 12 piece."""
    frame = np.zeros((40, 50), np.uint8)
    frame[4:12, 6:14] = 200
    frame[20:25, 30:42] = 220
    return frame
