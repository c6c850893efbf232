"""Pictures of an object as the labels have it and as the model cuts it out."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cutout.layers.preview import COLOR
from napari_cutout.layers.prompts import BLUE
from napari_cutout.train.tuning import TuningSample
from napari_cutout.widgets.learn.sample_pictures import sample_picture

SIDE = 80


def sample(truth=np.s_[20:40, 20:40], mask=np.s_[24:44, 20:40], click=(30, 30), shape=(64, 64)):
    parts = [np.zeros(shape, bool) for _ in range(2)]
    parts[0][truth] = parts[1][mask] = True
    pixels = np.full((*shape, 3), 40, np.uint8)
    return TuningSample("a", pixels, *parts, click, 0.5)


def has(picture, color):
    wanted = list(bytes.fromhex(color.removeprefix("#")))
    return (picture == wanted).all(axis=2)


def test_both_outlines_and_the_click_are_seen():
    """The model's in its colour, the labels' in black and white, by turns."""
    picture = sample_picture(sample(), SIDE)

    assert picture.shape == (SIDE, SIDE, 3)
    assert has(picture, COLOR).sum() > 100
    assert has(picture, "#ffffff").sum() > 60
    assert has(picture, "#000000").sum() > 60
    row, col = (int(places.mean()) for places in np.nonzero(has(picture, BLUE)))
    assert abs(row - SIDE / 2) < 6
    assert abs(col - SIDE / 2) < 4


def test_the_labels_outline_is_drawn_over_the_models():
    """So that both are told apart where they are the same."""
    same = sample_picture(sample(mask=np.s_[20:40, 20:40]), SIDE)

    assert has(same, "#ffffff").sum() > 60
    assert not has(same, COLOR).any()


def test_the_object_fills_the_picture_whatever_its_size():
    small = sample_picture(sample(np.s_[30:34, 30:34], np.s_[30:34, 30:34], (32, 32)), SIDE)
    large = sample_picture(sample(np.s_[4:60, 4:60], np.s_[4:60, 4:60]), SIDE)

    for picture in (small, large):
        rows = np.flatnonzero(has(picture, "#ffffff").any(axis=1))
        assert np.ptp(rows) > SIDE / 3


@pytest.mark.parametrize("click", [(0, 0), (63, 63)])
def test_at_the_rim_of_the_image(click):
    """What lies beyond is grey."""
    corner = np.s_[:9, :9] if click == (0, 0) else np.s_[55:, 55:]

    picture = sample_picture(sample(corner, corner, click), SIDE)

    assert has(picture, "#606060").any()
    assert has(picture, BLUE).any()


def test_an_empty_mask_is_no_error():
    picture = sample_picture(sample(mask=np.s_[:0]), SIDE)

    assert not has(picture, COLOR).any()
    assert has(picture, "#ffffff").any()
