"""Frames of any size: what is read for a click, and that the answer is that of an array."""

import dask.array as da
import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from computed import Computed, disc, pyramid
from exact_family import ExactFamily
from napari_cutout.segment import (
    LazyFrame,
    Prompts,
    Segmenter,
    TooLargeError,
    Window,
)

SIDE = 100_000


def exact(size=64):
    return Segmenter.from_family(ExactFamily(input_size=size), "exact")


@st.composite
def squares(draw):
    """A frame of bright rectangles, and a point of one."""
    shape = draw(st.tuples(st.integers(20, 250), st.integers(20, 250)))
    frame = np.zeros(shape, np.uint8)
    for _ in range(draw(st.integers(1, 4))):
        row, col = draw(st.integers(0, shape[0] - 1)), draw(st.integers(0, shape[1] - 1))
        frame[row : row + draw(st.integers(1, 60)), col : col + draw(st.integers(1, 60))] = 200
    inside = np.argwhere(frame)
    return frame, inside[draw(st.integers(0, len(inside) - 1))].astype(float)


@given(squares(), st.sampled_from([7, 32, 300]))
@settings(max_examples=60)
def test_a_lazy_frame_answers_as_the_array_does(given_frame, chunk):
    frame, point = given_frame
    segmenter = exact()
    asked = [Prompts(points=[point]), Prompts(box=[0, 0, *point]), Prompts(mask=frame > 0)]
    lazy = LazyFrame(da.from_array(frame, chunks=chunk))
    first, second = (segmenter.encode(given, intensity="none") for given in (frame, lazy))
    found = segmenter.predict(first, asked)
    for one, other in zip(found, segmenter.predict(second, asked), strict=True):
        assert one.window == other.window
        assert np.array_equal(one.logits, other.logits)
        assert np.array_equal(one.masks, other.masks)
    fed = [
        segmenter.predict(embedding, Prompts(points=[point], logits=found.feedback()))
        for embedding, found in (
            (first, found[0]),
            (second, segmenter.predict(second, asked[0])),
        )
    ]
    assert np.array_equal(fed[0].masks, fed[1].masks)


@given(
    hnp.arrays(np.uint16, st.tuples(st.integers(2, 60), st.integers(2, 60))),
    st.sampled_from(["percentile", "dtype", (10, 4000)]),
)
def test_pixels_are_those_of_the_array(frame, intensity):
    segmenter = exact()
    array, lazy = (segmenter.encode(given, intensity) for given in (frame, LazyFrame(frame)))
    if intensity != "percentile" or np.ptp(frame):
        assert np.array_equal(array.pixels, lazy.pixels)


def test_windows_read_alike_are_encoded_once_for_array_and_lazy_frame():
    segmenter = exact()
    frame = np.zeros((50, 60), np.uint8)
    segmenter.encode(frame, "none")
    segmenter.encode(LazyFrame(frame), "none")
    assert len(segmenter.cache) == 1


@pytest.mark.parametrize("levels", [1, 8])
def test_a_click_in_a_huge_frame_reads_one_window(levels):
    arrays = pyramid(SIDE, [(70_000, 30_000, 100)], levels)
    segmenter = exact(512)
    embedding = segmenter.encode(LazyFrame(arrays), "none")
    prediction = segmenter.predict(embedding, Prompts(points=[[70_010, 30_010]]))
    mask, (row, col) = prediction.crop()
    assert (row, col) == (69_900, 29_900)
    assert np.array_equal(mask, disc(mask.shape, 100, 100, 100))
    assert [array.read for array in arrays] == [512 * 512] + [0] * (levels - 1)


@pytest.mark.parametrize("radius", [300, 3_000, 6_000])
def test_an_object_larger_than_a_window_is_cut_at_a_coarser_level(radius):
    arrays = pyramid(SIDE, [(70_000, 30_000, radius)])
    segmenter = exact(512)
    embedding = segmenter.encode(LazyFrame(arrays), "none")
    prediction = segmenter.predict(embedding, Prompts(points=[[70_010, 30_010]]))
    mask, (row, col) = prediction.crop()
    step = prediction.grid.step[0]
    assert not prediction.is_cut()
    assert (row, col) == pytest.approx((70_000 - radius, 30_000 - radius), abs=2 * step)
    assert mask.sum() == pytest.approx(np.pi * radius**2, rel=4 * step / radius)
    assert sum(array.read for array in arrays) < 6 * 1024**2


def test_without_a_pyramid_a_window_grows_up_to_what_may_be_read_and_says_so(monkeypatch):
    monkeypatch.setattr("napari_cutout.segment.pixels.READ_LIMIT", 2048**2)
    array = Computed((20_000, 20_000), [(10_000, 10_000, 5_000)])
    segmenter = exact(512)
    embedding = segmenter.encode(LazyFrame(array), "none")
    prediction = segmenter.predict(embedding, Prompts(points=[[10_000, 10_000]]))
    assert prediction.window.rows == 2048
    assert prediction.is_cut()


def test_a_box_gets_its_window_whatever_has_to_be_read():
    array = Computed((20_000, 20_000), [(10_000, 10_000, 8_000)], chunks=(2048, 2048))
    segmenter = exact(128)
    embedding = segmenter.encode(LazyFrame(array), "none")
    prediction = segmenter.predict(embedding, Prompts(box=[2000, 2000, 18_000, 18_000]))
    assert not prediction.is_cut()
    assert prediction.window.rows == 20_000
    assert array.largest <= 2 * 2048**2


