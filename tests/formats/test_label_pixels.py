"""Label images in all the ways in which they are stored."""

import numpy as np
import pytest
import tifffile
import zarr
from PIL import Image

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.label_pixels import is_mask, read_labels
from napari_cutout.train.data.label_files import LabelFiles

IDS = np.arange(20 * 30).reshape(20, 30) % 5


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int16, np.uint32, np.int64, np.uint64])
def test_integers_stay_as_they_are(tmp_path, dtype):
    tifffile.imwrite(tmp_path / "a.tif", IDS.astype(dtype))

    assert np.array_equal(read_labels(tmp_path / "a.tif"), IDS.astype(dtype))
    assert read_labels(tmp_path / "a.tif").dtype == dtype


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_whole_floats_are_integers(tmp_path, dtype):
    tifffile.imwrite(tmp_path / "a.tif", IDS.astype(dtype))

    found = read_labels(tmp_path / "a.tif")
    assert (found.dtype, found.tolist()) == (np.int64, IDS.tolist())


@pytest.mark.parametrize("wrong", [0.5, np.nan, np.inf, 2.0**25])
def test_other_floats_are_refused_by_name(tmp_path, wrong):
    tifffile.imwrite(tmp_path / "a.tif", np.where(IDS == 3, wrong, IDS).astype(np.float32))

    with pytest.raises(FormatError, match=r"a\.tif: labels are whole numbers, not .*float32"):
        read_labels(tmp_path / "a.tif")


def test_a_palette_has_ids(tmp_path):
    picture = Image.fromarray(IDS.astype(np.uint8))
    picture.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 0])
    picture.save(tmp_path / "a.png")

    assert np.array_equal(read_labels(tmp_path / "a.png"), IDS)


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize("count", [3, 4])
def test_greys_in_colours_are_numbers(tmp_path, name, count):
    colours = np.stack([IDS] * 3 + [np.full_like(IDS, 255)], axis=-1)[..., :count].astype(np.uint8)
    written(tmp_path / name, colours)

    assert np.array_equal(read_labels(tmp_path / name), IDS)


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_colours_are_refused_by_name(tmp_path, name):
    written(tmp_path / name, np.stack([IDS, IDS * 2, IDS], axis=-1).astype(np.uint8))

    with pytest.raises(FormatError, match=rf"{name}: labels have one number .* not colours"):
        read_labels(tmp_path / name)


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([0, 255], np.uint8, True),
        ([255], np.uint8, True),
        ([0, 65535], np.uint16, True),
        ([0, 255], np.uint16, False),
        ([0, 1], np.uint8, False),
        ([0, 7, 255], np.uint8, False),
        ([], np.uint8, False),
        ([0, 127], np.int8, False),
    ],
)
def test_a_mask_has_the_largest_value_alone(values, dtype, expected):
    assert is_mask(np.array(values, dtype)) is expected


def written(path, colours):
    if path.suffix == ".png":
        Image.fromarray(colours).save(path)
    else:
        tifffile.imwrite(path, colours, photometric="rgb")


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_whole_floats_of_a_zarr_are_integers_where_they_are_sliced(tmp_path, dtype):
    array = zarr.create_array(tmp_path / "a.zarr", data=np.stack([IDS, IDS + 1]).astype(dtype))

    found = read_labels(tmp_path / "a.zarr")

    assert (found.dtype, found.shape, found.ndim) == (np.int64, array.shape, 3)
    assert (found[1].dtype, found[1].tolist()) == (np.int64, (IDS + 1).tolist())
    assert np.array_equal(np.asarray(found), np.stack([IDS, IDS + 1]))
    assert np.asarray(found, np.uint8).dtype == np.uint8


@pytest.mark.parametrize("wrong", [0.5, np.nan, np.inf, 2.0**25])
def test_a_frame_of_a_zarr_with_other_floats_is_refused_by_name(tmp_path, wrong):
    frames = np.stack([IDS, np.where(IDS == 3, wrong, IDS)]).astype(np.float32)
    zarr.create_array(tmp_path / "a.zarr", data=frames, chunks=(1, 20, 30))

    found = read_labels(tmp_path / "a.zarr")

    # What isn't read isn't judged.
    assert np.array_equal(found[0], IDS)
    with pytest.raises(FormatError, match=r"a\.zarr: labels are whole numbers, not .*float32"):
        found[1]


def test_a_zarr_of_whole_floats_is_learned_from(tmp_path):
    zarr.create_array(tmp_path / "a.zarr", data=np.stack([IDS] * 2).astype(np.float32))
    np.save(tmp_path / "a.npy", np.zeros((2, 20, 30), np.uint8))

    frames = LabelFiles("a", tmp_path / "a.npy", tmp_path / "a.zarr").frames()

    assert [frame.labels.tolist() for frame in frames] == [IDS.tolist()] * 2
