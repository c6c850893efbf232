"""Objects and prompts drawn on a frame."""

import numpy as np
import pytest
from skimage.io import imread

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.pictures import NEGATIVE, OBJECTS, POSITIVE, overlay, write_picture
from napari_cutout.segment import Prompts


@pytest.fixture
def pixels():
    return np.zeros((60, 80, 3), np.uint8)


def test_nothing_drawn_is_the_frame(pixels):
    picture = overlay(pixels)

    assert np.array_equal(picture, pixels)
    assert picture is not pixels


def test_an_object_is_coloured_where_its_mask_is_and_nowhere_else(pixels):
    picture = overlay(pixels, [(np.ones((10, 20), bool), (5, 8))])

    inside = np.zeros((60, 80), bool)
    inside[5:15, 8:28] = True
    assert np.array_equal(picture.any(axis=-1), inside)
    assert picture[5, 8].tolist() == list(OBJECTS[0])


def test_positive_points_are_discs_and_negative_ones_crosses(pixels):
    prompts = Prompts(points=[[20, 20], [40, 60]], positive=[True, False])
    picture = overlay(pixels, prompts=[prompts])

    assert picture[20, 20].tolist() == list(POSITIVE)
    assert picture[40, 60].tolist() == list(NEGATIVE)
    assert picture[41, 61].tolist() == list(NEGATIVE)


def test_a_box_is_drawn_through_its_corners(pixels):
    picture = overlay(pixels, prompts=[Prompts(box=[10, 20, 30, 50])])

    assert (picture[[10, 10, 30, 30], [20, 50, 20, 50]] == 255).all()
    assert not picture[11:30, 21:50].any()


def test_a_box_beyond_the_frame_is_drawn_on_its_border(pixels):
    picture = overlay(pixels, prompts=[Prompts(box=[-5, -5, 100, 100])])

    assert (picture[[0, -1], :] == 255).all()


def test_an_empty_mask_draws_nothing(pixels):
    assert not overlay(pixels, [(np.zeros((0, 0), bool), (0, 0))]).any()


def test_one_pixel():
    prompts = Prompts(points=[[0, 0]])

    assert overlay(np.zeros((1, 1, 3), np.uint8), prompts=[prompts])[0, 0].tolist() == list(
        POSITIVE
    )


def test_a_picture_is_written(tmp_path, pixels):
    write_picture(tmp_path / "a.png", pixels + 7)

    assert np.array_equal(imread(tmp_path / "a.png"), pixels + 7)


def test_other_formats_are_refused(tmp_path, pixels):
    with pytest.raises(FormatError, match=r"written as \.jpeg, \.jpg, \.png"):
        write_picture(tmp_path / "a.tif", pixels)
