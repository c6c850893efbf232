"""Everything in frame after frame: what is found, what fails, and ending early."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given

from finding import sets
from flat_family import flat_segmenter, masks_of
from napari_cutout._before_torch import WAITING, WAITING_OTHERWISE
from napari_cutout.segment.automatic.filters import Filters, Measured
from napari_cutout.segment.automatic.objects import Objects
from napari_cutout.segment.errors import FrameError, OptionError
from napari_cutout.segment.store import EmbeddingStore
from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.running.finding import ALL_NAN, _passing
from napari_cutout.stacks.running.frames import encoders, find_in_frames
from stacked_frames import HOW, BrokenStack, a_stack, frames

OPTIONS = HOW.options


def test_each_frame_is_what_everything_finds_in_it():
    stack, segmenter = a_stack(5), flat_segmenter()
    found = list(find_in_frames(segmenter, stack, OPTIONS))

    assert [one.index for one in found] == [(k,) for k in range(5)]
    for one in found:
        expected = segmenter.everything(stack.read(one.index), OPTIONS)
        assert masks_of(one.objects) == masks_of(expected)
        assert one.objects


def test_seconds_of_each_part_are_told():
    (one,) = find_in_frames(flat_segmenter(), a_stack(1), OPTIONS)

    assert set(one.seconds) == {"read", "encode", "find"}


def test_frames_are_selected_and_left_out():
    found = find_in_frames(
        flat_segmenter(), a_stack(9), OPTIONS, selection="t=1:8:2", skip=lambda at: at == (3,)
    )

    assert [one.index for one in found] == [(1,), (5,), (7,)]


def test_filters_drop_objects():
    found = find_in_frames(flat_segmenter(), a_stack(2), OPTIONS, filters=Filters(min_area=200))

    assert [len(one.objects) for one in found] == [1, 1]


@given(sets())
def test_without_filters_the_same_stays_as_with_those_that_drop_nothing(found):
    odd = tuple(replace(one, score=one.score - k / 3) for k, one in enumerate(found.objects))
    objects = Objects(odd, found.objects.shape)
    expected = [one for one, stays in zip(odd, Measured(objects).passing(Filters()), strict=True)
                if stays]  # fmt: skip

    assert list(_passing(objects, Filters())) == expected


def test_a_frame_that_can_t_be_read_fails_alone():
    found = list(find_in_frames(flat_segmenter(), BrokenStack(4, broken={1}), OPTIONS))

    assert [one.state for one in found] == ["found", "failed", "found", "found"]
    assert "no such file" in found[1].reason


def test_a_frame_of_another_size_fails_alone():
    found = list(find_in_frames(flat_segmenter(), BrokenStack(3, other={2}), OPTIONS))

    assert [one.state for one in found] == ["found", "found", "failed"]
    assert "(30, 40)" in found[2].reason


def test_pixels_that_are_no_numbers_are_background():
    data = frames(2).astype(np.float32)
    data[1, :, 40:] = np.nan
    found = list(find_in_frames(flat_segmenter(), ArrayStack(data, axes="tyx"), OPTIONS))

    assert [one.state for one in found] == ["found", "found"]
    assert [len(one.objects) for one in found] == [2, 1]


def test_a_frame_without_a_number_is_empty_and_said():
    data = frames(2).astype(np.float32)
    data[0] = np.nan
    first, second = find_in_frames(flat_segmenter(), ArrayStack(data, axes="tyx"), OPTIONS)

    assert (first.state, first.objects, first.reason) == ("found", (), ALL_NAN)
    assert second.reason == ""


def test_options_that_are_none_end_it():
    with pytest.raises(OptionError, match="options are"):
        list(find_in_frames(flat_segmenter(), a_stack(2), "grid"))


def test_an_intensity_mapping_that_goes_with_no_frame_is_refused_at_once():
    stack = ArrayStack(frames(2).astype(np.uint16), axes="tyx")
    with pytest.raises(FrameError, match="'none' takes uint8, not uint16"):
        find_in_frames(flat_segmenter(), stack, OPTIONS, intensity="none")


def test_a_selection_that_doesn_t_fit_is_refused_at_once():
    with pytest.raises(StackError, match="no axis 'z'"):
        find_in_frames(flat_segmenter(), a_stack(2), OPTIONS, selection="z=1")


def test_embeddings_are_stored(tmp_path):
    store = EmbeddingStore(tmp_path / "store")
    first, second = flat_segmenter(), flat_segmenter()
    list(find_in_frames(first, a_stack(3), OPTIONS, store=store))
    list(find_in_frames(second, a_stack(3), OPTIONS, store=store))

    assert len(store) == first.family.calls["encode"] > 0
    assert second.family.calls["encode"] == 0


def test_closed_it_reads_no_more():
    stack = BrokenStack(50)
    found = find_in_frames(flat_segmenter(), stack, OPTIONS)
    next(found)
    found.close()
    read = len(stack.asked)

    assert read < 12
    assert next(found, None) is None
    assert len(stack.asked) == read


@pytest.mark.parametrize(
    ("threads", "waiting", "input_size", "expected"),
    [
        (2, "passive", 64, 2),
        # One thread waits for nobody; those that wait awake leave no core to others.
        (1, "passive", 64, 1),
        (2, None, 64, 1),
        (2, "passive", 1024, 1),
    ],
)
def test_two_small_frames_are_encoded_at_a_time_where_threads_that_wait_sleep(
    threads, waiting, input_size, expected, monkeypatch
):
    for name in (WAITING, *WAITING_OTHERWISE):
        monkeypatch.delenv(name, raising=False)
    if waiting is not None:
        monkeypatch.setenv(WAITING, waiting)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        assert encoders(flat_segmenter(input_size)) == expected
    finally:
        torch.set_num_threads(before)
