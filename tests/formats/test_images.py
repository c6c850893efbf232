"""Image files as frames."""

import importlib.util

import numpy as np
import pytest
import tifffile
import zarr
from PIL import Image
from skimage.io import imsave

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.images import open_image
from napari_cutout.formats.writing import write_labels
from napari_cutout.segment import FrameError


@pytest.fixture
def grey():
    return np.arange(20 * 30, dtype=np.uint8).reshape(20, 30)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.TIFF", "a.bmp", "a.npy"])
def test_a_grey_image_is_its_only_frame(tmp_path, grey, name):
    path = tmp_path / name
    np.save(path, grey) if name.endswith("npy") else imsave(path, grey, check_contrast=False)

    assert np.array_equal(open_image(path).frame(), grey)


def test_a_jpeg_is_read(tmp_path, grey):
    imsave(tmp_path / "a.jpg", grey, check_contrast=False)

    assert open_image(tmp_path / "a.jpg").frame().shape == (20, 30)


@pytest.mark.parametrize("dtype", ["u1", "<u2", ">u2", "i2", "u4", "f2", "<f4", ">f8"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_tiff_of_any_dtype(tmp_path, grey, dtype, compression):
    tifffile.imwrite(tmp_path / "a.tif", grey.astype(dtype), compression=compression)

    assert np.array_equal(open_image(tmp_path / "a.tif").frame(), grey.astype(dtype))


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (20, 1)])
@pytest.mark.parametrize("suffix", [".png", ".tif", ".npy"])
def test_one_pixel_wide(tmp_path, shape, suffix):
    path = tmp_path / f"a{suffix}"
    write_labels(path, np.ones(shape, int))

    assert open_image(path).frame().shape == shape


def test_rgb_stays_rgb(tmp_path, grey):
    colours = np.stack([grey, grey[::-1], grey[:, ::-1]], axis=-1)
    imsave(tmp_path / "a.png", colours)
    tifffile.imwrite(tmp_path / "a.tif", colours, photometric="rgb")

    assert np.array_equal(open_image(tmp_path / "a.png").frame(), colours)
    assert np.array_equal(open_image(tmp_path / "a.tif").frame(), colours)


def test_three_planes_are_no_colours(tmp_path, grey):
    tifffile.imwrite(tmp_path / "a.tif", np.stack([grey] * 3), photometric="minisblack")

    with pytest.raises(
        FrameError, match=r"\(3, 20, 30\): choose a frame with --frame I \(0 to 2\)"
    ):
        open_image(tmp_path / "a.tif").frame()


def test_three_columns_are_no_colours_in_a_tiff(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((6, 40, 3), np.uint8), photometric="minisblack")

    with pytest.raises(FrameError, match=r"--frame I \(0 to 5\)"):
        open_image(tmp_path / "a.tif").frame()


def test_a_frame_is_found_by_its_index(tmp_path):
    stack = np.arange(4 * 5 * 6 * 7, dtype=np.uint16).reshape(4, 5, 6, 7)
    tifffile.imwrite(tmp_path / "a.tif", stack, imagej=True, metadata={"axes": "TZYX"})

    assert np.array_equal(open_image(tmp_path / "a.tif").frame((2, 3)), stack[2, 3])


@pytest.mark.parametrize("index", [(), (1,), (1, 2, 3)])
def test_another_number_of_indices_is_asked_about(tmp_path, index):
    np.save(tmp_path / "a.npy", np.zeros((4, 5, 6, 7)))

    with pytest.raises(FrameError, match=r"shape \(4, 5, 6, 7\): choose a frame with --frame I"):
        open_image(tmp_path / "a.npy").frame(index)


@pytest.mark.parametrize("place", [-1, 4])
def test_a_frame_that_is_not_there(tmp_path, place):
    np.save(tmp_path / "a.npy", np.zeros((4, 6, 7)))

    with pytest.raises(FrameError, match=rf"no frame {place} on axis 0 .*give 0 to 3"):
        open_image(tmp_path / "a.npy").frame((place,))


def test_a_frame_of_a_single_frame(tmp_path, grey):
    np.save(tmp_path / "a.npy", grey)

    with pytest.raises(FrameError, match="one frame, but frame 0 was asked for"):
        open_image(tmp_path / "a.npy").frame((0,))


