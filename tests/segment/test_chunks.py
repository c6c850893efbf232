"""Large arrays, tile by tile."""

import dask.array as da
import h5py
import numpy as np
import pytest
import tensorstore
import xarray
import zarr
from hypothesis import given
from hypothesis import strategies as st

from computed import Computed
from napari_cutout.segment.chunks import TILE, chunk_shape, read_means


def as_it_is(tile):
    return tile


def in_zarr(array, folder):
    chunks = (7, 5, *array.shape[2:])
    stored = zarr.create_array(folder / "a.zarr", shape=array.shape, chunks=chunks, dtype="u1")
    stored[:] = array
    return stored


def in_hdf5(array, folder):
    chunks = (7, 5, *array.shape[2:])
    return h5py.File(folder / "a.h5", "w").create_dataset("a", data=array, chunks=chunks)


def in_tensorstore(array, folder):
    in_zarr(array, folder)
    spec = {"driver": "zarr3", "kvstore": {"driver": "file", "path": str(folder / "a.zarr")}}
    return tensorstore.open(spec).result()


KINDS = {
    "dask": lambda array, folder: da.from_array(array, chunks=(7, 5, *array.shape[2:])),
    "xarray": lambda array, folder: xarray.DataArray(KINDS["dask"](array, folder)),
    "zarr": in_zarr,
    "h5py": in_hdf5,
    "tensorstore": in_tensorstore,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_array_tells_its_chunks(kind, tmp_path):
    assert chunk_shape(KINDS[kind](np.zeros((20, 30), np.uint8), tmp_path)) == (7, 5)


@pytest.mark.parametrize("array", [np.zeros((3, 4)), xarray.DataArray(np.zeros((3, 4)))])
def test_what_has_no_chunks_has_none(array):
    assert chunk_shape(array) is None


@pytest.mark.parametrize("channels", [(), (3,)], ids=["grey", "colours"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_array_gives_the_same_means(kind, channels, tmp_path):
    array = np.random.default_rng(0).integers(0, 256, (20, 30, *channels), dtype=np.uint8)
    expected = read_means(array, (2, 3), (17, 25), (3, 4), as_it_is)
    stored = KINDS[kind](array, tmp_path)
    assert np.array_equal(read_means(stored, (2, 3), (17, 25), (3, 4), as_it_is), expected)


@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.tuples(st.integers(1, 50), st.integers(1, 50)),
    st.sampled_from([(), (3,)]),
)
def test_means_are_those_of_numpy_however_the_array_is_cut(size, block, chunks, channels):
    array = np.random.default_rng(1).integers(0, 256, (50, 60, *channels), dtype=np.uint8)
    found = read_means(
        da.from_array(array, chunks=(*chunks, *channels)), (4, 6), size, block, as_it_is
    )
    box = array[4 : 4 + size[0], 6 : 6 + size[1]].astype(float)
    for row, col in np.ndindex(found.shape[:2]):
        piece = box[
            row * block[0] : (row + 1) * block[0], col * block[1] : (col + 1) * block[1]
        ].mean(axis=(0, 1))
        assert np.array_equal(found[row, col], np.floor(piece + 0.5).astype(np.uint8))


@pytest.mark.parametrize("chunks", [(512, 512), (1, 20_000), (20_000, 1), (3000, 100)])
def test_no_chunk_is_read_twice_and_none_is_too_much_at_once(chunks):
    array = Computed((20_000, 9_000), chunks=chunks)
    read_means(array, (0, 0), array.shape, (20, 20), as_it_is)
    assert array.read == 20_000 * 9_000
    assert array.largest <= 2 * TILE


def test_chunks_too_large_to_be_read_at_once_are_read_in_parts():
    array = Computed((9_000, 9_000), chunks=(9_000, 9_000))
    read_means(array, (0, 0), array.shape, (20, 20), as_it_is)
    assert array.largest <= 2 * TILE
