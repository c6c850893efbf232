"""Planes of arrays of every kind, read a box at a time."""

import dask.array as da
import h5py
import numpy as np
import pytest
import tensorstore
import xarray
import zarr

from napari_cutout.layers.image.channels import Channels
from napari_cutout.layers.image.planes import Plane, plane_of

VOLUME = np.random.default_rng(0).integers(0, 60_000, (6, 7, 8)).astype(np.uint16)
CHUNKS = (2, 3, 4)
ORIENTATIONS = [(4, None, None), (None, 4, None), (None, None, 4)]
BOX = (slice(1, 5), slice(2, 6))


def in_zarr(folder):
    array = zarr.create_array(folder / "a.zarr", shape=VOLUME.shape, chunks=CHUNKS, dtype="u2")
    array[:] = VOLUME
    return array


def in_tensorstore(folder):
    in_zarr(folder)
    spec = {"driver": "zarr3", "kvstore": {"driver": "file", "path": str(folder / "a.zarr")}}
    return tensorstore.open(spec).result()


KINDS = {
    "numpy": lambda folder: VOLUME,
    "dask": lambda folder: da.from_array(VOLUME, chunks=CHUNKS),
    "xarray": lambda folder: xarray.DataArray(VOLUME, dims=("z", "y", "x")),
    "zarr": in_zarr,
    "h5py": lambda folder: h5py.File(folder / "a.h5", "w").create_dataset(
        "a", data=VOLUME, chunks=CHUNKS
    ),
    "tensorstore": in_tensorstore,
}


@pytest.mark.parametrize("index", ORIENTATIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_array_is_read_in_every_orientation(kind, index, tmp_path):
    plane = plane_of(Plane(KINDS[kind](tmp_path), index))
    expected = VOLUME[tuple(slice(None) if at is None else at for at in index)]
    assert plane.shape == expected.shape
    assert np.array_equal(plane[BOX], expected[BOX])
    assert np.array_equal(plane[:, :], expected)


@pytest.mark.parametrize("kind", ["dask", "zarr", "h5py", "tensorstore"])
def test_a_plane_tells_the_chunks_of_its_axes(kind, tmp_path):
    assert Plane(KINDS[kind](tmp_path), (None, 4, None)).chunks == (2, 4)


def test_only_the_box_is_read():
    read = []

    class Watched:
        shape, chunks = VOLUME.shape, None

        def __getitem__(self, slices):
            read.append(slices)
            return VOLUME[slices]

    Plane(Watched(), (None, 4, None))[BOX]
    assert read == [(slice(1, 5), 4, slice(2, 6))]


def test_colours_come_last():
    data = np.zeros((5, 6, 7, 3), np.uint8)
    assert Plane(data, (2, None, None), rgb=True)[BOX].shape == (4, 4, 3)
    assert Plane(data, (2, None, None), rgb=True).shape == (6, 7, 3)


@pytest.mark.parametrize("positions", [(0, 1, 2), (4, 2, 0), (2, 1, 0), (1, 1, 1), (0, 1, 4), (3,)])
@pytest.mark.parametrize("kind", ["numpy", "dask"])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_channels_of_any_axis_become_colours(axis, positions, kind, tmp_path):
    index = tuple(3 if at == axis else None for at in range(3))
    plane = plane_of(Plane(KINDS[kind](tmp_path), index, channels=Channels(axis, positions)))
    expected = np.stack([VOLUME.take(at, axis) for at in positions], axis=-1)
    if len(positions) == 1:
        expected = expected[..., 0]
    assert plane.shape == expected.shape
    assert np.array_equal(plane[BOX], expected[BOX])


def test_planes_in_memory_are_views():
    for channels in (None, Channels(0, (4, 2, 0))):
        plane = plane_of(Plane(VOLUME, (3, None, None), channels=channels))
        assert np.shares_memory(plane, VOLUME)


def test_a_plane_of_a_mapped_file_stays_mapped(tmp_path):
    data = np.memmap(tmp_path / "a", np.uint8, "w+", shape=(4, 5, 6))
    assert isinstance(plane_of(Plane(data, (3, None, None))), np.memmap)