def test_channels_are_asked_about_unless_they_are_colours(tmp_path, grey):
    np.save(tmp_path / "five.npy", np.stack([grey] * 5, axis=-1))
    np.save(tmp_path / "three.npy", np.stack([grey] * 3, axis=-1))

    with pytest.raises(FrameError, match="choose one with --channel K"):
        open_image(tmp_path / "five.npy").frame()
    assert open_image(tmp_path / "three.npy").frame().shape == (20, 30, 3)


def test_a_channel_is_found_by_its_number(tmp_path, grey):
    np.save(tmp_path / "a.npy", np.stack([grey, grey + 1], axis=-1)[None])

    assert np.array_equal(open_image(tmp_path / "a.npy").frame((0,), channel=1), grey + 1)


def test_a_channel_that_is_not_there(tmp_path, grey):
    np.save(tmp_path / "a.npy", np.stack([grey, grey], axis=-1))

    with pytest.raises(FrameError, match=r"no channel 2: .* 0 to 1"):
        open_image(tmp_path / "a.npy").frame(channel=2)


@pytest.mark.parametrize(("shape", "index"), [((20, 30), ()), ((4, 20, 30), (1,))])
def test_a_channel_where_there_is_no_axis_for_it(tmp_path, shape, index):
    np.save(tmp_path / "a.npy", np.zeros(shape, np.uint8))

    with pytest.raises(FrameError, match=r"has no channel axis.* leave --channel out"):
        open_image(tmp_path / "a.npy").frame(index, channel=0)


@pytest.mark.parametrize(("mode", "suffix"), [("P", ".png"), ("CMYK", ".jpg")])
def test_colours_in_other_words_become_rgb(tmp_path, mode, suffix):
    Image.new("RGB", (30, 20), (255, 0, 0)).convert(mode).save(tmp_path / f"a{suffix}")

    frame = open_image(tmp_path / f"a{suffix}").frame()
    assert frame.shape == (20, 30, 3)
    assert (frame[..., 0] > 250).all()
    assert (frame[..., 1:] < 5).all()


@pytest.mark.parametrize("colours", ["SEPARATED", "CIELAB"])
def test_colours_that_would_be_taken_for_others_are_refused(tmp_path, colours):
    count = 4 if colours == "SEPARATED" else 3
    pixels = np.zeros((20, 30, count), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric=colours, planarconfig="contig")

    with pytest.raises(FormatError, match=r"a\.tif: .*colours are (CMYK|Lab)\); save it as RGB"):
        open_image(tmp_path / "a.tif")


def test_a_file_that_was_written_frame_by_frame_has_all_its_frames(tmp_path, grey):
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for number in range(3):
            file.write(grey + number)

    assert open_image(tmp_path / "a.tif").shape == (3, 20, 30)
    assert np.array_equal(open_image(tmp_path / "a.tif").frame((2,)), grey + 2)


def test_an_overview_behind_an_image_is_no_frame_of_it(tmp_path, grey):
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(grey)
        file.write(grey[::2, ::2])

    assert np.array_equal(open_image(tmp_path / "a.tif").frame(), grey)


@pytest.mark.parametrize("name", ["a.npy", "a.tif"])
def test_axes_that_are_1_long_need_no_index(tmp_path, grey, name):
    path, stack = tmp_path / name, grey[None, None]
    np.save(path, stack) if name == "a.npy" else tifffile.imwrite(
        path, stack, metadata={"axes": "TCYX"}, photometric="minisblack"
    )

    assert np.array_equal(open_image(path).frame(), grey)


def test_columns_are_no_channels_of_a_file_that_says_so(tmp_path, grey):
    stack = np.stack([grey] * 3).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", stack, imagej=True, metadata={"axes": "CYX"})

    with pytest.raises(FrameError, match=r"--frame I \(0 to 2\); .*leave --channel 1 out"):
        open_image(tmp_path / "a.tif").frame(channel=1)


@pytest.mark.parametrize("dtype", ["c8", "M8[s]", "U1"])
def test_what_are_no_numbers_are_refused_by_name(tmp_path, dtype):
    np.save(tmp_path / "a.npy", np.zeros((4, 5), dtype))

    with pytest.raises(FrameError, match=r"a\.npy holds .*real numbers"):
        open_image(tmp_path / "a.npy").frame()


def test_what_packs_the_pixels_is_named_where_it_is_missing(tmp_path, grey):
    Image.fromarray(grey).save(tmp_path / "a.tif", compression="tiff_lzw")

    if importlib.util.find_spec("imagecodecs") is None:
        with pytest.raises(FormatError, match=r"a\.tif: .*LZW.*pip install imagecodecs"):
            open_image(tmp_path / "a.tif")
    else:
        assert np.array_equal(open_image(tmp_path / "a.tif").frame(), grey)