def test_the_percentiles_of_a_huge_frame_are_those_of_what_stands_for_it():
    arrays = pyramid(SIDE, [(50_000, 50_000, 40_000)])
    segmenter = exact(512)
    embedding = segmenter.encode(LazyFrame(arrays))
    pixels = embedding.read(Window(49_000, 8_960, 2048, 2048))
    assert sorted(np.unique(pixels)) == [0, 255]
    assert not arrays[0].read


def test_the_key_follows_the_limits():
    dark = pyramid(SIDE)
    bright = pyramid(SIDE, [(50_000, 50_000, 40_000)])
    segmenter = exact(512)
    keys = {segmenter.encode(LazyFrame(levels, "same")).key for levels in (dark, bright)}
    assert len(keys) == 2


def test_masks_of_a_huge_frame_are_refused_and_crops_are_not():
    segmenter = exact(512)
    embedding = segmenter.encode(LazyFrame(pyramid(SIDE, [(700, 300, 100)])), "none")
    prediction = segmenter.predict(embedding, Prompts(points=[[700, 300]]))
    with pytest.raises(TooLargeError, match=r"crop\(k\)"):
        _ = prediction.masks
    assert prediction.crop()[0].shape == (201, 201)


def test_the_pixels_of_a_huge_frame_are_refused():
    embedding = exact(512).encode(LazyFrame(pyramid(SIDE)), "none")
    assert embedding.nbytes == 0
    with pytest.raises(TooLargeError, match="window"):
        _ = embedding.pixels


def test_dense_maps_of_a_huge_frame_are_refused_and_those_of_a_window_are_not():
    segmenter = exact(512)
    frame = LazyFrame(pyramid(SIDE, [(700, 300, 100)]))
    with pytest.raises(TooLargeError, match="window="):
        segmenter.dense(segmenter.encode(frame, "none"))
    window = Window(0, 0, 2048, 1024)
    maps = segmenter.dense(segmenter.encode(frame, "none", window))
    assert maps.window == window
    expected = np.where(disc((2048, 1024), 700, 300, 100), 220, 20) / 255
    assert np.abs(maps.foreground - expected).mean() < 0.01


@pytest.mark.parametrize("kind", ["dask", "zarr"])
def test_a_large_array_that_is_not_in_memory_is_taken_as_a_lazy_frame(kind):
    if kind == "dask":
        array = da.zeros((SIDE, SIDE), np.uint8, chunks=2048)
    else:
        array = zarr.create_array({}, shape=(SIDE, SIDE), chunks=(2048, 2048), dtype="u1")
    segmenter = exact(512)
    embedding = segmenter.encode(array)
    assert embedding.shape == (SIDE, SIDE)
    assert not segmenter.predict(embedding, Prompts(points=[[9, 9]])).crop()[0].size


def test_a_mask_prompt_in_its_box_needs_no_mask_of_the_frame():
    arrays = pyramid(SIDE, [(70_000, 30_000, 3000)])
    segmenter = exact(512)
    embedding = segmenter.encode(LazyFrame(arrays), "none")
    piece = disc((6001, 6001), 3000, 3000, 3000)
    prompts = Prompts(mask=piece, mask_origin=(67_000, 27_000))
    prediction = segmenter.predict(embedding, prompts)
    mask, origin = prediction.crop()
    assert origin == pytest.approx((67_000, 27_000), abs=40)
    assert mask.sum() == pytest.approx(piece.sum(), rel=0.02)


def test_a_previous_answer_moves_between_windows_of_different_levels():
    arrays = pyramid(SIDE, [(70_000, 30_000, 3000), (77_000, 36_000, 900)])
    segmenter = exact(512)
    embedding = segmenter.encode(LazyFrame(arrays), "none")
    first = segmenter.predict(embedding, Prompts(points=[[70_000, 30_000]]))
    both = Prompts(points=[[77_000, 36_000]], logits=first.feedback())
    second = segmenter.predict(embedding, both, multimask=False)
    assert second.window != first.window
    area = np.pi * (3000**2 + 900**2)
    assert second.crop()[0].sum() == pytest.approx(area, rel=0.03)


def test_windows_can_be_encoded_before_anything_is_asked():
    arrays = pyramid(SIDE, [(70_000, 30_000, 100)])
    segmenter = exact(512)
    embedding = segmenter.encode(LazyFrame(arrays), "none")
    first = segmenter.predict(embedding, Prompts(points=[[70_010, 30_010]]))
    before = arrays[0].read
    other = segmenter.encode(LazyFrame(arrays), "none")
    segmenter.prepare(other, first.window)
    segmenter.predict(other, Prompts(points=[[70_010, 30_010]]))
    assert arrays[0].read == 2 * before


def test_pixels_that_changed_are_noticed():
    frame = np.zeros((3000, 3000), np.uint8)
    segmenter = exact(512)
    embedding = segmenter.encode(LazyFrame(frame), "none")
    window = segmenter.predict(embedding, Prompts(points=[[700, 700]])).window
    assert not embedding.changed(window)
    frame[700, 700] = 200
    assert embedding.changed(window)
    segmenter.cache.clear()
    assert segmenter.predict(embedding, Prompts(points=[[700, 700]])).crop()[0].shape == (1, 1)
