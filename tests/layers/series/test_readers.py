"""The readers of files: the library's own and napari's."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
import zarr
from napari.components import ViewerModel
from napari.layers import Image
from npe2 import DynamicPlugin

from napari_cutout.annotate.series.files import SeriesError
from napari_cutout.layers.series.readers import (
    open_layers,
    read_with_library,
    read_with_napari,
)

# napari draws a bar in the terminal.
pytestmark = pytest.mark.filterwarnings("ignore::tqdm.TqdmWarning")


def write(path, shape, dtype=np.uint8, photometric="minisblack"):
    tifffile.imwrite(
        path, np.arange(np.prod(shape)).reshape(shape).astype(dtype), photometric=photometric
    )
    return path


@pytest.mark.parametrize(
    "read", [read_with_library, read_with_napari(), read_with_napari("napari")]
)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.uint32, np.float32])
def test_an_image_is_an_image(tmp_path, read, dtype):
    """Napari takes those of 32-bit integers for labels."""
    path = write(tmp_path / "a.tif", (5, 6), dtype)
    viewer = ViewerModel()
    layers, images = open_layers(viewer, path, read)

    assert layers == images == list(viewer.layers)
    assert images[0].name == "a"
    np.testing.assert_array_equal(images[0].data, tifffile.imread(path))


def test_colours_are_colours_and_other_channels_are_layers(tmp_path):
    viewer = ViewerModel()
    _, (image,) = open_layers(
        viewer, write(tmp_path / "a.tif", (5, 6, 3), photometric="rgb"), read_with_library
    )
    assert image.rgb
    pixels = np.zeros((5, 6, 2), np.uint8)
    tifffile.imwrite(tmp_path / "b.tif", pixels, photometric="minisblack", planarconfig="contig")
    _, images = open_layers(viewer, tmp_path / "b.tif", read_with_library)
    assert [image.data.shape for image in images] == [(5, 6), (5, 6)]


def test_a_zarr_is_not_read_whole(tmp_path):
    shape, chunks = (1 << 30, 64, 64), (1, 64, 64)
    zarr.create_array(tmp_path / "a.zarr", shape=shape, dtype="uint8", chunks=chunks)
    _, (image,) = open_layers(ViewerModel(), tmp_path / "a.zarr", read_with_library)

    assert isinstance(image.data, zarr.Array)


def test_the_levels_of_an_ome_zarr_are_one_layer(tmp_path):
    group = zarr.open_group(tmp_path / "a.zarr")
    for name, size in (("0", 100_000), ("1", 100)):
        group.create_array(name, shape=(size, size), dtype="uint8", chunks=(100, 100))
    group.attrs["multiscales"] = [{"datasets": [{"path": "0"}, {"path": "1"}]}]
    _, (image,) = open_layers(ViewerModel(), tmp_path / "a.zarr", read_with_library)

    assert image.multiscale
    assert [level.shape for level in image.data] == [(100_000, 100_000), (100, 100)]


def test_where_two_plugins_can_read_one_is_taken(tmp_path):
    """And the one that was asked for, where one was."""
    path = tmp_path / "a.twice"
    path.touch()
    with DynamicPlugin("first") as first, DynamicPlugin("second") as second:
        for plugin, value in ((first, 1), (second, 2)):

            @plugin.contribute.reader(filename_patterns=["*.twice"])
            def get_reader(path, value=value):
                return lambda _path: [(np.full((2, 2), value, np.uint8),)]

        viewer = ViewerModel()
        values = [
            open_layers(viewer, path, read)[1][0].data[0, 0]
            for read in (read_with_napari(), read_with_napari("second"))
        ]
    assert values[0] in (1, 2)
    assert values[1] == 2


def test_reasons_are_those_of_who_read(tmp_path):
    path = tmp_path / "a.broken"
    path.touch()
    viewer = ViewerModel()
    with pytest.raises(SeriesError, match="No plugin found"):
        open_layers(viewer, path, read_with_napari())
    with DynamicPlugin("breaks") as plugin:

        @plugin.contribute.reader(filename_patterns=["*.broken"])
        def get_reader(path):
            def read(_path):
                raise KeyError("the third byte")

            return read

        with pytest.raises(SeriesError, match="the third byte"):
            open_layers(viewer, path, read_with_napari())
    assert list(viewer.layers) == []


def test_layers_that_are_no_images_come_and_go_with_the_file(tmp_path):
    def read(viewer, _path):
        return [viewer.add_points([[1, 2]]), viewer.add_image(np.zeros((4, 5)))]

    layers, images = open_layers(ViewerModel(), tmp_path / "a.tif", read)

    assert len(layers) == 2
    assert [type(image) for image in images] == [Image]