def test_a_vector_has_no_frames(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(5))

    with pytest.raises(FrameError, match="rows and columns"):
        open_image(tmp_path / "a.npy").frame()


def test_zarr_array(tmp_path, grey):
    array = zarr.create_array(tmp_path / "a.zarr", shape=(2, 20, 30), dtype=grey.dtype)
    array[1] = grey

    assert np.array_equal(open_image(tmp_path / "a.zarr").frame((1,)), grey)


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_ome_zarr_is_read_at_its_finest_level(tmp_path, grey, version):
    scales = {"multiscales": [{"datasets": [{"path": "fine"}, {"path": "coarse"}]}]}
    group = zarr.create_group(
        tmp_path / "a.zarr", attributes={"ome": scales} if version == "0.5" else scales
    )
    group.create_array("coarse", data=grey[::2, ::2])
    group.create_array("fine", data=grey)

    assert np.array_equal(open_image(tmp_path / "a.zarr").frame(), grey)


def test_an_ome_zarr_whose_level_is_no_array_is_refused(tmp_path):
    scales = {"multiscales": [{"datasets": [{"path": "0"}]}]}
    zarr.create_group(tmp_path / "a.zarr", attributes={"ome": scales}).create_group("0")

    with pytest.raises(FormatError, match=r"a\.zarr: what it says of itself isn't OME-Zarr's"):
        open_image(tmp_path / "a.zarr")


def test_a_zarr_group_names_its_arrays(tmp_path, grey):
    zarr.create_group(tmp_path / "a.zarr").create_array("cells", data=grey)

    with pytest.raises(FormatError, match=r"give one of its arrays: .*a\.zarr/cells"):
        open_image(tmp_path / "a.zarr")
    assert np.array_equal(open_image(tmp_path / "a.zarr" / "cells").frame(), grey)


def test_the_only_image_of_a_group_is_that_group(tmp_path, grey):
    group = zarr.create_group(tmp_path / "a.zarr", attributes={"bioformats2raw.layout": 3})
    scales = {"multiscales": [{"datasets": [{"path": "0"}]}]}
    group.create_group("0", attributes=scales).create_array("0", data=grey)

    assert np.array_equal(open_image(tmp_path / "a.zarr").frame(), grey)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FormatError, match=r"a\.tif: there is no such file"):
        open_image(tmp_path / "a.tif")


def test_a_folder_is_no_image(tmp_path):
    with pytest.raises(FormatError, match="is a folder, not an image"):
        open_image(tmp_path)


@pytest.mark.parametrize("name", ["a.txt", "a", "a.czi"])
def test_other_formats_are_refused(tmp_path, name):
    (tmp_path / name).write_text("something")

    with pytest.raises(FormatError, match="give a png, jpg, bmp, tif, npy or zarr"):
        open_image(tmp_path / name)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".npy"])
@pytest.mark.parametrize("content", [b"", b"not an image at all", b"\x93NUMPY", b"II*\0"])
def test_what_is_no_image_is_refused(tmp_path, suffix, content):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)

    with pytest.raises(FormatError, match=r"not a readable image|is empty"):
        open_image(path)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.npy", "packed.tif"])
def test_a_truncated_image_is_refused(tmp_path, name):
    path = tmp_path / name
    noise = np.random.default_rng(1).integers(0, 255, (200, 300), dtype=np.uint8)
    if name.endswith(".npy"):
        np.save(path, noise)
    elif name.endswith(".png"):
        imsave(path, noise)
    else:
        compression = "zlib" if name.startswith("packed") else None
        tifffile.imwrite(path, noise, compression=compression)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(FormatError, match="not a readable image"):
        open_image(path).frame()


def test_an_array_of_objects_is_never_unpickled(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}], dtype=object), allow_pickle=True)

    with pytest.raises(FormatError, match="not a readable image"):
        open_image(tmp_path / "a.npy")


def test_a_picture_that_is_too_large_for_pillow_says_the_way_out(tmp_path, monkeypatch):
    imsave(tmp_path / "a.png", np.zeros((30, 40), np.uint8), check_contrast=False)
    monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", 500)

    with pytest.raises(FormatError, match=r"a\.png: .*more pixels .* save it as TIFF"):
        open_image(tmp_path / "a.png")
