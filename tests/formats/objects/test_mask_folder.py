"""The folder that Segment Anything's script makes."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from skimage.io import imread

from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.mask_folder import COLUMNS, write_mask_folder
from napari_cutout.segment.automatic.objects import FoundObject, Objects
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window

SQUARE = FoundObject(
    Rle.encode(np.ones((3, 4), bool)), (2, 5), 0.75, 0.5, Window(0, 0, 10, 12), (3.0, 6.0)
)
LINE = FoundObject(Rle.encode(np.ones((1, 2), bool)), (9, 0), 0.5, 1.0, Window(4, 0, 6, 12))
OBJECTS = Objects((SQUARE, LINE), (10, 12))


def rows(folder):
    with (folder / "metadata.csv").open(newline="") as file:
        return list(csv.reader(file))


def test_masks_are_pictures_of_the_frame(tmp_path):
    write_mask_folder(tmp_path / "cells", OBJECTS)
    expected = np.zeros((10, 12), np.uint8)
    expected[2:5, 5:9] = 255
    np.testing.assert_array_equal(imread(tmp_path / "cells" / "0.png"), expected)
    assert sorted(path.name for path in (tmp_path / "cells").iterdir()) == [
        "0.png",
        "1.png",
        "metadata.csv",
    ]


def test_the_table_has_the_reference_s_columns_and_boxes(tmp_path):
    write_mask_folder(tmp_path / "cells", OBJECTS)
    head, first, second = rows(tmp_path / "cells")
    assert head == list(COLUMNS)
    assert first[:6] == ["0", "12", "5", "2", "3", "2"]
    assert first[6:] == ["6.0", "3.0", "0.75", "0.5", "0", "0", "12", "10"]
    assert second[6:8] == ["", ""]
    assert second[10:] == ["0", "4", "12", "6"]


def test_it_replaces_one_of_its_kind_as_a_whole(tmp_path):
    write_mask_folder(tmp_path / "cells", OBJECTS)
    write_mask_folder(tmp_path / "cells", Objects((LINE,), (10, 12)))
    assert not (tmp_path / "cells" / "1.png").exists()
    assert len(rows(tmp_path / "cells")) == 2


def test_another_folder_is_left_alone(tmp_path):
    (tmp_path / "cells").mkdir()
    (tmp_path / "cells" / "notes.txt").write_text("mine")
    with pytest.raises(FormatError, match="another name"):
        write_mask_folder(tmp_path / "cells", OBJECTS)
    assert (tmp_path / "cells" / "notes.txt").read_text() == "mine"


def test_nothing_is_left_where_it_can_t_be_written(tmp_path):
    with pytest.raises(FormatError, match="can't write"):
        write_mask_folder(tmp_path / "missing" / "cells", OBJECTS)
    assert list(tmp_path.iterdir()) == []
