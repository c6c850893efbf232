"""Files opened by reader plugins of napari without a viewer, as stacks."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
from npe2 import DynamicPlugin

from napari_cutout.layers.stacks.plugin_frames import open_with_plugins
from napari_cutout.stacks.errors import StackError

DATA = np.arange(3 * 4 * 5, dtype=np.uint16).reshape(3, 4, 5)


@pytest.fixture
def read_as(tmp_path):
    """A file that a plugin reads as some layers."""
    plugins = []

    def make(*layers):
        plugin = DynamicPlugin(f"frames-{len(plugins)}")
        plugins.append(plugin)
        plugin.register()

        @plugin.contribute.reader(filename_patterns=["*.frames"])
        def get_reader(path):
            return lambda path: list(layers)

        path = tmp_path / "one.frames"
        path.touch()
        return path

    yield make
    for plugin in plugins:
        plugin.cleanup()


def test_a_plugin_says_what_the_axes_are(read_as):
    meta = {"axis_labels": ["time", "y", "x"], "scale": [2, 0.5, 0.5]}
    stack = open_with_plugins(read_as((DATA, meta, "image")))
    assert (stack.axes, stack.shape, stack.scale) == (("time",), (3,), (2, 0.5, 0.5))
    np.testing.assert_array_equal(stack.read((1,)), DATA[1])


def test_lazy_arrays_and_pyramids_are_read_frame_by_frame(read_as):
    levels = [da.from_array(DATA), da.from_array(DATA[:, ::2, ::2])]
    meta = {"axis_labels": ["t", "y", "x"], "multiscale": True}
    stack = open_with_plugins(read_as((levels, meta, "image")))
    np.testing.assert_array_equal(stack.read((2,)), DATA[2])


def test_colours_and_channels(read_as):
    colours = np.zeros((2, 4, 5, 3), np.uint8)
    meta = {"axis_labels": ["t", "y", "x"], "rgb": True}
    assert open_with_plugins(read_as((colours, meta, "image"))).is_rgb
    path = read_as((DATA, {"channel_axis": 0}, "image"))
    stack = open_with_plugins(path, "frames-1", channel=2)
    assert stack.axes == ()
    np.testing.assert_array_equal(stack.read(()), DATA[2])


def test_axes_can_be_said(read_as):
    stack = open_with_plugins(read_as((DATA, {}, "image")), axes="zyx")
    assert stack.axes == ("z",)


def test_one_of_several_images_is_chosen(read_as):
    meta = {"axis_labels": ["t", "y", "x"]}
    path = read_as(
        (DATA, meta | {"name": "one"}, "image"),
        (DATA + 1, meta | {"name": "two"}, "image"),
        (np.zeros((1, 2)), {}, "points"),
    )
    with pytest.raises(StackError, match="2 images: one, two"):
        open_with_plugins(path)
    np.testing.assert_array_equal(open_with_plugins(path, layer="two").read((0,)), DATA[0] + 1)
    np.testing.assert_array_equal(open_with_plugins(path, layer=0).read((0,)), DATA[0])
    with pytest.raises(StackError, match="no one image 'three'"):
        open_with_plugins(path, layer="three")
    with pytest.raises(StackError, match="0 to 1, not 5"):
        open_with_plugins(path, layer=5)


def test_without_an_image_it_is_refused(read_as):
    with pytest.raises(StackError, match="no image"):
        open_with_plugins(read_as((np.zeros((1, 2)), {}, "points")))


def test_what_a_plugin_says_is_said(read_as, tmp_path):
    (tmp_path / "x.unknown").touch()
    with pytest.raises(StackError, match="can't be read by any reader plugin"):
        open_with_plugins(tmp_path / "x.unknown")
    with pytest.raises(StackError, match="there is no file"):
        open_with_plugins(tmp_path / "nowhere.frames")


def test_napari_itself_reads_files(tmp_path):
    path = tmp_path / "frames.npy"
    np.save(path, DATA)
    stack = open_with_plugins(path, "napari", axes="tyx")
    np.testing.assert_array_equal(stack.read((1,)), DATA[1])


def test_several_files_are_stacked(tmp_path):
    paths = [tmp_path / f"{k}.npy" for k in range(3)]
    for path, frame in zip(paths, DATA, strict=True):
        np.save(path, frame)
    stack = open_with_plugins(paths, "napari", axes="tyx")
    assert stack.shape == (3,)
    np.testing.assert_array_equal(stack.read((2,)), DATA[2])
