"""Label images in all the ways in which they are stored."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.label_pixels import is_mask, read_labels

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
