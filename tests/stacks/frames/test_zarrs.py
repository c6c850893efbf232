"""Frames of zarrs and OME-Zarrs."""

import pickle

import numpy as np
import pytest
import zarr

from napari_cutout.stacks.errors import FrameReadError, StackError
from napari_cutout.stacks.frames.zarrs import open_zarr

DATA = np.random.default_rng(0).integers(0, 60_000, (5, 2, 7, 8), dtype=np.uint16)


def ome(path, axes="tcyx", version="0.5", scale=None, units=None, data=DATA, levels=2):
    """An OME-Zarr image."""
    group = zarr.open_group(path, mode="w", zarr_format=3 if version == "0.5" else 2)
    datasets = []
    for level in range(levels):
        step = 2**level
        chunks = (1,) * (data.ndim - 2) + (7, 8)
        group.create_array(str(level), data=data[..., ::step, ::step], chunks=chunks)
        factors = [1.0] * (data.ndim - 2) + [float(step)] * 2
        datasets.append(
            {"path": str(level), "coordinateTransformations": [{"type": "scale", "scale": factors}]}
        )
    stated = {"datasets": datasets, "version": version}
    if axes is not None:
        stated["axes"] = [{"name": axis} for axis in axes]
        for axis in stated["axes"]:
            if axis["name"] in (units or {}):
                axis["unit"] = units[axis["name"]]
    if scale is not None:
        stated["coordinateTransformations"] = [{"type": "scale", "scale": scale}]
    multiscales = {"multiscales": [stated]}
    group.attrs.update({"ome": multiscales} if version == "0.5" else multiscales)
    return path


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_ome_zarr_says_axes_sizes_and_units(tmp_path, version):
    units = {"t": "second", "y": "micrometer", "x": "micrometer"}
    path = ome(tmp_path / "a.zarr", "tzyx", version, [3.0, 2.0, 0.5, 0.25], units)

    stack = open_zarr(path)

    assert (stack.axes, stack.shape, stack.frame_shape) == (("t", "z"), (5, 2), (7, 8))
    assert stack.scale == (3.0, 2.0, 0.5, 0.25)
    assert stack.units == ("second", None, "micrometer", "micrometer")
    assert np.array_equal(stack.read((4, 1)), DATA[4, 1])


def test_a_channel_is_taken(tmp_path):
    path = ome(tmp_path / "a.zarr", "tcyx", scale=[3.0, 9.0, 0.5, 0.25])

    stack = open_zarr(path, channel=1)

    assert (stack.axes, stack.scale) == (("t",), (3.0, 0.5, 0.25))
    assert np.array_equal(stack.read((4,)), DATA[4, 1])
    with pytest.raises(StackError, match="2 channels"):
        open_zarr(path)


def test_channels_are_known_by_their_type(tmp_path):
    path = ome(tmp_path / "a.zarr", "twyx")
    group = zarr.open_group(path, mode="r+")
    stated = dict(group.attrs["ome"])
    stated["multiscales"][0]["axes"][1]["type"] = "channel"
    group.attrs["ome"] = stated

    assert open_zarr(path, channel=1).axes == ("t",)


def test_axes_of_length_one_stay(tmp_path):
    path = ome(tmp_path / "a.zarr", "tzyx", data=DATA[:1, :1])

    assert open_zarr(path).shape == (1, 1)


def test_the_first_versions_had_five_axes(tmp_path):
    path = ome(tmp_path / "a.zarr", None, "0.4", data=DATA[:, :, None])

    assert open_zarr(path, channel=1).axes == ("t", "z")


def test_axes_that_are_named_otherwise_have_no_sizes(tmp_path):
    path = ome(tmp_path / "a.zarr", "tzyx", scale=[3.0, 2.0, 0.5, 0.25])

    stack = open_zarr(path, "ztyx")

    assert (stack.axes, stack.scale) == (("z", "t"), (1.0, 1.0, 0.5, 0.25))


