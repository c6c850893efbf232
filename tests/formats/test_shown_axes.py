"""Rows and columns are what napari shows, for every reader."""

from itertools import permutations

import numpy as np
import pytest
import tifffile
import zarr
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.images import open_image
from napari_cutout.formats.shown_axes import as_shown
from napari_cutout.segment import FrameError
from napari_cutout.stacks import StackError, open_stack

LENGTHS = {"t": 2, "z": 4, "c": 3, "y": 20, "x": 30}


def stored(axes):
    """An array with these axes."""
    shape = [LENGTHS[axis] for axis in axes]
    return np.arange(np.prod(shape), dtype=np.uint32).reshape(shape)


def ome(path, axes):
    """An OME-Zarr image with the axes in this order, of which each has a size of its own."""
    sizes = [{"type": "scale", "scale": [float(LENGTHS[axis]) for axis in axes]}]
    said = {
        "axes": [{"name": axis} for axis in axes],
        "datasets": [{"path": "0", "coordinateTransformations": sizes}],
    }
    group = zarr.create_group(path, attributes={"ome": {"version": "0.5", "multiscales": [said]}})
    group.create_array("0", data=stored(axes))
    return path


def dimensions(path, axes):
    """A zarr array whose dimensions have names."""
    zarr.create_array(path, data=stored(axes), dimension_names=tuple(axes))
    return path


def tiff(path, axes):
    """A TIFF whose axes tifffile wrote down."""
    path = path.with_suffix(".tif")
    how = {"photometric": "minisblack", "metadata": {"axes": axes.upper()}}
    tifffile.imwrite(path, stored(axes), **how)
    return path


@pytest.mark.parametrize("written", [ome, dimensions, tiff])
@pytest.mark.parametrize("axes", ["yx", "xy", "tyx", "txy", "tzyx", "ztyx", "ztxy"])
def test_frames_are_what_napari_shows_of_axes_in_any_order(tmp_path, written, axes):
    path = written(tmp_path / "a.zarr", axes)

    stack = open_stack(path)

    assert stack.axes == tuple(axes[:-2])
    assert (*stack.shape, *stack.frame_shape) == stored(axes).shape
    for place in np.ndindex(*stack.shape):
        assert np.array_equal(stack.read(place), stored(axes)[place])
        assert np.array_equal(open_image(path).frame(place), stored(axes)[place])


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("shape", [(50, 64, 1), (50, 1, 64), (50, 1, 1), (1, 64, 1)])
def test_stacks_one_pixel_wide_are_frames_where_nothing_is_said(tmp_path, shape, compression):
    stored = np.arange(np.prod(shape), dtype=np.uint16).reshape(shape)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, stored, photometric="minisblack", compression=compression)

    stack = open_stack(path)

    assert (*stack.shape, *stack.frame_shape) == shape
    for place in range(len(stored)):
        assert np.array_equal(stack.read((place,)), stored[place])
        assert np.array_equal(open_image(path).frame((place,)), stored[place])


def test_volumes_one_pixel_wide_are_read_where_their_axes_are_given(tmp_path):
    stored = np.arange(2 * 5 * 64, dtype=np.uint8).reshape(2, 5, 64, 1)
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="minisblack", compression="zlib")

    stack = open_stack(tmp_path / "a.tif", axes="tzyx")

    assert np.array_equal(stack.read((1, 3)), stored[1, 3])


def test_a_last_axis_of_length_1_that_is_not_named_may_be_the_channels(tmp_path):
    stored = np.arange(600, dtype=np.uint16).reshape(20, 30, 1)
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="minisblack")

    image = open_image(tmp_path / "a.tif")

    with pytest.raises(FrameError, match=r"choose a frame .*if the last axis holds channels"):
        image.frame()
    assert np.array_equal(image.frame(channel=0), stored[..., 0])


@pytest.mark.parametrize("axes", ["txy", "tyx"])
def test_sizes_stay_with_the_pixels(tmp_path, axes):
    assert open_stack(ome(tmp_path / "a.zarr", axes)).scale == tuple(map(LENGTHS.get, axes))


@pytest.mark.parametrize("written", [ome, dimensions, tiff])
@pytest.mark.parametrize("axes", ["yxc", "xyc", "tyxc", "txyc", "ztyxc"])
def test_channels_behind_the_columns_are_colours(tmp_path, written, axes):
    path = written(tmp_path / "a.zarr", axes)
    place = (1,) * (len(axes) - 3)

    stack = open_stack(path)

    assert stack.is_rgb
    assert np.array_equal(stack.read(place), stored(axes)[place])
    assert np.array_equal(open_image(path).frame(place), stored(axes)[place])
    assert np.array_equal(open_image(path).frame(place, channel=2), stored(axes)[place][..., 2])


@pytest.mark.parametrize("written", [ome, dimensions, tiff])
@pytest.mark.parametrize("axes", ["yxt", "ytx", "xyzt", "ycx", "cyxz"])
def test_an_image_whose_frames_are_not_shown_is_refused_by_all(tmp_path, written, axes):
    path = written(tmp_path / "a.zarr", axes)

    told = rf"a\.\w+ has its axes in the order {', '.join(axes)}, .* y and x last"
    with pytest.raises(StackError, match=rf"{told}, or name its axes with --axes"):
        open_stack(path)
    with pytest.raises(FrameError, match=told):
        open_image(path).frame((0,) * (len(axes) - 2))


def test_who_names_the_axes_gets_their_frames(tmp_path):
    stack = open_stack(ome(tmp_path / "a.zarr", "yxt"), axes="yxt")

    assert (stack.axes, stack.scale) == (("t",), (2.0, 20.0, 30.0))
    assert np.array_equal(stack.read((1,)), stored("yxt")[..., 1])


@pytest.mark.parametrize("order", ["".join(axes) for axes in permutations("tyx")])
def test_labels_of_a_stack_have_the_shape_of_what_napari_shows(tmp_path, order):
    path = ome(tmp_path / "a.zarr", order)
    if set(order[-2:]) != set("yx"):
        with pytest.raises(StackError):
            open_stack(path)
        return

    stack = open_stack(path)

    assert (*stack.shape, *stack.frame_shape) == open_image(path).shape


@given(st.permutations(["t", "z", None, "c", "y", "x"]))
def test_axes_are_given_in_their_order_or_refused(axes):
    rest = axes[:-1] if axes[-1] == "c" else axes
    if set(rest[-2:]) != {"y", "x"}:
        with pytest.raises(FormatError, match="y and x last"):
            as_shown(axes, "it")
        return

    shown = as_shown(axes, "it")

    assert [axis for axis in shown if axis not in ("y", "x")] == [
        axis for axis in axes if axis not in ("y", "x")
    ]
    assert shown.index("x") == shown.index("y") + 1


@pytest.mark.parametrize("axes", [(None, None), ("t", None, None), ("y", None), ()])
def test_axes_that_are_not_named_stay(axes):
    assert as_shown(axes, "it") == axes


def test_axes_that_are_not_as_many_as_the_image_has_are_refused(tmp_path):
    group = zarr.open_group(ome(tmp_path / "a.zarr", "tyx"), mode="r+")
    group.attrs["ome"] = {"multiscales": [{"axes": ["y", "x"], "datasets": [{"path": "0"}]}]}

    with pytest.raises(FormatError, match="isn't OME-Zarr's"):
        open_image(tmp_path / "a.zarr")
