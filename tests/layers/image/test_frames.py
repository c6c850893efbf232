"""Frames of images: at every level of a pyramid, along any axes."""

import dask.array as da
import numpy as np
import pytest
from napari.layers import Image

from computed import Computed, pyramid
from exact_family import ExactFamily
from napari_cutout.layers.image.channels import Channels
from napari_cutout.layers.image.frames import frame_source, neighbours
from napari_cutout.segment import FrameError, LazyFrame, Prompts, Segmenter, Window

VOLUME = np.random.default_rng(0).integers(0, 250, (12, 14, 16)).astype(np.uint8)


@pytest.mark.parametrize("index", [(4, None, None), (None, 4, None), (None, None, 4)])
def test_a_small_frame_is_read_whole_in_every_orientation(index):
    source = frame_source(Image(VOLUME), index)
    expected = VOLUME[tuple(slice(None) if at is None else at for at in index)]
    assert source.shape == expected.shape
    assert np.array_equal(source.pixels(), expected)


@pytest.mark.parametrize("index", [(4, None, None), (None, 4, None), (None, None, 4)])
def test_a_large_frame_is_read_where_it_is_looked_at_in_every_orientation(index, monkeypatch):
    monkeypatch.setattr("napari_cutout.layers.image.frames.READ_WHOLE", 50)
    frame = frame_source(Image(da.from_array(VOLUME, chunks=4)), index).pixels()
    assert isinstance(frame, LazyFrame)
    expected = VOLUME[tuple(slice(None) if at is None else at for at in index)]
    grid = frame.grid(Window(3, 2, 5, 6), 64)
    assert np.array_equal(frame.read(grid, lambda tile: tile), expected[3:8, 2:8])


def test_levels_that_shrink_the_sliced_axes_too_show_the_same_place():
    levels = [np.zeros((20, 4096, 4096), np.uint8), np.zeros((5, 1024, 1024), np.uint8)]
    levels[0][13], levels[1][3] = 50, 50
    frame = frame_source(Image(levels, multiscale=True), (13, None, None)).pixels()
    grid = frame.grid(Window(0, 0, 4096, 4096), 512)
    assert grid.level == 1
    assert (frame.read(grid, lambda tile: tile) == 50).all()


def test_levels_that_shrink_only_the_sliced_axes_are_left_out():
    levels = [np.zeros((20, 600, 700)), np.zeros((10, 600, 700)), np.zeros((5, 300, 350))]
    source = frame_source(Image(levels, multiscale=True), (13, None, None))
    assert [level.shape for level in source.levels] == [(600, 700), (300, 350)]


def test_the_finest_level_of_a_small_pyramid_is_read_and_a_large_one_stays():
    small = [VOLUME, VOLUME[:, ::2, ::2]]
    source = frame_source(Image(small, multiscale=True), (3, None, None))
    assert np.array_equal(source.pixels(), VOLUME[3])
    large = [Computed((4096, 4096)), Computed((2048, 2048))]
    assert isinstance(frame_source(Image(large, multiscale=True), (None, None)).pixels(), LazyFrame)


def test_frames_are_told_apart_by_index_channels_and_window():
    image = Image(np.zeros((3, 4, 30, 40)))
    keys = {
        frame_source(image, index, channels, window).key
        for index in ((0, 1, None, None), (1, 1, None, None))
        for channels in (None, Channels(1, (0,)), Channels(1, (0, 2, 3)))
        for window in (None, "whole", Window(0, 0, 9, 9))
    }
    assert len(keys) == 2 * 3 * 3


def test_the_slider_of_channels_that_are_chosen_makes_no_other_frame():
    image, channels = Image(np.zeros((3, 4, 30, 40))), Channels(1, (0, 2, 3))
    keys = {frame_source(image, (2, at, None, None), channels).key for at in range(4)}
    assert len(keys) == 1


def test_three_channels_are_colours():
    image = Image(np.arange(4 * 30 * 40).reshape(4, 30, 40))
    pixels = frame_source(image, (0, None, None), Channels(0, (3, 0, 1))).pixels()
    assert np.array_equal(pixels, np.moveaxis(image.data[[3, 0, 1]], 0, -1))


def test_channels_of_an_axis_that_is_shown_are_refused():
    with pytest.raises(FrameError, match="show other axes"):
        frame_source(Image(VOLUME), (None, 4, None), Channels(0, (1,)))


def test_channels_of_a_pyramid_are_those_of_every_level():
    levels = [np.zeros((3, 4096, 2048), np.uint8), np.zeros((3, 2048, 1024), np.uint8)]
    for level in levels:
        level[1] = 7
    frame = frame_source(
        Image(levels, multiscale=True), (0, None, None), Channels(0, (1,))
    ).pixels()
    assert [level.shape for level in frame.levels] == [(4096, 2048), (2048, 1024)]
    assert (frame.sample() == 7).all()


def test_pixels_of_small_frames_have_a_fingerprint():
    data = VOLUME.copy()
    source = frame_source(Image(data), (4, None, None))
    before = source.fingerprint()
    data[4, 0, 0] += 1
    assert source.fingerprint() != before
    lazy = frame_source(Image(da.from_array(data)), (4, None, None))
    assert lazy.fingerprint() == source.fingerprint()


def test_a_click_in_a_huge_pyramid_reads_one_window():
    levels = pyramid(100_000, [(70_000, 30_000, 100)])
    image = Image(levels, multiscale=True)
    for level in levels:
        level.read = 0
    segmenter = Segmenter.from_family(ExactFamily(512), "exact")
    embedding = segmenter.encode(frame_source(image, (None, None)).pixels(), (0, 255))
    prediction = segmenter.predict(embedding, Prompts(points=[[70_000, 30_000]]))
    assert prediction.crop()[0].shape == (201, 201)
    assert [level.read for level in levels] == [512 * 512] + [0] * 7


def test_neighbours_come_next_before_previous():
    assert list(neighbours((4, None, None), (9, 30, 40))) == [(5, None, None), (3, None, None)]


def test_neighbours_come_nearest_first():
    found = [index[0] for index in neighbours((4, None, None), (9, 30, 40), reach=2)]
    assert found == [5, 3, 6, 2]


def test_there_are_no_neighbours_beyond_the_ends_nor_of_a_plain_image():
    assert list(neighbours((0, None, None), (1, 30, 40))) == []
    assert list(neighbours((0, None, None), (2, 30, 40))) == [(1, None, None)]
    assert list(neighbours((None, None), (30, 40))) == []


def test_neighbours_lie_along_every_slider_but_those_left_out():
    found = list(neighbours((1, 0, None, None), (3, 4, 30, 40), leave_out=(1,)))
    assert found == [(2, 0, None, None), (0, 0, None, None)]
