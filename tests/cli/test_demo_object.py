"""What the demo cuts out follows from the image alone."""

import numpy as np
import pytest
import torch
from scipy import ndimage
from skimage.io import imread

from exact_family import BRIGHT, ExactFamily
from napari_cutout.cli.demo_object import cut_without_window, labels_beside, where_to_click
from napari_cutout.sam.family import DenseMaps
from napari_cutout.segment import Segmenter


class DenseExact(ExactFamily):
    """The exact family, with brightness as the probability that it is an object."""

    def dense(self, features):
        grey = features.maps["grey"][0, 0].float() / 255
        depth = ndimage.distance_transform_edt(grey.numpy() > BRIGHT / 255)
        distance = torch.from_numpy(depth / max(depth.max(), 1)).float()
        return DenseMaps(grey, distance)


@pytest.fixture
def segmenter():
    return Segmenter.from_family(DenseExact(), "exact")


def field(*squares):
    """A dark frame with squares of side 11, each (row, col, brightness)."""
    frame = np.zeros((90, 120), np.uint8)
    for row, col, brightness in squares:
        frame[row : row + 11, col : col + 11] = brightness
    return frame


@pytest.mark.parametrize(("row", "col"), [(10, 20), (60, 90), (33, 5)])
def test_a_moved_object_takes_click_mask_and_files_with_it(segmenter, tmp_path, row, col):
    picture = tmp_path / "demo.png"
    frame = field((row, col, 250))
    cut = cut_without_window(segmenter, frame, picture)

    assert cut.point == (row + 5, col + 5)
    assert cut.area == 121
    assert np.array_equal(imread(labels_beside(picture)), frame > 0)
    assert imread(picture).shape == (90, 120, 3)


def test_the_broadest_object_is_chosen(segmenter):
    frame = field((10, 20, 250), (60, 100, 250))
    frame[50:65, 60:75] = 180

    assert where_to_click(segmenter, segmenter.encode(frame, "none")) == (57, 67)


def test_a_whole_object_goes_before_one_that_the_border_cuts(segmenter):
    frame = field((50, 60, 200))
    frame[:30, :30] = 255

    assert where_to_click(segmenter, segmenter.encode(frame, "none")) == (55, 65)


def test_a_single_object_goes_before_two_that_touch(segmenter):
    frame = field((50, 60, 200))
    frame[10:40, 10:25] = 200
    frame[25:40, 10:50] = 200

    assert where_to_click(segmenter, segmenter.encode(frame, "none")) == (55, 65)


def test_a_speck_is_no_object(segmenter):
    frame = field((50, 60, 200))
    frame[20, 20] = 255

    assert where_to_click(segmenter, segmenter.encode(frame, "none")) == (55, 65)


def test_without_any_object_the_middle_is_clicked(segmenter):
    row, col = where_to_click(segmenter, segmenter.encode(field(), "none"))

    assert abs(row - 45) <= 1
    assert 40 <= col <= 80
