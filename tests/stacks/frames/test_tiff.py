"""Frames of TIFFs of all kinds, and of those that were cut short."""

import logging
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tifffile

from napari_cutout.stacks.errors import FrameReadError, StackError
from napari_cutout.stacks.frames.tiff import TiffStack

DATA = np.random.default_rng(0).integers(0, 60_000, (10, 2, 20, 30), dtype=np.uint16)


@pytest.fixture(autouse=True)
def _quiet(caplog):
    """What tifffile logs of damaged files is no part of a test."""
    caplog.set_level(logging.CRITICAL, "tifffile")


def written(path, data, **how):
    tifffile.imwrite(path, data, photometric=how.pop("photometric", "minisblack"), **how)
    return path


def pages(path, frames, **how):
    """Pages without a word of what they are."""
    with tifffile.TiffWriter(path) as file:
        for frame in frames:
            file.write(frame, contiguous=False, metadata=None, photometric="minisblack", **how)
    return path


def cut(path, share):
    """The first part of a file, as a disk that was full leaves it."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def readable(stack, expected):
    """The numbers of the frames that are given as they should be, and why others aren't."""
    good, reasons = [], []
    for number in range(stack.shape[0]):
        try:
            frame = stack.read((number,))
        except FrameReadError as error:
            reasons.append(error.reason)
            continue
        assert np.array_equal(frame, expected[number])
        good.append(number)
    return good, reasons


COMPRESSION = pytest.mark.parametrize("compression", [None, "zlib"])


@COMPRESSION
def test_imagej_says_axes_sizes_and_units(tmp_path, compression):
    how = {"spacing": 2.0, "unit": "um", "finterval": 3.5, "axes": "TCYX"}
    resolution = (1 / 0.3, 1 / 0.25)
    path = tmp_path / "a.tif"
    written(path, DATA, imagej=True, metadata=how, resolution=resolution, compression=compression)

    stack = TiffStack(path, channel=1)

    assert (stack.axes, stack.shape, stack.frame_shape) == (("t",), (10,), (20, 30))
    assert stack.scale == pytest.approx((3.5, 0.25, 0.3))
    assert stack.units == ("second", "micrometer", "micrometer")
    assert np.array_equal(stack.read((7,)), DATA[7, 1])


@COMPRESSION
def test_ome_says_axes_sizes_and_units(tmp_path, compression):
    sizes = {"PhysicalSizeX": 300, "PhysicalSizeXUnit": "nm", "PhysicalSizeZ": 2.0}
    metadata = {"axes": "TZYX", **sizes, "TimeIncrement": 5.0, "TimeIncrementUnit": "min"}
    written(tmp_path / "a.ome.tif", DATA, metadata=metadata, compression=compression)

    stack = TiffStack(tmp_path / "a.ome.tif")

    assert (stack.axes, stack.shape) == (("t", "z"), (10, 2))
    assert stack.scale == (5.0, 2.0, 1.0, 300.0)
    assert stack.units == ("minute", "micrometer", None, "nanometer")
    assert np.array_equal(stack.read((7, 1)), DATA[7, 1])


def test_an_axis_that_is_named_otherwise_has_no_size(tmp_path):
    metadata = {"axes": "TZYX", "PhysicalSizeX": 0.3, "PhysicalSizeZ": 2.0}
    written(tmp_path / "a.ome.tif", DATA, metadata=metadata)

    assert TiffStack(tmp_path / "a.ome.tif", "ztyx").scale == (1.0, 1.0, 1.0, 0.3)


def test_ome_in_several_files_is_one_stack(tmp_path):
    names = [f"a{number}.ome.tif" for number in range(5)]
    places = "".join(
        f'<TiffData IFD="0" FirstT="{number}" PlaneCount="1">'
        f'<UUID FileName="{name}">urn:uuid:{number}</UUID></TiffData>'
        for number, name in enumerate(names)
    )
    pixels = 'DimensionOrder="XYZCT" Type="uint16" SizeX="30" SizeY="20" SizeZ="1" SizeC="1"'
    for number, name in enumerate(names):
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" '
            f'UUID="urn:uuid:{number}"><Image ID="Image:0"><Pixels ID="Pixels:0" {pixels} '
            f'SizeT="5"><Channel ID="Channel:0:0"/>{places}</Pixels></Image></OME>'
        )
        tifffile.imwrite(tmp_path / name, DATA[number, 0], description=text, metadata=None)
    before = TiffStack(tmp_path / names[0])

    assert (before.axes, readable(before, DATA[:, 0])[0]) == (("t",), list(range(5)))

    (tmp_path / names[3]).unlink()
    after = TiffStack(tmp_path / names[0])
    assert after.identity != before.identity
    assert readable(after, DATA[:, 0])[0] == [0, 1, 2, 4]


