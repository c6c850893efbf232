"""Views of a frame: as a segmenter sees it, and changed at random."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_cutout.formats.labelled import LabelledFrame
from napari_cutout.train.tuning.views import views


def discs(side, radius=12, number=4):
    rows, cols = np.mgrid[:side, :side]
    labels = np.zeros((side, side), np.uint16)
    for value in range(number):
        row = col = side * (value + 0.5) / number
        labels[np.hypot(rows - row, cols - col) < radius] = value + 1
    return LabelledFrame("discs", (labels > 0).astype(np.uint8) * 255, labels)


def test_the_first_view_is_the_frame_as_it_is():
    frame = discs(120)
    (view,) = views(frame, 96, 1, np.random.default_rng(0))

    assert (view.labels == frame.labels).all()
    assert (view.pixels[..., 0] == frame.frame).all()


@pytest.mark.parametrize(("radius", "side"), [(12, 64), (30, 128), (70, 600)])
def test_of_a_large_frame_it_is_a_window_that_suits_its_objects(radius, side):
    (view,) = views(discs(600, radius), 64, 1, np.random.default_rng(0))

    assert view.labels.shape == (side, side)
    assert view.labels.any()


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_pixels_and_labels_of_changed_views_stay_together(seed):
    frame = discs(100)
    _, *changed = views(frame, 64, 3, np.random.default_rng(seed))

    for view in changed:
        assert view.pixels.shape == (64, 64, 3)
        assert view.labels.any()
        edge = np.abs(np.diff(view.labels, axis=0)).max()
        assert edge > 0
        inside, outside = view.pixels[view.labels > 0], view.pixels[view.labels == 0]
        # Whatever the light, discs and ground differ.
        assert abs(inside.mean() - outside.mean()) > 10


def test_of_a_frame_without_objects_there_is_no_view():
    frame = LabelledFrame("none", np.zeros((9, 9), np.uint8), np.zeros((9, 9), np.uint8))

    assert list(views(frame, 64, 3, np.random.default_rng(0))) == []
