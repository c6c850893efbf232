"""Pixels lie as they are stored and as napari shows them, however the camera was held."""

import imageio.v3 as imageio
import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_cutout.formats.images import open_image
from napari_cutout.formats.label_pixels import read_labels
from napari_cutout.formats.labelled import find_files, read
from napari_cutout.stacks import open_stack
from napari_cutout.train.data.label_files import LabelFiles

ORIENTATION = 274
STORED = np.zeros((20, 30), np.uint8)
STORED[2:9, 3:22] = 1
NAMES = ["a.png", "a.jpg", "a.tif"]


def turned(path, pixels, how):
    """Write a picture of which it is said that it is to be turned."""
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".tif":
        tag = (ORIENTATION, "H", 1, how, True)
        tifffile.imwrite(path, pixels, extratags=[tag])
        return path
    exif = Image.Exif()
    exif[ORIENTATION] = how
    Image.fromarray(pixels).save(path, exif=exif)
    return path


@pytest.mark.parametrize("how", range(1, 9))
@pytest.mark.parametrize("name", NAMES)
def test_a_turned_picture_is_read_as_napari_reads_it(tmp_path, name, how):
    path = turned(tmp_path / name, STORED * 200, how)

    # What napari's own reader calls.
    shown = imageio.imread(path)

    assert shown.shape == (20, 30)
    assert np.array_equal(open_image(path).frame(), shown)
    assert np.array_equal(open_stack(path).read(()), shown)


@pytest.mark.parametrize("how", [3, 6])
@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_turned_labels_are_read_as_they_are_stored(tmp_path, name, how):
    assert np.array_equal(read_labels(turned(tmp_path / name, STORED, how)), STORED)


@pytest.mark.parametrize("name", NAMES)
def test_labels_fit_a_picture_that_is_said_to_be_turned(tmp_path, name):
    image = turned(tmp_path / "images" / name, STORED * 200, 6)
    labels = turned(tmp_path / "labels" / "a.png", STORED, 1)

    [evaluated] = read(*find_files(tmp_path))
    [trained] = LabelFiles("a", image, labels).frames()

    for found in (evaluated, trained):
        assert found.frame.shape == found.labels.shape == (20, 30)
        assert np.array_equal(found.frame > 100, found.labels == 1)
