"""Frames of pictures, and of numpy's files."""

import pickle

import numpy as np
import pytest
from PIL import Image

from napari_cutout.stacks.errors import FrameReadError, StackError
from napari_cutout.stacks.frames.pictures import PictureStack, open_npy

GREY = np.arange(20 * 30, dtype=np.uint8).reshape(20, 30)


def test_a_grey_picture_is_one_plane(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "a.png")

    stack = PictureStack(tmp_path / "a.png")

    assert (stack.axes, len(stack), stack.is_rgb) == ((), 1, False)
    assert np.array_equal(stack.read(()), GREY)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_a_picture_in_colours_is_rgb(tmp_path, mode):
    picture = Image.fromarray(np.stack([GREY, GREY[::-1], GREY], axis=-1)).convert(mode)
    picture.save(tmp_path / "a.png")

    stack = PictureStack(tmp_path / "a.png")

    assert stack.is_rgb
    assert np.array_equal(stack.read(()), np.asarray(picture.convert("RGB")))


def test_grey_with_transparency_is_grey(tmp_path):
    Image.fromarray(GREY).convert("LA").save(tmp_path / "a.png")

    assert np.array_equal(PictureStack(tmp_path / "a.png").read(()), GREY)


def test_a_pickled_picture_is_read_again(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "a.png")
    pickled = pickle.dumps(PictureStack(tmp_path / "a.png"))

    assert len(pickled) < 1000
    assert np.array_equal(pickle.loads(pickled).read(()), GREY)
    (tmp_path / "a.png").unlink()
    with pytest.raises(FrameReadError, match="there is no such file"):
        pickle.loads(pickled).read(())


def test_what_is_no_picture_is_said(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")

    with pytest.raises(StackError, match=r"a\.png: not a readable image"):
        PictureStack(tmp_path / "a.png")


def test_a_file_of_numpys_is_mapped(tmp_path):
    data = np.arange(5 * 20 * 30).reshape(5, 20, 30)
    np.save(tmp_path / "a.npy", data)

    stack = open_npy(tmp_path / "a.npy")

    assert (stack.axes, stack.shape) == (("i",), (5,))
    assert len(pickle.dumps(stack)) < 2000
    assert np.array_equal(pickle.loads(pickle.dumps(stack)).read((3,)), data[3])


@pytest.mark.parametrize("share", [0, 0.01, 0.5])
def test_a_file_of_numpys_that_was_cut_short_is_said(tmp_path, share):
    np.save(tmp_path / "a.npy", np.zeros((5, 20, 30)))
    content = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(content[: int(len(content) * share)])

    with pytest.raises(StackError, match=r"a\.npy: not a readable array of numpy"):
        open_npy(tmp_path / "a.npy")


def test_pickled_objects_are_not_loaded(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}], object))

    with pytest.raises(StackError, match="not a readable array"):
        open_npy(tmp_path / "a.npy")
