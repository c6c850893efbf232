"""Pixels of pictures in the depth of their file."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from napari_cutout.formats.picture_pixels import read_indices, read_picture
from napari_cutout.segment.intensity import to_pixels

COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
PASSES = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2)]
GREY = np.arange(20 * 30, dtype=np.uint8).reshape(20, 30)
wide = st.integers(1, 4).flatmap(
    lambda count: hnp.arrays(np.uint16, hnp.array_shapes(min_dims=2, max_dims=2).map(
        lambda shape: (*shape, count)
    ))
)  # fmt: skip


def write_png(path, array, interlaced):
    """A PNG of 16 bits a channel, as the format's specification has it."""
    rows, cols, count = array.shape

    def chunk(kind, data):
        sums = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + sums

    steps = [*PASSES, (1, 0, 2, 1)] if interlaced else [(0, 0, 1, 1)]
    parts = [array[row::down, col::right] for row, col, down, right in steps]
    lines = [line for part in parts if part.size for line in part.astype(">u2")]
    packed = zlib.compress(b"".join(b"\0" + line.tobytes() for line in lines))
    head = struct.pack(">IIBBBBB", cols, rows, 16, COLOUR_TYPES[count], 0, 0, interlaced)
    ends = chunk(b"IHDR", head), chunk(b"IDAT", packed), chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(ends))


@given(wide, st.booleans())
def test_all_16_bits_are_read(tmp_path_factory, array, interlaced):
    path = tmp_path_factory.mktemp("png") / "a.png"
    write_png(path, array, interlaced)

    expected = array if array.shape[2] > 2 else array[..., 0]
    assert np.array_equal(read_picture(path), expected)
    assert read_picture(path).dtype == np.uint16


@pytest.mark.parametrize("suffix", [".png", ".bmp"])
def test_a_picture_of_one_bit_is_black_and_white(tmp_path, suffix):
    mask = GREY > 90
    Image.fromarray(mask).save(tmp_path / f"a{suffix}")

    found = read_picture(tmp_path / f"a{suffix}")
    assert np.array_equal(found.view(np.uint8), mask.view(np.uint8))
    assert np.array_equal(to_pixels(found)[..., 0], np.where(mask, 255, 0))


def test_the_transparency_of_grey_is_left_out(tmp_path):
    Image.fromarray(np.dstack([GREY, GREY // 2]), "LA").save(tmp_path / "a.png")

    assert np.array_equal(read_picture(tmp_path / "a.png"), GREY)


def of_palette(colours, indices=GREY % 3):
    picture = Image.fromarray(indices)
    picture.putpalette(np.asarray(colours, np.uint8).ravel().tolist())
    return picture


@pytest.mark.parametrize("suffix", [".png", ".bmp"])
def test_a_palette_of_colours_has_indices(tmp_path, suffix):
    of_palette([[0, 0, 0], [255, 0, 0], [0, 255, 0]]).save(tmp_path / f"a{suffix}")

    assert np.array_equal(read_indices(tmp_path / f"a{suffix}"), GREY % 3)


def test_a_palette_of_greys_has_levels(tmp_path):
    of_palette([[9, 9, 9], [0, 0, 0], [200, 200, 200]]).save(tmp_path / "a.png")

    assert np.array_equal(read_indices(tmp_path / "a.png"), np.array([9, 0, 200])[GREY % 3])
