"""A stack of whatever is given."""

import os

import numpy as np
import pytest
import tifffile
import zarr
from PIL import Image

from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.frames.arrays import ArrayStack
from napari_cutout.stacks.frames.files import FilesStack
from napari_cutout.stacks.frames.opening import open_stack
from napari_cutout.stacks.frames.pictures import PictureStack
from napari_cutout.stacks.frames.tiff import TiffStack

DATA = np.arange(6 * 20 * 30, dtype=np.uint16).reshape(6, 20, 30)


@pytest.fixture
def folder(tmp_path):
    for number in range(6):
        Image.fromarray(DATA[number]).save(tmp_path / f"t{number}.png")
    tifffile.imwrite(tmp_path / "a.tif", DATA, imagej=True, metadata={"axes": "TYX"})
    np.save(tmp_path / "a.npy", DATA)
    zarr.create_array(tmp_path / "a.zarr", data=DATA, dimension_names=("t", "y", "x"))
    (tmp_path / "frames").mkdir()
    for number in range(6):
        Image.fromarray(DATA[number]).save(tmp_path / "frames" / f"{number}.png")
    return tmp_path


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (lambda folder: DATA, ArrayStack),
        (lambda folder: folder / "a.tif", TiffStack),
        (lambda folder: str(folder / "a.npy"), ArrayStack),
        (lambda folder: folder / "a.zarr", ArrayStack),
        (lambda folder: zarr.open(folder / "a.zarr", mode="r"), ArrayStack),
        (lambda folder: folder / "frames", FilesStack),
        (lambda folder: folder / "t*.png", FilesStack),
        (lambda folder: [folder / f"t{number}.png" for number in range(6)], FilesStack),
    ],
    ids=["array", "tiff", "npy", "zarr", "zarr array", "folder", "glob", "list"],
)
def test_anything_with_frames_is_a_stack(folder, source, kind):
    stack = open_stack(source(folder))

    assert type(stack) is kind
    assert (stack.shape, stack.frame_shape, stack.dtype) == ((6,), (20, 30), np.uint16)
    assert np.array_equal(stack.read((4,)), DATA[4])


@pytest.mark.parametrize("source", ["t3.png", ["t3.png"]])
def test_one_picture_is_one_plane(folder, source, monkeypatch):
    monkeypatch.chdir(folder)
    stack = open_stack(source)

    assert (type(stack), len(stack), stack.axes) == (PictureStack, 1, ())


def test_a_path_stays_when_the_folder_is_left(folder, monkeypatch):
    monkeypatch.chdir(folder)
    stack = open_stack("frames")
    monkeypatch.chdir(os.sep)

    assert np.array_equal(stack.read((4,)), DATA[4])


def test_axes_and_channel_reach_the_data(folder):
    assert open_stack(folder / "a.tif", axes="zyx").axes == ("z",)
    assert np.array_equal(open_stack(folder / "a.tif", axes="cyx", channel=4).read(()), DATA[4])


def test_a_stack_stays_as_it_is():
    stack = ArrayStack(DATA)

    assert open_stack(stack) is stack
    with pytest.raises(StackError, match="is a stack already"):
        open_stack(stack, axes="tyx")


def test_a_file_of_which_the_name_has_brackets_is_no_glob(tmp_path):
    np.save(tmp_path / "a[1].npy", DATA)

    assert open_stack(tmp_path / "a[1].npy").shape == (6,)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("nothing.tif", "there is no such file"),
        ("*.nothing", "no file matches"),
        ([DATA, DATA], "list isn't read as a stack.*numpy.stack"),
        (7, "int isn't read as a stack"),
    ],
)
def test_what_is_no_stack_is_said(source, said):
    with pytest.raises(StackError, match=said):
        open_stack(source)


@pytest.mark.parametrize("name", ["a.txt", "a"])
def test_a_file_of_another_kind_is_said(tmp_path, name):
    (tmp_path / name).write_text("words")

    with pytest.raises(StackError, match="isn't read; give a png, jpg, bmp, tif"):
        open_stack(tmp_path / name)
