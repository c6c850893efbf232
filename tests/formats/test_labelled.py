"""Folders of labelled images."""

import numpy as np
import pytest
from skimage.io import imsave
from tifffile import imwrite

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.labelled import find_files, read


def write(folder, name, image, labels):
    for part, array in (("images", image), ("labels", labels)):
        (folder / part).mkdir(parents=True, exist_ok=True)
        imsave(folder / part / name, array, check_contrast=False)


@pytest.fixture
def folder(tmp_path):
    for number in range(16):
        image = np.full((6, 7), number, np.uint8)
        write(tmp_path / "cells", f"{number:02}.png", image, image.astype(np.uint16))
    return tmp_path


def test_a_folder_of_folders_is_looked_through(folder):
    assert [file.name for file in find_files(folder)][:2] == ["cells/00.png", "cells/01.png"]
    assert find_files(folder) == find_files(folder / "cells")


def test_train_and_validation_share_no_file_and_leave_none_out(folder):
    train, validation = find_files(folder, "train"), find_files(folder, "validation")
    assert len(validation) == 2
    assert sorted([*train, *validation], key=lambda f: f.name) == find_files(folder)


def test_a_split_does_not_change_when_another_folder_is_added(folder):
    before = find_files(folder, "validation")
    write(folder / "more", "a.png", np.zeros((4, 4), np.uint8), np.ones((4, 4), np.uint16))
    assert [f for f in find_files(folder, "validation") if f.folder == "cells"] == before


def test_patterns_leave_files_out(folder):
    assert len(find_files(folder, exclude=["cells/0*"])) == 6


def test_a_file_is_read_with_its_labels(folder):
    (frame,) = read(find_files(folder)[3])
    assert frame.name == "cells/03.png"
    assert (frame.frame.max(), frame.labels.max()) == (3, 1)


def test_a_volume_gives_its_planes_that_hold_objects(tmp_path):
    labels = np.zeros((4, 9, 9), np.uint16)
    labels[1:3, 2:5, 2:5] = 7
    write(tmp_path / "v", "vol.tif", labels.astype(np.uint8), labels)
    names = [frame.name for frame in read(find_files(tmp_path)[0])]
    assert names == ["v/vol.tif[1]", "v/vol.tif[2]"]


def test_a_binary_mask_becomes_its_connected_parts(tmp_path):
    mask = np.zeros((9, 9), bool)
    mask[1:3, 1:3] = mask[5:7, 5:7] = True
    (tmp_path / "b" / "labels").mkdir(parents=True)
    (tmp_path / "b" / "images").mkdir()
    imsave(tmp_path / "b" / "images" / "a.tif", mask.astype(np.uint8), check_contrast=False)
    imwrite(tmp_path / "b" / "labels" / "a.tif", mask)
    (frame,) = read(find_files(tmp_path)[0])
    assert frame.labels.max() == 2


@pytest.mark.parametrize("white", [np.uint8(255), np.uint16(65535)])
def test_a_mask_of_black_and_white_becomes_its_connected_parts(tmp_path, white):
    mask = np.zeros((9, 9), white.dtype)
    mask[1:3, 1:3] = mask[5:7, 5:7] = white
    write(tmp_path / "b", "a.tif", mask, mask)
    (frame,) = read(find_files(tmp_path)[0])
    assert frame.labels.max() == 2


def test_hidden_files_are_passed_over(folder):
    for part in ("images", "labels"):
        (folder / "cells" / part / "._00.png").write_bytes(b"of macOS")
    assert len(find_files(folder)) == 16


def test_labels_are_no_jpegs(tmp_path):
    write(tmp_path / "x", "a.jpg", np.zeros((8, 8), np.uint8), np.ones((8, 8), np.uint8))
    with pytest.raises(FormatError, match="no labelled image"):
        find_files(tmp_path)


def test_two_files_of_labels_for_an_image_are_named(folder):
    imwrite(folder / "cells" / "labels" / "03.tif", np.ones((6, 7), np.uint16))
    with pytest.raises(FormatError, match=r"03\.png and 03\.tif"):
        find_files(folder)


def test_shapes_that_do_not_match_are_refused(tmp_path):
    write(tmp_path / "x", "a.png", np.zeros((4, 5), np.uint8), np.ones((5, 4), np.uint16))
    with pytest.raises(FormatError, match="does not match"):
        list(read(find_files(tmp_path)[0]))


def test_a_truncated_file_is_refused(folder):
    path = folder / "cells" / "images" / "00.png"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(FormatError, match=r"00\.png"):
        list(read(find_files(folder)[0]))


def test_an_empty_place_says_what_was_expected(tmp_path):
    with pytest.raises(FormatError, match="images/ and labels/"):
        find_files(tmp_path)


def test_ids_are_counted_from_one(tmp_path):
    labels = np.array([[0, 2_000_000_000], [7, 7]], np.uint32)
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    imsave(tmp_path / "images" / "a.png", np.zeros((2, 2), np.uint8), check_contrast=False)
    imwrite(tmp_path / "labels" / "a.tif", labels)
    (frame,) = read(find_files(tmp_path)[0])
    assert frame.labels.tolist() == [[0, 2], [1, 1]]


def test_negative_ids_are_refused(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    imsave(tmp_path / "images" / "a.png", np.zeros((2, 2), np.uint8), check_contrast=False)
    imwrite(tmp_path / "labels" / "a.tif", np.array([[0, -1], [7, 7]], np.int32))
    with pytest.raises(FormatError, match="-1"):
        list(read(find_files(tmp_path)[0]))
