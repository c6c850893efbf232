"""Which piece of a frame a model looks at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.segment import LowResLogits, Prompts, Window
from napari_cutout.segment.choice import choose
from napari_cutout.segment.windows import fits, is_cut, larger, sides, tiles, whole

lengths = st.integers(1, 20_000)


windows = st.builds(Window, *[st.integers(0, 20)] * 2, *[st.integers(1, 20)] * 2)


def test_a_frame_near_the_input_size_is_taken_whole():
    assert sides((768, 500), 512) == []


def test_larger_frames_have_windows_of_doubling_sides():
    assert sides((2048, 2048), 512) == [512, 1024]


@given(lengths, lengths, st.floats(0, 1), st.floats(0, 1))
def test_the_window_of_a_click_holds_it_and_lies_in_the_frame(rows, cols, down, across):
    point = (down * (rows - 1), across * (cols - 1))
    window = choose(Prompts(points=[point]), (rows, cols), 512)
    assert fits(window, (rows, cols))
    assert window.holds(np.array([*point, *point]))


@given(lengths, lengths, st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_the_window_of_a_box_holds_it(rows, cols, corners):
    box = np.array(corners) * np.tile([rows - 1, cols - 1], 2)
    box = np.concatenate([np.minimum(box[:2], box[2:]), np.maximum(box[:2], box[2:])])
    window = choose(Prompts(box=box), (rows, cols), 512)
    assert fits(window, (rows, cols))
    assert window.holds(box)


@given(lengths, lengths)
def test_growing_a_window_ends_with_the_whole_frame(rows, cols):
    window = choose(Prompts(points=[[0, 0]]), (rows, cols), 512)
    for _ in range(12):
        grown = larger(window, (rows, cols), 512)
        assert grown.rows >= window.rows
        assert grown.cols >= window.cols
        window = grown
    assert window == whole((rows, cols))


def test_neighbouring_clicks_share_a_window():
    found = {choose(Prompts(points=[[1000 + i, 1003]]), (4000, 4000), 512) for i in range(8)}
    assert len(found) == 1


def test_an_object_keeps_the_window_of_its_previous_answer():
    kept = Window(100, 200, 512, 512)
    logits = LowResLogits(np.zeros((4, 4), np.float32), kept, "key")
    assert choose(Prompts(points=[[580, 690]], logits=logits), (2000, 2000), 512) == kept


def test_a_click_outside_the_previous_window_takes_another():
    logits = LowResLogits(np.zeros((4, 4), np.float32), Window(100, 200, 512, 512), "key")
    window = choose(Prompts(points=[[1900, 1900]], logits=logits), (2000, 2000), 512)
    assert window.holds(np.array([1900, 1900, 1900, 1900]))


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(16, 600), st.floats(0, 0.9))
def test_tiles_cover_the_frame_and_overlap(rows, cols, side, share):
    overlap = int(side * share)
    covered = np.zeros((rows, cols), bool)
    starts = set()
    for tile in tiles((rows, cols), side, overlap):
        assert fits(tile, (rows, cols))
        covered[tile.slices] = True
        starts.add(tile.row)
    assert covered.all()
    assert all(
        b - a <= side - overlap for a, b in zip(sorted(starts), sorted(starts)[1:], strict=False)
    )


def test_a_mask_is_cut_only_at_sides_that_are_not_the_frames():
    window, shape = Window(0, 10, 5, 5), (20, 20)
    mask = np.zeros((5, 5), bool)
    mask[0, 2] = True
    assert not is_cut(mask, window, shape)
    mask[2, 4] = True
    assert is_cut(mask, window, shape)


def test_an_overlap_as_large_as_the_side_is_refused():
    with pytest.raises(ValueError, match="overlap"):
        list(tiles((10, 10), 4, 4))


@given(windows, windows)
def test_what_two_windows_share_is_what_both_draw(one, other):
    drawn = np.zeros((2, 40, 40), bool)
    drawn[0][one.slices] = drawn[1][other.slices] = True
    expected = drawn.all(axis=0)
    shared = one.shared(other)
    actual = np.zeros_like(expected)
    if shared is not None:
        actual[shared.slices] = True
    np.testing.assert_array_equal(actual, expected)


@given(windows, windows)
def test_a_window_counted_from_another_shows_the_same(one, other):
    shared = one.shared(other)
    if shared is None:
        return
    frame = np.arange(40 * 40).reshape(40, 40)
    actual = frame[other.slices][shared.relative_to(other).slices]
    np.testing.assert_array_equal(actual, frame[shared.slices])
