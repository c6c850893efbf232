"""Dense maps of a frame."""

from __future__ import annotations

import numpy as np

from napari_cutout.sample_data import fluorescence
from napari_cutout.segment import Segmenter
from napari_cutout.segment.windows import whole


def _maps(found):
    return np.stack([found.foreground, found.distance])


def test_those_of_one_window_are_the_model_s_own():
    segmenter = Segmenter("compact")
    embedding = segmenter.encode(fluorescence()[:200, :240], window="whole")
    own = segmenter.model.dense(segmenter.features(embedding, whole((200, 240))))

    expected = np.stack([own.foreground, own.distance])
    assert (_maps(segmenter.dense(embedding)) == expected).all()
