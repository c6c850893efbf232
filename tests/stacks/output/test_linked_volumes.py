"""Whole volumes linked over time in an output: their slices' labels, and how it goes on."""

from __future__ import annotations

import numpy as np
import pytest

from flat_family import flat_segmenter
from napari_cutout.formats.tracks.track import Track
from napari_cutout.segment.errors import OptionError
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.linking.options import LinkOptions, VolumeLinkOptions
from napari_cutout.stacks.running.run import run_stack
from stacked_frames import HOW, begun, files_of, frames

TIMES, PLANES = 3, 2
LINK = VolumeLinkOptions()


def volumes():
    """``(t, z, y, x)``: the two things that move, as high as all planes, the second one later."""
    data = np.stack([frames(TIMES)] * PLANES, axis=1)
    data[0, :, 30:45] = 0
    return data


def linked(path, data, axes, **known):
    """All found and linked: the series, and the final labels."""
    stack = ArrayStack(data, axes=axes)
    with begun(path, stack) as output:
        for _ in run_stack(flat_segmenter(), stack, output, HOW, link=LINK, **known):
            pass
        series = output.finish(LINK, **known)
        shape = stack.shape
        final = np.stack([output.final(index) for index in np.ndindex(*shape)])
    return series, final.reshape(*shape, *stack.frame_shape)


def test_an_object_has_one_id_in_all_planes_and_times(tmp_path):
    data = volumes()
    (series,), labels = linked(tmp_path / "out.zarr", data, "tzyx")
    assert series.tracks == (Track(1, 0, 2), Track(2, 1, 2))
    assert series.planes == PLANES
    assert list(series.frames) == list(np.ndindex(TIMES, PLANES))
    np.testing.assert_array_equal(labels == 1, data == 255)
    np.testing.assert_array_equal(labels == 2, data == 200)


def test_planes_may_come_before_time(tmp_path):
    data = volumes().swapaxes(0, 1)
    (series,), labels = linked(tmp_path / "out.zarr", data, "ztyx")
    assert series.tracks == (Track(1, 0, 2), Track(2, 1, 2))
    assert list(series.frames)[:3] == [(0, 0), (1, 0), (0, 1)]
    np.testing.assert_array_equal(labels == 1, data == 255)


def test_only_what_is_chosen_is_linked(tmp_path):
    path = tmp_path / "out.zarr"
    (series,), labels = linked(path, volumes(), "tzyx", selection="t=1:3")
    assert series.tracks == (Track(1, 0, 1), Track(2, 0, 1))
    assert not labels[0].any()


def test_places_on_other_axes_are_series_of_their_own(tmp_path):
    data = np.stack([volumes()] * 2)
    series, labels = linked(tmp_path / "out.zarr", data, "ptzyx")
    assert [[one.id for one in some.tracks] for some in series] == [[1, 2], [3, 4]]
    np.testing.assert_array_equal(labels[1] == 3, data[1] == 255)


def test_linking_that_was_ended_goes_on(tmp_path):
    ended, whole = tmp_path / "ended" / "out.zarr", tmp_path / "whole" / "out.zarr"
    linked(whole, volumes(), "tzyx")
    stack = ArrayStack(volumes(), axes="tzyx")
    with begun(ended, stack) as output:
        for _ in run_stack(flat_segmenter(), stack, output, HOW):
            pass
        steps = output.linking(LINK)
        for _ in range(TIMES * PLANES + 2):
            next(steps)
        steps.close()
    linked(ended, volumes(), "tzyx")
    assert files_of(ended).keys() == files_of(whole).keys()
    for name, found in files_of(whole).items():
        if ".cutout" not in name:
            assert files_of(ended)[name] == found, name


def test_other_options_link_anew(tmp_path):
    path = tmp_path / "out.zarr"
    linked(path, volumes(), "tzyx")
    with begun(path, ArrayStack(volumes(), axes="tzyx")) as output:
        planes = output.finish(LinkOptions())
        (series,) = output.finish(VolumeLinkOptions(link=LinkOptions(min_length=3)))
    assert [one.planes for one in planes] == [None] * PLANES
    assert series.tracks == (Track(1, 0, 2),)


@pytest.mark.parametrize(("depth", "count"), [(1.0, 1), (10.0, 2)])
def test_planes_are_as_far_apart_as_the_stack_says(tmp_path, depth, count):
    data = np.zeros((2, 3, 60, 80), np.uint8)
    data[0, :2, 10:20, 10:20] = data[1, 1:, 10:20, 10:20] = 255
    stack = ArrayStack(data, axes="tzyx", scale=(1.0, depth, 1.0, 1.0))
    link = VolumeLinkOptions(link=LinkOptions(max_distance=5.0))
    with begun(tmp_path / "out.zarr", stack) as output:
        for _ in run_stack(flat_segmenter(), stack, output, HOW):
            pass
        (series,) = output.finish(link)
    assert len(series.tracks) == count


@pytest.mark.parametrize(("selection", "far", "count"), [("", 3.1, 1), ("z=0:7:3", 2.9, 2)])
def test_planes_that_are_left_out_lie_between(tmp_path, selection, far, count):
    """Something rises by three planes of 1.0, whether all of them are linked or every third."""
    data = np.zeros((2, 7, 60, 80), np.uint8)
    data[0, :4, 10:20, 10:20] = data[1, 3:, 10:20, 10:20] = 255
    stack = ArrayStack(data, axes="tzyx")
    link = VolumeLinkOptions(link=LinkOptions(max_distance=far))
    with begun(tmp_path / "out.zarr", stack) as output:
        for _ in run_stack(flat_segmenter(), stack, output, HOW):
            pass
        (series,) = output.finish(link, selection)
    assert len(series.tracks) == count


def test_of_one_plane_nothing_is_left_out(tmp_path):
    """What spans two planes at least can't be asked for."""
    (series,), labels = linked(tmp_path / "out.zarr", volumes(), "tzyx", selection="z=1")
    assert series.tracks == (Track(1, 0, 2), Track(2, 1, 2))
    np.testing.assert_array_equal(labels[:, 1] == 1, volumes()[:, 1] == 255)


def test_without_volumes_it_is_refused_before_anything_is_found(tmp_path):
    stack = ArrayStack(frames(2), axes="tyx")
    with begun(tmp_path / "out.zarr", stack) as output:
        with pytest.raises(OptionError, match="links volumes of z"):
            run_stack(flat_segmenter(), stack, output, HOW, link=LINK)
        with pytest.raises(OptionError, match="links volumes of z"):
            output.finish(LINK)
