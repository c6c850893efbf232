"""Sequences and volumes of a labelled folder, read in order."""

import numpy as np
import pytest
from skimage.io import imsave
from tifffile import imwrite

from napari_cutout.evaluate.sequences.labelled import read_sequences
from napari_cutout.formats.errors import FormatError


@pytest.fixture
def put(tmp_path):
    """Write an image of one value, and one object as its labels."""

    def write(name, value, shape=(6, 8)):
        for kind, values in (("images", value), ("labels", 1)):
            (tmp_path / kind).mkdir(exist_ok=True)
            path = tmp_path / kind / name
            imsave(path, np.full(shape, values, np.uint8), check_contrast=False)
        return tmp_path

    return write


def test_frames_come_in_the_order_of_their_numbers(put):
    for number in (10, 9, 1):
        folder = put(f"t{number}.png", number)
    (one,) = read_sequences(folder)
    assert (one.name, one.is_volume) == (folder.name, False)
    assert one.frames[:, 0, 0].tolist() == [1, 9, 10]


def test_each_volume_is_a_sequence(put):
    put("a.tif", 1, (5, 6, 8))
    folder = put("b.tif", 2, (7, 6, 8))
    assert [(one.name, len(one.frames), one.is_volume) for one in read_sequences(folder)] == [
        (f"{folder.name}/a.tif", 5, True),
        (f"{folder.name}/b.tif", 7, True),
    ]


@pytest.mark.parametrize(
    ("name", "shape", "said"),
    [
        ("t1.tif", (5, 6, 8), "holds frames and volumes"),
        ("t1.png", (6, 9), "the frames of a sequence have one size"),
    ],
)
def test_what_does_not_go_together_is_refused(put, name, shape, said):
    put("t0.png", 1)
    with pytest.raises(FormatError, match=said):
        read_sequences(put(name, 1, shape))


def test_one_frame_is_no_sequence(put):
    with pytest.raises(FormatError, match="a sequence has two or more"):
        read_sequences(put("t0.png", 1))


def test_ids_may_be_whole_floats(put):
    put("t0.tif", 1)
    folder = put("t1.tif", 2)
    for number in (0, 1):
        imwrite(folder / "labels" / f"t{number}.tif", np.full((6, 8), 3, np.float32))
    (one,) = read_sequences(folder)
    assert (one.labels.dtype, one.labels.min(), one.labels.max()) == (np.int64, 3, 3)


def test_labels_of_another_size_are_refused(put):
    folder = put("t0.png", 1)
    imsave(folder / "labels" / "t0.png", np.ones((6, 7), np.uint8), check_contrast=False)
    with pytest.raises(FormatError, match="does not match its labels"):
        read_sequences(folder)
