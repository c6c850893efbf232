"""Pictures of candidates: each mask where it lies, over the image around it."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from napari.layers import Image

from exact_family import exact_segmenter
from napari_cutout.segment import MaskOptions, Prompts
from napari_cutout.widgets import thumbnails as room
from napari_cutout.widgets.thumbnails import backdrop_of, thumbnails

YELLOW = np.array([0xF0, 0xE4, 0x42])
INDEX = (None, None)


def predicted(frame, point):
    segmenter = exact_segmenter()
    return segmenter.predict(segmenter.encode(frame), Prompts(points=[point]))


def frame(*regions, shape=(40, 60)):
    pixels = np.zeros(shape, np.uint8)
    for region in regions:
        pixels[region] = 255
    return pixels


def yellow(picture):
    return (picture == YELLOW).all(axis=2)


def test_each_candidate_is_outlined_at_the_same_scale():
    shown = frame(np.s_[5:15, 6:20], np.s_[20:30, 30:50])
    pictures = thumbnails(predicted(shown, (8, 10)), MaskOptions(), 60)
    assert [picture.shape for picture in pictures] == [(60, 60, 3)] * 3
    one, grown, all_bright = (np.argwhere(yellow(picture)) for picture in pictures)
    assert np.ptp(one, axis=0).max() < np.ptp(grown, axis=0).max()
    assert np.ptp(grown, axis=0).max() < np.ptp(all_bright, axis=0).max()
    np.testing.assert_allclose(one.min(axis=0), all_bright.min(axis=0), atol=1)


def test_a_small_candidate_beside_a_huge_one_is_still_seen():
    shown = frame(np.s_[5:7, 6:8], np.s_[20:30, 30:300], shape=(40, 320))
    pictures = thumbnails(predicted(shown, (5, 6)), MaskOptions(), 60)
    assert np.ptp(np.argwhere(yellow(pictures[0])), axis=0).min() >= 5


def test_the_image_is_behind_it():
    shown = frame(np.s_[10:20, 10:20])
    shown[10:20, 22:24] = 100
    image = Image(shown, contrast_limits=(0, 200))
    (first, *_) = thumbnails(
        predicted(shown, (12, 12)), MaskOptions(), 52, backdrop_of(image, INDEX, shown.shape)
    )
    assert (first == 127).all(axis=2).any(), "the grey of the bar"


@pytest.mark.parametrize("data", [frame(np.s_[10:20, 10:20]), da.ones((40, 60), chunks=20) * 5])
def test_beyond_the_image_it_is_grey(data):
    backdrop = backdrop_of(Image(data), INDEX, (40, 60))
    colors = backdrop(np.arange(-5, 5), np.arange(55, 65))
    assert (colors[:5] == 96).all()
    assert (colors[:, 5:] == 96).all()
    assert not (colors[5:, :5] == 96).any()


def test_colours_of_rgb_are_kept():
    data = np.zeros((8, 9, 3), np.uint8)
    data[..., 1] = 77
    colors = backdrop_of(Image(data, rgb=True), INDEX, (8, 9))(np.arange(8), np.arange(9))
    np.testing.assert_array_equal(colors, data)


def test_only_a_piece_of_a_large_image_is_read():
    asked = []

    class Watched:
        shape, ndim, dtype = (100_000, 100_000), 2, np.dtype(np.uint8)

        def __getitem__(self, slices):
            asked.append([s.stop - s.start for s in slices])
            return np.zeros([s.stop - s.start for s in slices], np.uint8)

    image = Image(np.zeros((4, 4)))
    watched = type(
        "Layer",
        (),
        {
            "data": Watched(),
            "multiscale": False,
            "ndim": 2,
            "rgb": False,
            "contrast_limits": image.contrast_limits,
        },
    )()
    backdrop = backdrop_of(watched, INDEX, (100_000, 100_000))
    backdrop(np.arange(5_000, 5_068), np.arange(70_000, 70_068))
    assert asked == [[68, 68]]
    far = np.linspace(0, 99_999, 68).astype(int)
    assert (backdrop(far, far) == 96).all()
    assert len(asked) == 1


def test_of_another_size_there_is_no_backdrop():
    assert backdrop_of(Image(frame()), INDEX, (20, 30)) is None


def test_empty_masks_have_pictures_without_an_outline():
    prediction = predicted(frame(np.s_[5:15, 6:20]), (8, 10))
    pictures = thumbnails(prediction, MaskOptions(threshold=5), 30)
    assert len(pictures) == 3
    assert not any(yellow(picture).any() for picture in pictures)


def test_a_huge_window_has_no_pictures(monkeypatch):
    monkeypatch.setattr(room, "LARGEST_WINDOW", 100)
    assert thumbnails(predicted(frame(np.s_[5:15, 6:20]), (8, 10)), MaskOptions(), 30) == []


SIZES, PLACES, SIDES = st.integers(1, 20), st.integers(0, 19), st.integers(8, 80)


@given(SIZES, SIZES, PLACES, PLACES, SIDES)
def test_any_mask_is_seen(rows, cols, row, col, side):
    shown = frame(np.s_[row : row + rows, col : col + cols])
    for picture in thumbnails(predicted(shown, (row, col)), MaskOptions(), side):
        assert picture.shape == (side, side, 3)
        assert yellow(picture).any()
