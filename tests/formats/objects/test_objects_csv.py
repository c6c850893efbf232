"""What is known of objects, as a table."""

from __future__ import annotations

import csv
from dataclasses import replace

import pandas as pd
import pytest

from annotated_images import two_rectangles
from full_disk import full_disk
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.annotated import AnnotatedImage, AnnotatedObject
from napari_cutout.formats.objects.frame_masks import EMPTY
from napari_cutout.formats.objects.objects_csv import write_objects_csv


def test_each_object_is_a_row(tmp_path):
    known = {"class_name": 'a "b", c\nd', "score": 0.5, "point": (2.0, 3.5)}
    image = two_rectangles(**known, measurements=(("mean", 7.25),))
    write_objects_csv(tmp_path / "a.csv", [image])
    table = pd.read_csv(tmp_path / "a.csv", keep_default_na=False)

    assert list(table.columns) == [
        "image", "id", "class", "area", "row0", "col0", "row1", "col1", "score", "stability",
        "point row", "point col", "mean",
    ]  # fmt: skip
    assert table.loc[0].tolist() == [
        "cells.png", 1, 'a "b", c\nd', 12, 1, 2, 3, 5, 0.5, "", 2.0, 3.5, 7.25,
    ]  # fmt: skip
    assert table["id"].tolist() == [1, 7]


def test_frames_have_their_places(tmp_path):
    frames = [replace(two_rectangles(), frame=(t, 2)) for t in range(2)]
    write_objects_csv(tmp_path / "a.csv", frames)
    table = pd.read_csv(tmp_path / "a.csv")

    assert table["axis 0"].tolist() == [0, 0, 1, 1]
    assert table["axis 1"].tolist() == [2, 2, 2, 2]


def test_an_object_without_pixels_has_no_box(tmp_path):
    image = AnnotatedImage("a.png", (3, 4), (AnnotatedObject(1, EMPTY, (0, 0)),))
    write_objects_csv(tmp_path / "a.csv", [image])
    _, row = csv.reader((tmp_path / "a.csv").read_text().splitlines())

    assert row == ["a.png", "1", "", "0", *[""] * 8]


def test_nothing_is_a_line_of_names(tmp_path):
    write_objects_csv(tmp_path / "a.csv", [])

    assert len((tmp_path / "a.csv").read_text().splitlines()) == 1


def test_a_full_disk_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.csv"
    write_objects_csv(path, [two_rectangles()])
    before = path.read_bytes()
    with full_disk(), pytest.raises(FormatError, match="can't write"):
        write_objects_csv(path, [two_rectangles()] * 9)

    assert (path.read_bytes(), list(tmp_path.iterdir())) == (before, [path])
