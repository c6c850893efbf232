"""What tells data from others."""

import os
from pathlib import Path

import dask.array as da
import h5py
import numpy as np
import pytest
import xarray
import zarr

from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.frames.files import FilesStack
from napari_cutout.stacks.frames.identity import HASHED, of_array, of_files, of_zarr
from napari_cutout.stacks.frames.one_file import open_file


@pytest.fixture
def data():
    return np.random.default_rng(0).integers(0, 255, (5, 7, 8), dtype=np.uint8)


def later(path: Path) -> None:
    """As if a file had been written a second later."""
    found = path.stat()
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns + 10**9))


KINDS = {"numpy": np.array, "dask": da.from_array, "zarr": zarr.array, "xarray": xarray.DataArray}


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_values_are_the_same_and_others_are_others(data, kind):
    other = data.copy()
    other[0, 0, 0] += 1

    assert of_array(KINDS[kind](data)) == of_array(KINDS[kind](data.copy()))
    assert of_array(KINDS[kind](data)) != of_array(KINDS[kind](other))


def test_another_shape_or_dtype_is_another(data):
    known = {of_array(data), of_array(data.reshape(7, 5, 8)), of_array(data.view(np.int8))}

    assert len(known) == 3


def test_how_it_is_read_counts(data):
    assert ArrayStack(data, "tyx").identity != ArrayStack(data, "zyx").identity
    assert (
        ArrayStack(data[:3], "cyx", channel=0).identity
        != ArrayStack(data[:3], "cyx", channel=1).identity
    )


def test_of_a_large_array_pieces_count():
    large = np.zeros(HASHED + 4096, np.uint8).reshape(1, 64, -1)
    other = large.copy()
    other[..., ::1000] = 1

    assert of_array(large) == of_array(large.copy())
    assert of_array(large) != of_array(other)


def test_a_file_written_anew_is_another(tmp_path):
    path = tmp_path / "a.png"
    before = of_files([path])
    path.write_bytes(b"1")
    written = of_files([path])
    later(path)

    assert len({before, written, of_files([path])}) == 3


def test_files_in_another_order_are_others(tmp_path):
    paths = [tmp_path / "a", tmp_path / "b"]

    assert of_files(paths) != of_files(paths[::-1])


def test_a_zarr_of_which_a_chunk_was_written_is_another(tmp_path, data):
    array = zarr.create_array(tmp_path / "a.zarr", shape=(5, 7, 8), chunks=(1, 7, 8), dtype="u1")
    array[:2] = data[:2]
    before = of_zarr(tmp_path / "a.zarr"), of_array(array)
    array[2:] = data[2:]

    assert of_zarr(tmp_path / "a.zarr") != before[0]
    assert of_array(array) != before[1]


def test_a_zarr_among_files_counts_as_a_whole(tmp_path, data):
    for name in "ab":
        zarr.save_array(tmp_path / f"{name}.zarr", data)
    paths = [tmp_path / "a.zarr", tmp_path / "b.zarr"]
    stack = FilesStack(paths, "tyx")
    before = [stack.frame_identity((number, 2)) for number in range(2)]
    later(paths[1] / "zarr.json")

    assert stack.frame_identity((0, 2)) == before[0]
    assert stack.frame_identity((1, 2)) != before[1]


def test_files_are_the_same_data_whatever_is_in_one_and_its_frame_is_another(tmp_path, data):
    paths = [tmp_path / f"{number}.npy" for number in range(3)]
    for path, frame in zip(paths, data, strict=False):
        np.save(path, frame)
    before = FilesStack(paths)
    known = [before.frame_identity((number,)) for number in range(3)]
    later(paths[1])
    paths[2].unlink()
    after = FilesStack(paths)

    assert after.identity == before.identity
    assert [after.frame_identity((number,)) == known[number] for number in range(3)] == [
        True,
        False,
        False,
    ]
    assert FilesStack(paths[::-1]).identity != before.identity
    assert FilesStack(paths, "tyx").identity != before.identity


def test_of_one_file_or_array_the_identity_tells_all(tmp_path, data):
    np.save(tmp_path / "a.npy", data)

    assert ArrayStack(data, "tyx").frame_identity((3,)) == ""
    assert open_file(tmp_path / "a.npy", "tyx").frame_identity((3,)) == ""
    with pytest.raises(StackError, match="has no frame"):
        ArrayStack(data, "tyx").frame_identity((5,))


def test_an_array_of_hdf5_is_known_by_its_file(tmp_path, data):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["a"], file["b"] = data, data
    with h5py.File(tmp_path / "a.h5") as file:
        assert of_array(file["a"]) == of_array(file["a"])
        assert of_array(file["a"]) != of_array(file["b"])
