"""A few planes of a TIFF: frames or colours, as the file says."""

import re

import numpy as np
import pytest
import tifffile

from napari_cutout.evaluate.sequences.labelled import read_sequences
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.images import open_image
from napari_cutout.formats.labelled import find_files, read
from napari_cutout.segment import FrameError
from napari_cutout.stacks import AxesError, open_stack
from napari_cutout.train.data.label_files import LabelFiles

COLOURS = {"photometric": "rgb", "planarconfig": "separate"}
# tifffile chooses colours for such planes where nobody says what they are, then as now.
SAYS_FRAMES = {
    "axes, in the tags of colours": {**COLOURS, "metadata": {"axes": "ZYX"}},
    "axes": {"photometric": "minisblack", "metadata": {"axes": "ZYX"}},
    "ImageJ": {"imagej": True, "metadata": {"axes": "ZYX"}},
    "OME": {"ome": True, "photometric": "minisblack", "metadata": {"axes": "ZYX"}},
}
SAYS_COLOURS = {
    "tifffile": COLOURS,
    "others": {**COLOURS, "metadata": None},
    "OME": {**COLOURS, "ome": True, "metadata": {"axes": "SYX"}},
    "compressed": {**COLOURS, "compression": "zlib"},
}


def planes(count=3):
    return np.random.default_rng(0).integers(0, 255, (count, 20, 30), dtype=np.uint8)


@pytest.mark.parametrize("count", [3, 4])
@pytest.mark.parametrize("how", SAYS_FRAMES)
def test_planes_that_are_said_to_be_frames_are_frames(tmp_path, how, count):
    tifffile.imwrite(tmp_path / "a.tif", planes(count), **SAYS_FRAMES[how])

    stack, stored = open_stack(tmp_path / "a.tif"), open_image(tmp_path / "a.tif")

    assert (stack.axes, stack.shape, stack.is_rgb) == (("z",), (count,), False)
    with pytest.raises(FrameError, match="choose a frame with --frame"):
        stored.frame()
    for number in range(count):
        assert np.array_equal(stack.read((number,)), planes(count)[number])
        assert np.array_equal(stored.frame((number,)), planes(count)[number])


@pytest.mark.parametrize("how", ["minisblack", "miniswhite"])
def test_grey_planes_of_which_nothing_is_said_are_asked_about(tmp_path, how):
    tifffile.imwrite(tmp_path / "a.tif", planes(), photometric=how)

    with pytest.raises(AxesError, match="say which"):
        open_stack(tmp_path / "a.tif")
    with pytest.raises(FrameError, match="choose a frame with --frame"):
        open_image(tmp_path / "a.tif").frame()


@pytest.mark.parametrize("count", [3, 4])
@pytest.mark.parametrize("how", SAYS_COLOURS)
def test_planes_that_are_said_to_be_colours_are_one_frame(tmp_path, how, count):
    tifffile.imwrite(tmp_path / "a.tif", planes(count), **SAYS_COLOURS[how])

    stack, stored = open_stack(tmp_path / "a.tif"), open_image(tmp_path / "a.tif")

    assert (stack.shape, stack.is_rgb) == ((), True)
    assert np.array_equal(stack.read(()), planes(count).transpose(1, 2, 0)[..., :3])
    assert np.array_equal(stored.frame(), planes(count).transpose(1, 2, 0))
    # As napari shows them, and as who knows better calls them.
    assert np.array_equal(stored.data, planes(count))
    assert np.array_equal(stored.frame(channel=1), planes(count)[1])
    assert np.array_equal(stored.frame((2,)), planes(count)[2])
    assert np.array_equal(open_stack(tmp_path / "a.tif", axes="zyx").read((2,)), planes(count)[2])


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_frames_of_planes_of_colours_are_counted_by_frames(tmp_path, compression):
    frames = np.stack([planes(), 255 - planes()])
    tifffile.imwrite(tmp_path / "a.tif", frames, **COLOURS, compression=compression)

    stored = open_image(tmp_path / "a.tif")

    assert np.array_equal(stored.frame((1,)), frames[1].transpose(1, 2, 0))
    assert np.array_equal(stored.frame((1, 2)), frames[1, 2])
    # As the file has it, and napari shows it.
    shape = re.escape(str(frames.shape))
    with pytest.raises(FrameError, match=rf"has shape {shape}: .*--frame I \(0 to 1\)"):
        stored.frame()
    with pytest.raises(FrameError, match=rf"axis 0 of shape {shape}; give 0 to 1"):
        stored.frame((2,))
    with pytest.raises(FrameError, match=rf"its colours are 3 \(shape {shape}\); give 0 to 2"):
        stored.frame((1,), channel=3)


@pytest.mark.parametrize("reader", [lambda folder: list(read(*find_files(folder))), read_sequences])
def test_labels_that_do_not_fit_are_told_the_files_own_shape(tmp_path, reader):
    for name in ("images", "labels"):
        (tmp_path / name).mkdir()
    tifffile.imwrite(tmp_path / "images" / "a.tif", planes(), **COLOURS)
    tifffile.imwrite(tmp_path / "labels" / "a.tif", np.ones((9, 9), np.uint16))

    with pytest.raises(FormatError, match=r"shape \(3, 20, 30\) does not match .* \(9, 9\)"):
        reader(tmp_path)


@pytest.mark.parametrize("by_plane", [True, False])
def test_labels_tell_colours_from_frames(tmp_path, by_plane):
    labels = np.zeros((3, 20, 30), np.uint16)
    labels[:, 3:9, 4:12] = 1
    labels = labels if by_plane else labels[0]
    for name in ("images", "labels"):
        (tmp_path / name).mkdir()
    tifffile.imwrite(tmp_path / "images" / "a.tif", planes(), **COLOURS)
    tifffile.imwrite(tmp_path / "labels" / "a.tif", labels, photometric="minisblack")

    evaluated = list(read(*find_files(tmp_path)))
    trained = list(
        LabelFiles("a", *(tmp_path / n / "a.tif" for n in ("images", "labels"))).frames()
    )

    wanted = planes() if by_plane else [planes().transpose(1, 2, 0)]
    for found in (evaluated, trained):
        assert [one.frame.tolist() for one in found] == [frame.tolist() for frame in wanted]
