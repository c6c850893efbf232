"""Which files are frames, and in which order."""

import numpy as np
import pytest
import zarr

from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames.paths import in_folder, of_glob, of_list


@pytest.fixture
def touch(tmp_path):
    def touch(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).touch()

    return touch


def names(paths):
    return [path.name for path in paths]


def test_numbers_are_sorted_by_value(tmp_path, touch):
    touch("t10.png", "t9.png", "T1.png", "t010b.png")

    assert names(in_folder(tmp_path)) == ["T1.png", "t9.png", "t10.png", "t010b.png"]


def test_what_is_no_image_is_passed_over(tmp_path, touch):
    touch("a.png", "notes.txt", ".b.png", "Thumbs.db", "a.labels.tif", "b.TIF", "sub/c.png")
    zarr.save_array(tmp_path / "c", np.zeros((2, 3)))
    zarr.save_array(tmp_path / "a.png.embeddings.zarr", np.zeros((2, 3)))

    assert names(in_folder(tmp_path)) == ["a.png", "b.TIF", "c"]


def test_videos_are_taken_where_there_is_no_image(tmp_path, touch):
    touch("a.mp4", "b.avi")
    assert names(in_folder(tmp_path)) == ["a.mp4", "b.avi"]

    touch("c.png")
    assert names(in_folder(tmp_path)) == ["c.png"]


def test_an_empty_folder_is_said(tmp_path):
    with pytest.raises(StackError, match=r"no image in .*: it is empty"):
        in_folder(tmp_path)


def test_a_folder_without_images_is_said(tmp_path, touch):
    touch("a.txt", "b.pdf")

    with pytest.raises(StackError, match="none of its 2 entries is one"):
        in_folder(tmp_path)


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(StackError, match="can't be read"):
        in_folder(tmp_path / "nothing")


def test_a_glob_takes_files_of_any_name_in_natural_order(tmp_path, touch):
    touch("b10.dat", "b2.dat", "c.dat", "b.labels.dat")

    assert names(of_glob(tmp_path / "b*.dat")) == ["b2.dat", "b10.dat"]


def test_a_glob_takes_a_zarr_as_one(tmp_path, touch):
    zarr.save_array(tmp_path / "a.zarr", np.zeros((2, 3)))

    assert names(of_glob(tmp_path / "**")) == ["a.zarr"]


def test_a_glob_that_matches_nothing_is_said(tmp_path):
    with pytest.raises(StackError, match="no file matches"):
        of_glob(tmp_path / "*.png")


def test_a_list_keeps_its_order(tmp_path):
    assert names(of_list([tmp_path / "b.png", str(tmp_path / "a.png")])) == ["b.png", "a.png"]


@pytest.mark.parametrize(
    ("given", "said"),
    [([], "no file was given"), (["a.png", "a.png"], "given twice"), (["."], "is a folder")],
)
def test_lists_that_make_no_stack_are_refused(given, said):
    with pytest.raises(StackError, match=said):
        of_list(given)
