"""Where labels hold something, told from what is stored of them."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_cutout.annotate import written
from napari_cutout.annotate.replay import sparse_labels
from napari_cutout.annotate.series.zarr_labels import is_plain
from napari_cutout.annotate.written import is_zarr, written_boxes

SHAPE = (3, 40, 50)


def stored(store, pixels, **options):
    return zarr.create_array(store, data=pixels, chunks=(1, 16, 8), **options)


def drawn_count(boxes, shape):
    count = np.zeros(shape, int)
    for box in boxes:
        count[box] += 1
    return count


@pytest.mark.parametrize("options", [{}, {"zarr_format": 2}, {"shards": (1, 32, 16)}])
@settings(max_examples=20, deadline=None)
@given(places=st.lists(st.tuples(*(st.integers(0, size - 1) for size in SHAPE)), max_size=4))
def test_chunks_that_hold_something_are_named_once(options, places):
    pixels = np.zeros(SHAPE, np.int32)
    for place in places:
        pixels[place] = 5
    boxes = list(written_boxes(stored(zarr.storage.MemoryStore(), pixels, **options)))
    count = drawn_count(boxes, SHAPE)
    assert count.max() <= 1
    assert (count[pixels > 0] == 1).all()
    assert len(boxes) <= len(places)


def test_of_an_array_in_a_group_on_disk_too(tmp_path):
    pixels = np.zeros(SHAPE, np.int32)
    pixels[1, 20, 30] = 1
    group = zarr.open_group(tmp_path / "group.zarr")
    array = group.create_array("labels/0", data=pixels, chunks=(1, 16, 8))
    expected = [np.s_[1:2, 16:32, 24:32]]
    assert list(written_boxes(array)) == expected
    alone = zarr.open_array(tmp_path / "group.zarr" / "labels" / "0")
    assert list(written_boxes(alone)) == expected


def test_background_that_was_never_written_may_be_another_number():
    array = zarr.create_array(
        zarr.storage.MemoryStore(), shape=(40, 50), chunks=(16, 8), dtype="int32", fill_value=3
    )
    assert drawn_count(written_boxes(array), (40, 50)).min() == 1


@pytest.mark.parametrize("piece", [1, 60, 7 * 50, 1 << 24])
def test_other_arrays_are_covered_once(monkeypatch, piece):
    monkeypatch.setattr(written, "PIECE", piece)
    assert (drawn_count(written_boxes(np.zeros(SHAPE)), SHAPE) == 1).all()


def test_labels_without_pixels_hold_nothing():
    assert list(written_boxes(np.zeros((0, 5)))) == []


def test_empty_huge_labels_hold_nothing():
    assert list(written_boxes(sparse_labels((100_000, 100_000), "int32"))) == []


def test_labels_of_zarr_are_told_from_others():
    assert is_zarr(stored(zarr.storage.MemoryStore(), np.zeros(SHAPE, np.int32)))
    assert not is_zarr(np.zeros(SHAPE, np.int32))


@pytest.mark.parametrize("imported", [{}, {"zarr": ModuleType("zarr")}])
def test_zarr_need_not_be_imported_to_the_end(monkeypatch, imported):
    monkeypatch.delitem(sys.modules, "zarr")
    for name, module in imported.items():
        monkeypatch.setitem(sys.modules, name, module)
    labels = np.ones(SHAPE, np.int32)
    assert drawn_count(written_boxes(labels), SHAPE).all()
    assert not is_plain(labels)