def test_an_image_of_bioformats_is_found(tmp_path):
    zarr.open_group(tmp_path / "a.zarr", mode="w").attrs["ome"] = {"bioformats2raw.layout": 3}
    ome(tmp_path / "a.zarr" / "0", "tzyx")

    assert open_zarr(tmp_path / "a.zarr").shape == (5, 2)

    ome(tmp_path / "a.zarr" / "1", "tzyx")
    with pytest.raises(StackError, match=r"several images; give one: .*a\.zarr/0, .*a\.zarr/1"):
        open_zarr(tmp_path / "a.zarr")


def test_a_plate_is_many_images(tmp_path):
    zarr.open_group(tmp_path / "a.zarr", mode="w").attrs["ome"] = {"plate": {}}

    with pytest.raises(StackError, match=r"is a plate.*a\.zarr/A/1/0"):
        open_zarr(tmp_path / "a.zarr")


def test_dimensions_that_have_names_are_axes(tmp_path):
    array = zarr.create_array(
        tmp_path / "a.zarr", data=DATA, dimension_names=("time", "z", "y", "x")
    )

    assert open_zarr(tmp_path / "a.zarr").axes == open_zarr(array).axes == ("time", "z")


def test_dimensions_that_xarray_named_are_axes(tmp_path):
    array = zarr.create_array(tmp_path / "a.zarr", data=DATA, zarr_format=2)
    array.attrs["_ARRAY_DIMENSIONS"] = ["time", "z", "y", "x"]

    assert open_zarr(tmp_path / "a.zarr").axes == ("time", "z")


def test_an_array_without_names_is_asked_about(tmp_path):
    zarr.create_array(tmp_path / "a.zarr", data=DATA)

    with pytest.raises(StackError, match="tzyx or tcyx"):
        open_zarr(tmp_path / "a.zarr")
    assert open_zarr(tmp_path / "a.zarr", "tzyx").shape == (5, 2)


def test_a_group_that_is_no_image_lists_its_arrays(tmp_path):
    zarr.open_group(tmp_path / "a.zarr", mode="w").create_array("raw", data=DATA)

    with pytest.raises(StackError, match=r"give one of its arrays: .*a\.zarr/raw"):
        open_zarr(tmp_path / "a.zarr")


@pytest.mark.parametrize(
    "stated",
    [
        {"datasets": [{"path": "gone"}]},
        {"datasets": []},
        {"axes": [{"name": "y"}, {"name": "x"}], "datasets": [{"path": "0"}]},
        {"axes": 7, "datasets": [{"path": "0"}]},
    ],
)
def test_what_is_no_ome_zarr_inside_is_said(tmp_path, stated):
    group = zarr.open_group(ome(tmp_path / "a.zarr", "tzyx"), mode="r+")
    group.attrs["ome"] = {"multiscales": [stated]}

    with pytest.raises(StackError, match="isn't OME-Zarr's"):
        open_zarr(tmp_path / "a.zarr")


def test_what_is_no_zarr_is_said(tmp_path):
    (tmp_path / "zarr.json").write_text("{")

    with pytest.raises(StackError, match="not a readable zarr"):
        open_zarr(tmp_path)


def test_a_damaged_chunk_is_one_frame_that_cannot_be_read(tmp_path):
    path = ome(tmp_path / "a.zarr", "tzyx")
    chunk = path / "0" / "c" / "3" / "1" / "0" / "0"
    chunk.write_bytes(chunk.read_bytes()[:9])
    stack = open_zarr(path)

    with pytest.raises(FrameReadError, match="frame t=3, z=1"):
        stack.read((3, 1))
    assert np.array_equal(stack.read((3, 0)), DATA[3, 0])


def test_a_pickled_stack_opens_its_folder_again(tmp_path):
    stack = open_zarr(ome(tmp_path / "a.zarr", "tzyx"))

    back = pickle.loads(pickle.dumps(stack))

    assert back.identity == stack.identity
    assert np.array_equal(back.read((4, 1)), DATA[4, 1])