def test_pyramids_are_read_at_their_finest_level(tmp_path):
    how = {"photometric": "minisblack", "tile": (16, 16), "compression": "zlib"}
    with tifffile.TiffWriter(tmp_path / "a.ome.tif") as file:
        file.write(DATA, subifds=1, metadata={"axes": "TZYX"}, **how)
        file.write(DATA[..., ::2, ::2], subfiletype=1, **how)

    assert np.array_equal(TiffStack(tmp_path / "a.ome.tif").read((3, 1)), DATA[3, 1])


@COMPRESSION
def test_pages_that_say_nothing_are_frames(tmp_path, compression):
    stack = TiffStack(pages(tmp_path / "a.tif", DATA[:, 0], compression=compression))

    assert (stack.axes, stack.shape) == (("i",), (10,))
    assert readable(stack, DATA[:, 0])[0] == list(range(10))


def one_by_one(path, frames, **how):
    """A file of tifffile's with a series for each frame."""
    with tifffile.TiffWriter(path) as file:
        for frame in frames:
            file.write(frame, photometric="minisblack", **how)
    return path


@COMPRESSION
def test_frames_that_were_written_one_by_one_are_one_stack(tmp_path, compression):
    path = one_by_one(tmp_path / "a.tif", DATA[:, 0], compression=compression)

    stack = pickle.loads(pickle.dumps(TiffStack(path)))
    assert (stack.axes, stack.shape) == (("i",), (10,))
    assert readable(stack, DATA[:, 0])[0] == list(range(10))


@COMPRESSION
def test_volumes_that_were_written_one_by_one_are_one_stack(tmp_path, compression):
    path = one_by_one(tmp_path / "a.tif", DATA, compression=compression)

    stack = TiffStack(path, "tzyx")
    assert stack.shape == (10, 2)
    assert all(np.array_equal(stack.read(at), DATA[at]) for at in np.ndindex(10, 2))


def test_images_of_one_ome_tiff_are_places(tmp_path):
    path = one_by_one(tmp_path / "a.ome.tif", DATA[:3], metadata={"axes": "ZYX"})

    stack = TiffStack(path)
    assert (stack.axes, stack.shape) == (("p", "z"), (3, 2))
    assert np.array_equal(stack.read((2, 1)), DATA[2, 1])


def test_what_is_beside_an_image_is_no_frame(tmp_path):
    frames = [DATA[0, 0], DATA[0, 0, ::2, ::2]]

    assert TiffStack(one_by_one(tmp_path / "a.tif", frames)).shape == ()


def test_colours_that_would_be_taken_for_others_are_refused(tmp_path):
    pixels = np.zeros((20, 30, 4), np.uint8)
    written(tmp_path / "a.tif", pixels, photometric="separated", planarconfig="contig")

    with pytest.raises(StackError, match=r"a\.tif: .*colours are CMYK\); save it as RGB"):
        TiffStack(tmp_path / "a.tif")


def test_a_file_without_a_page_is_refused(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"II*\0\x08\0\0\0")

    with pytest.raises(StackError, match=r"a\.tif: .*holds no page"):
        TiffStack(tmp_path / "a.tif")


def test_a_few_pages_that_say_nothing_are_asked_about(tmp_path):
    pages(tmp_path / "a.tif", DATA[:3, 0])

    with pytest.raises(StackError, match=r"3 frames .*or 3 channels"):
        TiffStack(tmp_path / "a.tif")
    assert TiffStack(tmp_path / "a.tif", "zyx").axes == ("z",)


def test_two_axes_that_nobody_names_are_asked_for(tmp_path):
    written(tmp_path / "a.tif", DATA)

    with pytest.raises(StackError, match="tzyx or tcyx"):
        TiffStack(tmp_path / "a.tif")
    assert np.array_equal(TiffStack(tmp_path / "a.tif", "tcyx", 1).read((3,)), DATA[3, 1])


@COMPRESSION
@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_colours_are_colours_however_they_lie(tmp_path, compression, planar):
    data = np.random.default_rng(1).integers(0, 255, (10, 20, 30, 3), dtype=np.uint8)
    stored = data if planar == "contig" else data.transpose(0, 3, 1, 2)
    how = {"photometric": "rgb", "planarconfig": planar, "compression": compression}
    stack = TiffStack(written(tmp_path / "a.tif", stored, **how))

    assert stack.is_rgb
    assert readable(stack, data)[0] == list(range(10))


@COMPRESSION
def test_axes_after_rows_and_columns_are_read_too(tmp_path, compression):
    data = DATA.transpose(1, 2, 3, 0)
    written(tmp_path / "a.tif", data, compression=compression)

    stack = TiffStack(tmp_path / "a.tif", "zyxt")

    assert np.array_equal(stack.read((1, 7)), DATA[7, 1])


