"""Columns of measurements: put together, summed up, and written."""

from __future__ import annotations

import csv
import sys

import numpy as np
import pytest

from napari_cutout.annotate.measurements import per_object, stacked, write_csv
from napari_cutout.formats.errors import FormatError


def columns(ids, frames, pixels, **others):
    return {
        "id": np.array(ids),
        "class": np.array(["cell"] * len(ids), object),
        "axis 0": np.array(frames),
        "pixels": np.array(pixels),
        "area (µm²)": np.array(pixels) / 2,
        **{name: np.array(values, float) for name, values in others.items()},
    }


def test_rows_of_an_object_come_together():
    whole = stacked([columns([1, 3], [0, 0], [5, 6]), columns([1, 2], [1, 1], [7, 8])])
    assert whole["id"].tolist() == [1, 1, 2, 3]
    assert whole["axis 0"].tolist() == [0, 1, 1, 0]


def test_nothing_measured_is_no_row():
    assert stacked([])["id"].tolist() == []
    assert per_object(stacked([]))["id"].tolist() == []


def test_columns_that_differ_are_refused():
    with pytest.raises(ValueError, match="don't go with"):
        stacked([columns([1], [0], [5]), columns([1], [0], [5], solidity=[1])])


def test_one_row_an_object():
    whole = per_object(
        columns(
            [1, 1, 2],
            [0, 1, 1],
            [10, 30, 7],
            solidity=[0.5, 0.9, 1],
            **{"mean of red": [1, 5, 2], "min of red": [0, 3, 1], "max of red": [8, 6, 2]},
        )
    )
    assert {name: values.tolist() for name, values in whole.items()} == {
        "id": [1, 2],
        "class": ["cell", "cell"],
        "axis 0": [1, 1],
        "pixels": [40, 7],
        "area (µm²)": [20, 3.5],
        "solidity": [0.9, 1],
        "mean of red": [4, 2],
        "min of red": [0, 1],
        "max of red": [8, 2],
        "frames": [2, 1],
    }


def test_csv_is_read_back_as_it_was(tmp_path):
    made = columns([1, 2], [0, 0], [5, 6], solidity=[np.nan, 1 / 3])
    made["class"] = np.array(['a "b", c\nd', "Zelle µ"], object)
    path = write_csv(made, tmp_path / "objects.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(made)
    assert [row["class"] for row in rows] == made["class"].tolist()
    assert rows[0]["solidity"] == ""
    assert float(rows[1]["solidity"]) == 1 / 3


def test_a_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "objects.csv"
    path.write_text("what was there")
    with pytest.raises(ValueError, match="zip"):
        write_csv({"id": np.arange(2), "area": np.arange(1)}, path)
    assert path.read_text() == "what was there"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(FormatError, match="no folder"):
        write_csv(columns([1], [0], [5]), tmp_path / "none" / "objects.csv")


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits of a process")
def test_a_disk_that_is_full_leaves_what_was_there(tmp_path):
    import resource

    path = write_csv(columns([1], [0], [5]), tmp_path / "objects.csv")
    before = path.read_text(encoding="utf-8")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(FormatError, match="can't write"):
            write_csv(columns([1] * 9999, [0] * 9999, [5] * 9999), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_text(encoding="utf-8") == before
    assert list(tmp_path.iterdir()) == [path]
