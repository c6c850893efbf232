"""Frames that stay where they are."""

import numpy as np
import pytest
from napari.layers import Image

from computed import Computed, pyramid
from napari_cutout.segment import FrameError, LazyFrame, Window
from napari_cutout.segment.windows import whole


def as_it_is(tile):
    return tile


def test_one_array_is_a_frame_too():
    assert LazyFrame(np.zeros((30, 40))).shape == (30, 40)


def test_a_pyramid_of_a_napari_layer_is_taken_as_it_is():
    levels = [np.zeros((40, 60)), np.zeros((20, 30))]
    frame = LazyFrame(Image(levels, multiscale=True).data)
    assert [level.shape for level in frame.levels] == [(40, 60), (20, 30)]


def test_frames_without_a_key_are_told_apart():
    array = np.zeros((3, 4))
    assert LazyFrame(array).key != LazyFrame(array).key
    assert LazyFrame(array, "mine").key == "mine"


@pytest.mark.parametrize(
    ("levels", "hint"),
    [
        ([], "one array or more"),
        ([np.zeros((2, 3, 4, 5))], "index the other axes"),
        ([np.zeros((30, 40, 2))], "choose channels"),
        ([np.zeros((0, 40))], "empty"),
        ([np.zeros((10, 10)), np.zeros((20, 20))], "finest first"),
        ([np.zeros((10, 10, 3)), np.zeros((5, 5))], "other channels"),
    ],
)
def test_what_are_no_levels_of_one_frame_is_refused(levels, hint):
    with pytest.raises(FrameError, match=hint):
        LazyFrame(levels)


def test_a_window_reads_what_it_shows_and_no_more():
    levels = pyramid(100_000)
    frame = LazyFrame(levels)
    frame.read(frame.grid(Window(51_200, 51_200, 512, 512), 512), as_it_is)
    assert [level.read for level in levels] == [512 * 512, *[0] * 7]


def test_the_whole_of_a_large_pyramid_is_read_from_its_coarsest_level():
    levels = pyramid(100_000)
    frame = LazyFrame(levels)
    frame.read(frame.grid(whole(frame.shape), 512), as_it_is)
    assert [bool(level.read) for level in levels] == [False] * 7 + [True]


def test_the_sample_of_a_pyramid_is_its_coarsest_level():
    levels = pyramid(100_000)
    values = LazyFrame(levels).sample()
    assert values.shape == (781, 781, 1)
    assert not levels[0].read


def test_the_sample_of_a_large_array_is_a_few_tiles_all_over_it():
    array = Computed((100_000, 100_000), [(50_000, 50_000, 300), (99_400, 99_400, 300)])
    values = LazyFrame(array).sample()
    assert array.read == values.size == 25 * 256**2
    # The middle and the last chunk are among them.
    assert (values[12 * 256**2 : 13 * 256**2] == 220).any()
    assert (values[24 * 256**2 :] == 220).any()


def test_the_sample_of_an_array_in_memory_is_all_of_it():
    array = np.arange(12).reshape(3, 4)
    assert np.array_equal(LazyFrame(array).sample()[..., 0], array)


def test_the_sample_has_no_alpha():
    assert LazyFrame(np.zeros((3, 4, 4), np.uint8)).sample().shape == (3, 4, 3)


def test_a_mapped_file_is_not_taken_for_memory(tmp_path):
    array = np.memmap(tmp_path / "a", np.uint8, "w+", shape=(3000, 3000))
    assert LazyFrame(array).sample().size < array.size
