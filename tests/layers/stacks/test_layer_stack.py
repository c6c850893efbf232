"""An Image layer as a stack: which axes it has, and what is read of any kind of data."""

from __future__ import annotations

import pickle

import dask.array as da
import numpy as np
import pytest
import zarr
from napari.components import ViewerModel

from napari_cutout.layers.image.channels import choose_channels
from napari_cutout.layers.image.frames import frame_source
from napari_cutout.layers.stacks.layer_stack import LayerStack, axis_names
from napari_cutout.segment import FrameError
from napari_cutout.stacks.frames.selection import chosen

DATA = np.arange(2 * 3 * 4 * 5, dtype=np.uint16).reshape(2, 3, 4, 5)
HERE = (0, 0, None, None)


def layer(data, **options):
    viewer = ViewerModel()
    return viewer.add_image(data, **options), viewer.dims


def in_zarr(data):
    array = zarr.create_array(zarr.storage.MemoryStore(), shape=data.shape, dtype=data.dtype)
    array[...] = data
    return array


@pytest.mark.parametrize("kind", [np.asarray, da.from_array, in_zarr])
def test_frames_of_any_data(kind):
    image, dims = layer(kind(DATA), axis_labels=["t", "z", "y", "x"], scale=[2, 3, 0.5, 0.5])
    stack = LayerStack(image, HERE, dims=dims)
    assert (stack.axes, stack.shape, stack.frame_shape) == (("t", "z"), (2, 3), (4, 5))
    assert stack.scale == (2, 3, 0.5, 0.5)
    for index in chosen(stack):
        np.testing.assert_array_equal(stack.read(index), DATA[index])


def test_of_a_pyramid_full_resolution_is_read():
    image, dims = layer([DATA, DATA[..., ::2, ::2]], multiscale=True)
    stack = LayerStack(image, HERE, dims=dims)
    np.testing.assert_array_equal(stack.read((1, 2)), DATA[1, 2])


def test_frames_lie_along_any_two_axes():
    image, _ = layer(DATA, axis_labels=["t", "z", "y", "x"])
    stack = LayerStack(image, (0, None, 1, None))
    assert (stack.axes, stack.frame_shape) == (("t", "y"), (3, 5))
    np.testing.assert_array_equal(stack.read((1, 3)), DATA[1, :, 3])


def test_colours_are_the_last_axis():
    data = np.zeros((3, 4, 5, 4), np.uint8)
    data[1, ..., 0] = 7
    image, _ = layer(data, rgb=True)
    stack = LayerStack(image, (0, None, None))
    assert stack.is_rgb
    np.testing.assert_array_equal(stack.read((1,)), data[1, ..., :3])


def test_the_axis_of_chosen_channels_is_left_out():
    image, _ = layer(DATA, axis_labels=["t", "c", "y", "x"])
    stack = LayerStack(image, HERE, choose_channels(image, "c", [2]))
    assert (stack.axes, stack.shape) == (("t",), (2,))
    np.testing.assert_array_equal(stack.read((1,)), DATA[1, 2])


def test_three_channels_are_colours():
    image, _ = layer(DATA, axis_labels=["t", "c", "y", "x"])
    stack = LayerStack(image, HERE, choose_channels(image, "c", [2, 1, 0]))
    assert stack.is_rgb
    np.testing.assert_array_equal(stack.read((1,)), np.moveaxis(DATA[1, ::-1], 0, -1))


def test_channels_along_rows_are_refused():
    image, _ = layer(DATA)
    with pytest.raises(FrameError, match="rows or columns"):
        LayerStack(image, HERE, choose_channels(image, 2, [0]))


def test_a_source_is_that_of_a_session():
    image, _ = layer(DATA)
    stack = LayerStack(image, HERE)
    ours, theirs = stack.source((1, 2)), frame_source(image, (1, 2, None, None))
    assert (ours.key, ours.name) == (theirs.key, theirs.name)
    np.testing.assert_array_equal(ours.read(), theirs.read())


def test_a_frame_and_its_index():
    stack = LayerStack(layer(DATA)[0], (0, None, 1, None))
    assert stack.frame_of((1, 3)) == (1, None, 3, None)
    assert stack.index_of((1, None, 3, None)) == (1, 3)


def test_it_goes_to_another_process():
    stack = pickle.loads(pickle.dumps(LayerStack(layer(DATA)[0], HERE)))
    np.testing.assert_array_equal(stack.read((1, 2)), DATA[1, 2])


def test_names_are_the_layers_then_the_viewers_then_numbers():
    image, dims = layer(DATA, axis_labels=["time", "z", "y", "x"])
    assert axis_names(image, dims) == ("time", "z", "y", "x")
    image, dims = layer(DATA)
    assert axis_names(image, dims) == ("axis0", "axis1", "axis2", "axis3")
    dims.axis_labels = ("t", "t", "a = b", "x")
    assert axis_names(image, dims) == ("t", "axis1", "a_b", "x")