@COMPRESSION
@pytest.mark.parametrize("dtype", [">u2", "<f4", "i1"])
def test_values_are_those_of_this_machine(tmp_path, dtype, compression):
    data = DATA[:, 0].astype(dtype)
    how = {"byteorder": ">" if dtype[0] == ">" else "<", "compression": compression}
    stack = TiffStack(written(tmp_path / "a.tif", data, **how))

    assert stack.dtype == stack.read((0,)).dtype == np.dtype(dtype).newbyteorder("=")
    assert readable(stack, data)[0] == list(range(10))


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (20, 1), (5, 1, 30)])
def test_frames_one_pixel_wide(tmp_path, shape):
    data = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    stack = TiffStack(written(tmp_path / "a.tif", data), "tyx"[3 - len(shape) :])

    assert np.array_equal(
        stack.read((3,) if len(shape) == 3 else ()), data[3] if len(shape) == 3 else data
    )


def test_a_page_of_another_size_is_a_frame_that_cannot_be_read(tmp_path):
    frames = [DATA[0, 0], DATA[1, 0], DATA[2, 0, :10], *DATA[3:6, 0]]
    stack = TiffStack(pages(tmp_path / "a.tif", frames))

    good, reasons = readable(stack, frames)

    assert good == [0, 1, 3, 4, 5]
    assert "(10, 30)" in reasons[0]
    assert "(20, 30)" in reasons[0]


IMAGEJ = {"imagej": True, "metadata": {"axes": "TYX"}}


@COMPRESSION
@pytest.mark.parametrize("how", [{}, IMAGEJ], ids=["plain", "imagej"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.8])
def test_of_a_file_cut_short_the_frames_that_are_there_are_read(tmp_path, how, compression, share):
    path = written(tmp_path / "a.tif", DATA[:, 0], compression=compression, **how)

    stack = TiffStack(cut(path, share))
    good, reasons = readable(stack, DATA[:, 0])

    assert stack.shape == (10,)
    assert good == list(range(len(good)))
    assert 10 * share - 2 < len(good) < 10
    assert len(reasons) == 10 - len(good)
    assert all("is cut short" in reason for reason in reasons)


@COMPRESSION
@pytest.mark.parametrize("share", [0.55, 0.905])
def test_pages_of_a_file_cut_short_end_with_one_that_says_so(tmp_path, compression, share):
    path = pages(tmp_path / "a.tif", DATA[:, 0], compression=compression)

    stack = TiffStack(cut(path, share))
    good, reasons = readable(stack, DATA[:, 0])

    assert good == list(range(len(good)))
    assert 10 * share - 2 < len(good) < 10
    assert reasons
    assert "is cut short" in reasons[-1]


def test_a_file_that_ends_with_a_whole_page_says_that_more_should_come(tmp_path):
    path = pages(tmp_path / "a.tif", DATA[:, 0])
    with tifffile.TiffFile(path) as file:
        end = file.pages[6].offset
    path.write_bytes(path.read_bytes()[:end])

    good, reasons = readable(TiffStack(path), DATA[:, 0])

    assert (good, reasons) == (list(range(6)), [f"{path} is cut short"])


def test_what_is_no_tiff_is_said(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"not a tiff at all")

    with pytest.raises(StackError, match=r"a\.tif: not a readable TIFF"):
        TiffStack(tmp_path / "a.tif")


def test_damaged_pixels_are_one_frame_that_cannot_be_read(tmp_path):
    path = pages(tmp_path / "a.tif", DATA[:, 0], compression="zlib")
    with tifffile.TiffFile(path) as file:
        place = file.pages[4].dataoffsets[0]
    content = bytearray(path.read_bytes())
    content[place : place + 40] = bytes(40)
    path.write_bytes(content)

    good, reasons = readable(TiffStack(path), DATA[:, 0])

    assert good == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert "page 4 can't be read" in reasons[0]


@COMPRESSION
def test_a_pickled_stack_opens_its_file_again(tmp_path, compression):
    stack = TiffStack(written(tmp_path / "a.tif", DATA[:, 0], compression=compression))
    stack.read((0,))

    back = pickle.loads(pickle.dumps(stack))

    assert back.identity == stack.identity
    assert np.array_equal(back.read((7,)), DATA[7, 0])


@COMPRESSION
def test_many_threads_read_at_once(tmp_path, compression):
    stack = TiffStack(written(tmp_path / "a.tif", DATA[:, 0], compression=compression))

    with ThreadPoolExecutor(4) as threads:
        frames = list(threads.map(stack.read, [(number % 10,) for number in range(60)]))

    assert all(np.array_equal(frame, DATA[k % 10, 0]) for k, frame in enumerate(frames))
