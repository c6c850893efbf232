"""Stacks of arrays of all kinds."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import dask.array as da
import h5py
import numpy as np
import pytest
import tensorstore
import xarray
import zarr
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames.arrays import ArrayStack


@pytest.fixture
def data():
    return np.random.default_rng(0).integers(0, 255, (5, 3, 7, 8), dtype=np.uint8)


@pytest.mark.parametrize("kind", ["numpy", "dask", "zarr", "xarray", "h5py", "tensorstore"])
def test_any_array_gives_its_frames(data, kind, tmp_path):
    if kind == "h5py":
        with h5py.File(tmp_path / "a.h5", "w") as file:
            stack = ArrayStack(file.create_dataset("a", data=data), "tzyx")
            assert np.array_equal(stack.read((4, 1)), data[4, 1])
        return
    array = {
        "numpy": lambda: data,
        "dask": lambda: da.from_array(data, chunks=(1, 1, 7, 8)),
        "zarr": lambda: zarr.array(data),
        "xarray": lambda: xarray.DataArray(data, dims=("t", "z", "y", "x")),
        "tensorstore": lambda: tensorstore.array(data),
    }[kind]()

    stack = ArrayStack(array, "tzyx")

    assert (stack.axes, stack.shape, stack.frame_shape) == (("t", "z"), (5, 3), (7, 8))
    assert stack.dtype == np.uint8
    assert np.array_equal(stack.read((4, 1)), data[4, 1])


@given(st.permutations("tzcyx"), st.integers(0, 2), st.data())
def test_axes_in_any_order_give_the_same_frames(order, channel, draw):
    data = np.arange(4 * 5 * 3 * 2 * 6).reshape(4, 5, 3, 2, 6)
    turned = data.transpose(["tzcyx".index(axis) for axis in order])

    stack = ArrayStack(turned, "".join(order), channel=channel)

    place = {"t": draw.draw(st.integers(0, 3)), "z": draw.draw(st.integers(0, 4))}
    frame = stack.read([place[axis] for axis in stack.axes])
    assert np.array_equal(frame, data[place["t"], place["z"], channel])


@given(st.permutations("tyxs"))
def test_colours_come_last(order):
    data = np.arange(4 * 5 * 6 * 3, dtype=np.uint8).reshape(4, 5, 6, 3)
    turned = data.transpose(["tyxs".index(axis) for axis in order])

    stack = ArrayStack(turned, "".join(order))

    assert stack.is_rgb
    assert np.array_equal(stack.read((2,)), data[2])


def test_xarray_says_what_its_axes_are():
    stack = ArrayStack(xarray.DataArray(np.zeros((5, 7, 8)), dims=("Time", "Y", "X")))

    assert stack.axes == ("time",)


def test_sizes_and_units_go_with_their_axes(data):
    stack = ArrayStack(data, "yxtz", scale=(3, 4, 1, 2), units=("y", "x", "t", "z"))

    assert (stack.axes, stack.scale, stack.units) == (
        ("t", "z"),
        (1, 2, 3, 4),
        ("t", "z", "y", "x"),
    )


def test_sizes_of_other_axes_are_refused(data):
    with pytest.raises(StackError, match="scale"):
        ArrayStack(data, "tzyx", scale=(1.0, 1.0))


def test_frames_with_nan_are_given_as_they_are():
    stack = ArrayStack(np.array([[[np.nan, 1.0]], [[np.nan, np.nan]]]), "tyx")

    assert np.isnan(stack.read((1,))).all()


@pytest.mark.parametrize("kind", ["numpy", "dask"])
def test_a_pickled_stack_gives_the_same(data, kind):
    stack = ArrayStack(data if kind == "numpy" else da.from_array(data), "tzyx")

    back = pickle.loads(pickle.dumps(stack))

    assert back.identity == stack.identity
    assert np.array_equal(back.read((4, 2)), data[4, 2])


@pytest.mark.parametrize("order", ["C", "F"])
def test_what_is_mapped_from_a_file_is_pickled_without_its_values(tmp_path, order):
    values = np.arange(50 * 40 * 40, dtype=np.uint16).reshape(50, 40, 40)
    np.save(tmp_path / "a.npy", np.asarray(values, order=order))
    stack = ArrayStack(np.load(tmp_path / "a.npy", mmap_mode="r"), "tyx")

    pickled = pickle.dumps(stack)

    assert len(pickled) < 2000
    assert np.array_equal(pickle.loads(pickled).read((7,)), values[7])


def test_a_part_of_what_is_mapped_is_pickled_right(tmp_path):
    values = np.arange(50 * 4 * 4, dtype=np.uint16).reshape(50, 4, 4)
    np.save(tmp_path / "a.npy", values)
    stack = ArrayStack(np.load(tmp_path / "a.npy", mmap_mode="r")[10:], "tyx")

    assert np.array_equal(pickle.loads(pickle.dumps(stack)).read((7,)), values[17])


def test_many_threads_read_at_once(data):
    stack = ArrayStack(da.from_array(data, chunks=1), "tzyx")
    places = [(t, z) for t in range(5) for z in range(3)]

    with ThreadPoolExecutor(4) as threads:
        frames = list(threads.map(stack.read, places))

    assert all(np.array_equal(frame, data[at]) for frame, at in zip(frames, places, strict=True))
