"""Label images as files."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage.io import imread

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.images import open_image
from napari_cutout.formats.writing import check_folder, replacing, write_labels


@given(
    labels=hnp.arrays(
        np.int64,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=9),
        elements=st.integers(0, 70_000),
    ),
    suffix=st.sampled_from([".tif", ".npy"]),
)
def test_labels_come_back_in_the_smallest_dtype(tmp_path_factory, labels, suffix):
    path = tmp_path_factory.mktemp("labels") / f"labels{suffix}"
    write_labels(path, labels)

    back = open_image(path).frame()
    assert np.array_equal(back, labels)
    assert back.dtype == np.min_scalar_type(labels.max())


def test_labels_as_png(tmp_path):
    write_labels(tmp_path / "labels.png", np.array([[0, 300], [7, 1]]))

    assert imread(tmp_path / "labels.png").tolist() == [[0, 300], [7, 1]]


@pytest.mark.parametrize("suffix", [".tif", ".png", ".npy"])
def test_labels_below_0_are_refused_and_what_was_there_stays(tmp_path, suffix):
    path = tmp_path / f"labels{suffix}"
    write_labels(path, np.array([[1, 2]]))
    before = path.read_bytes()
    with pytest.raises(FormatError, match=r"below 0 \(down to -3\)"):
        write_labels(path, np.array([[0, -3], [300, 1]]))
    assert path.read_bytes() == before


def test_labels_replace_an_older_file_and_leave_nothing_beside_it(tmp_path):
    path = tmp_path / "labels.tif"
    path.write_text("old")
    write_labels(path, np.eye(3, dtype=int))

    assert [file.name for file in tmp_path.iterdir()] == ["labels.tif"]
    assert np.array_equal(open_image(path).frame(), np.eye(3))


def test_a_write_that_fails_leaves_nothing(tmp_path):
    (tmp_path / "labels.tif").mkdir()

    with pytest.raises(FormatError, match="is a folder"):
        write_labels(tmp_path / "labels.tif", np.eye(3, dtype=int))
    assert [file.name for file in tmp_path.iterdir()] == ["labels.tif"]


@pytest.mark.parametrize("name", ["labels.jpg", "labels"])
def test_labels_are_not_written_where_they_would_be_spoilt(tmp_path, name):
    with pytest.raises(FormatError, match="labels are written as"):
        write_labels(tmp_path / name, np.eye(3, dtype=int))


def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(FormatError, match="make it first"):
        check_folder(tmp_path / "nowhere" / "labels.tif")


def test_what_killed_processes_left_is_removed_later(tmp_path):
    names = (".a.12.part.tif", ".a.mine.part.tif", ".a.11.part.tif", ".b.11.part.jsonl")
    fresh, own, *left = (tmp_path / name for name in names)
    for path in (fresh, own, *left):
        path.touch()
    for path in (own, *left):
        os.utime(path, (0, 0))

    with replacing(tmp_path / "a.tif") as partial:
        partial.touch()

    assert {path.name for path in tmp_path.iterdir()} == {"a.tif", fresh.name, own.name}
