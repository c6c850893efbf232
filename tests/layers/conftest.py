"""A session on a viewer without Qt, with a model whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel

from exact_family import exact_segmenter
from napari_cutout.layers import Session

LEFT, RIGHT = np.s_[5:12, 6:20], np.s_[20:30, 30:50]


@pytest.fixture
def two_objects():
    """``(40, 60)`` uint8 with two bright rectangles, LEFT and RIGHT."""
    pixels = np.zeros((40, 60), np.uint8)
    pixels[LEFT] = pixels[RIGHT] = 255
    return pixels


@pytest.fixture
def start(two_objects):
    """Start a session on an image, by default of two objects; they are closed in the end."""
    sessions = []

    def begin(data=None, labels=None, run=None, **options):
        viewer = ViewerModel()
        image = viewer.add_image(two_objects if data is None else data, **options)
        session = Session(viewer, image, exact_segmenter(), labels, run)
        sessions.append(session)
        return session

    yield begin
    for session in sessions:
        session.close()
