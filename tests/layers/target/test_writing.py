"""Writing labels: the right pixels, one undo step, and a word on what can't be written."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from napari.components import ViewerModel

from napari_cutout.layers import TargetError, new_labels
from napari_cutout.layers.target import writing
from napari_cutout.layers.target.targets import TargetFrame, find_frame

MASK = np.array([[1, 1, 0], [0, 1, 1]], bool)


def target(data, **options):
    """A labels layer, and the frame of an image of the same shape."""
    viewer = ViewerModel()
    labels = viewer.add_labels(data, **options)
    index = (1,) * (labels.ndim - 2) + (None, None)
    return labels, TargetFrame(index, (0, 0), data.shape[-2:])


def written(before, value=7, at=(2, 3)):
    after = np.array(before)
    after[..., at[0] : at[0] + 2, at[1] : at[1] + 3][..., MASK] = value
    return after


def commit(labels, frame, **options):
    change = writing.plan(labels, frame, MASK, (2, 3), 7, **options)
    return change, writing.write(labels, [change])


def test_only_the_mask_is_written_and_one_undo_takes_it_back():
    before = np.arange(48).reshape(6, 8) % 3
    labels, frame = target(before.copy())
    commit(labels, frame)
    np.testing.assert_array_equal(labels.data, written(before))
    labels.undo()
    np.testing.assert_array_equal(labels.data, before)


@pytest.mark.parametrize("make", [np.array, zarr.array, da.from_array])
def test_hidden_labels_are_written_and_taken_back(make):
    """They have no slice that napari could edit."""
    before = np.arange(48).reshape(6, 8) % 3
    labels, frame = target(make(before), visible=False)
    change, _ = commit(labels, frame)
    np.testing.assert_array_equal(labels.data, written(before))
    writing.revert(labels, [change])
    np.testing.assert_array_equal(labels.data, before)


@pytest.mark.parametrize("make", [np.array, zarr.array])
def test_a_frame_of_a_stack(make):
    """Other frames stay as they are."""
    before = np.zeros((3, 6, 8), np.int32)
    labels, frame = target(make(before))
    commit(labels, frame)
    expected = before.copy()
    expected[1] = written(before[1])
    np.testing.assert_array_equal(np.asarray(labels.data), expected)
    labels.undo()
    assert not np.asarray(labels.data).any()


def test_dask_is_written_and_reverted_without_napari():
    labels, frame = target(da.zeros((3, 6, 8), dtype=np.int32, chunks=(1, 4, 4)))
    change, by_napari = commit(labels, frame)
    assert not by_napari
    np.testing.assert_array_equal(np.asarray(labels.data[1]), written(np.zeros((6, 8))))
    writing.revert(labels, [change])
    assert not np.asarray(labels.data).any()


@settings(max_examples=20)
@given(arrays(np.int32, (6, 8), elements=st.integers(0, 3)))
def test_revert_restores_any_labels(before):
    labels, frame = target(before.copy())
    change, _ = commit(labels, frame)
    assert writing.state_of(labels, [change]) == "written"
    writing.revert(labels, [change])
    np.testing.assert_array_equal(labels.data, before)
    assert writing.state_of(labels, [change]) == "not written"


def test_existing_objects_are_kept_when_asked():
    before = np.zeros((6, 8), int)
    before[2, 3] = 5
    expected = written(before)
    expected[2, 3] = 5
    labels, frame = target(before.copy())
    commit(labels, frame, policy="keep_existing")
    np.testing.assert_array_equal(labels.data, expected)


def test_preserve_labels_is_honoured():
    labels, frame = target(np.full((6, 8), 5))
    labels.preserve_labels = True
    with pytest.raises(TargetError, match="other objects are there"):
        commit(labels, frame)


def test_an_id_beyond_the_dtype_is_refused():
    labels, frame = target(np.zeros((6, 8), np.uint8))
    with pytest.raises(TargetError, match="0 to 255"):
        writing.plan(labels, frame, MASK, (2, 3), 256)


def test_read_only_data_are_refused():
    data = np.zeros((6, 8), int)
    data.flags.writeable = False
    labels, frame = target(data)
    with pytest.raises(TargetError, match="read-only"):
        commit(labels, frame)


def test_layers_that_are_not_editable_are_refused():
    labels, frame = target(np.zeros((6, 8), int))
    labels.editable = False
    with pytest.raises(TargetError, match="not editable"):
        commit(labels, frame)


def test_pyramids_are_refused():
    viewer = ViewerModel()
    labels = viewer.add_labels([np.zeros((8, 8), int), np.zeros((4, 4), int)])
    with pytest.raises(TargetError, match="pyramid"):
        writing.plan(labels, TargetFrame((None, None), (0, 0), (8, 8)), MASK, (2, 3), 7)


def test_a_mask_is_cut_at_the_edge_of_smaller_labels():
    frame = TargetFrame((None, None), (-3, 0), (6, 8))
    mask, slices = frame.crop(MASK, (2, 3))
    np.testing.assert_array_equal(mask, MASK[1:])
    assert slices == (slice(0, 1), slice(3, 6))


def pair(image_options, labels_shape, **labels_options):
    viewer = ViewerModel()
    image = viewer.add_image(np.zeros((3, 6, 8)), **image_options)
    labels = viewer.add_labels(np.zeros(labels_shape, int), **labels_options)
    viewer.dims.set_point(0, 2 * image.scale[0])
    return find_frame(labels, image, (2, None, None), viewer.dims)


PLACE = {"scale": (2, 0.5, 0.5), "translate": (0, 3, 4)}


def test_labels_of_the_same_grid_match():
    assert pair(PLACE, (3, 6, 8), **PLACE) == TargetFrame((2, None, None), (0, 0), (6, 8))


def test_labels_cut_out_of_the_grid_match_with_an_offset():
    found = pair(PLACE, (3, 4, 4), scale=(2, 0.5, 0.5), translate=(0, 4, 5))
    assert found == TargetFrame((2, None, None), (-2, -2), (4, 4))


def test_flat_labels_take_every_frame():
    found = pair(PLACE, (6, 8), scale=(0.5, 0.5), translate=(3, 4))
    assert found == TargetFrame((None, None), (0, 0), (6, 8))


@pytest.mark.parametrize(
    "other",
    [{"scale": (2, 1, 1)}, {"scale": (2, 0.5, 0.5), "translate": (0, 3.2, 4)}],
    ids=["scale", "part of a pixel"],
)
def test_other_grids_are_refused(other):
    with pytest.raises(TargetError, match="aren't those of"):
        pair(PLACE, (3, 6, 8), **other)


def test_labels_without_the_frame_are_refused():
    with pytest.raises(TargetError, match="positions 0 to 0"):
        pair(PLACE, (1, 6, 8), **PLACE)


def test_new_labels_lie_on_the_image():
    viewer = ViewerModel()
    image = viewer.add_image(np.zeros((3, 6, 8, 3), np.uint8), rgb=True, scale=(2, 3, 4))
    labels = new_labels(image, viewer.dims)
    assert labels.data.shape == (3, 6, 8)
    np.testing.assert_array_equal(labels.scale, image.scale)


def test_new_labels_of_a_huge_image_take_no_memory():
    viewer = ViewerModel()
    shape, chunks = (40_000, 512, 512), (1, 512, 512)
    image = viewer.add_image(zarr.zeros(shape, chunks=chunks, dtype=np.uint8))
    assert isinstance(new_labels(image, viewer.dims).data, zarr.Array)
