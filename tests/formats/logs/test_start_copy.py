"""Copies of what labels held first."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.logs.start_copy import read_start, write_start

LABELS = np.arange(24, dtype=np.uint16).reshape(2, 3, 4)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "start.npz"
    write_start(path, LABELS)
    return path


def test_a_copy_comes_back_as_it_was(path):
    labels = read_start(path, (2, 3, 4), "uint16")
    np.testing.assert_array_equal(labels, LABELS)
    assert labels.dtype == np.uint16


def test_nothing_else_is_left_behind(path):
    assert list(path.parent.iterdir()) == [path]


def test_a_copy_that_can_not_be_written_leaves_nothing(tmp_path):
    (tmp_path / "start.npz").mkdir()
    with pytest.raises(OSError, match=r"start\.npz"):
        write_start(tmp_path / "start.npz", LABELS)
    assert [found.name for found in tmp_path.iterdir()] == ["start.npz"]


@pytest.mark.parametrize(("shape", "dtype"), [((2, 3, 5), "uint16"), ((2, 3, 4), "int32")])
def test_other_labels_are_refused(path, shape, dtype):
    with pytest.raises(FormatError, match="the log is about"):
        read_start(path, shape, dtype)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04", b"no archive"])
def test_what_is_no_copy_is_refused(path, content):
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(FormatError, match="isn't there"):
        read_start(path, (2, 3, 4), "uint16")


def test_a_damaged_copy_is_refused(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(FormatError, match="isn't there"):
        read_start(path, (2, 3, 4), "uint16")


def test_another_archive_is_refused(path):
    np.savez_compressed(path, other=LABELS)
    with pytest.raises(FormatError, match="isn't there"):
        read_start(path, (2, 3, 4), "uint16")
