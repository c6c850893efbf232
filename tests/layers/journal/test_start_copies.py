"""What labels held before their first logged step."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
import tensorstore
import zarr

from napari_cutout.annotate.log_regions import Written
from napari_cutout.formats.logs.log_entries import Start
from napari_cutout.formats.logs.start_copy import read_start
from napari_cutout.layers.journal import start_copies
from napari_cutout.layers.journal.start_copies import StartCopy, start_of, stored_path

SHAPE = (6, 8)
PIXELS = np.ones((2, 3), bool)


def labels():
    return np.arange(48, dtype=np.int32).reshape(SHAPE) % 5


def step(array, value, at=(1, 2)):
    """Write a box; gives what undoing it writes."""
    here = np.s_[at[0] : at[0] + 2, at[1] : at[1] + 3]
    old = np.array(array[here])
    array[here] = value
    return lambda: [Written((None, None), at, PIXELS, old[PIXELS])]


def nothing():
    return ()


def make_tensorstore(array, path=None):
    kvstore = {"driver": "file", "path": str(path)} if path else {"driver": "memory"}
    store = tensorstore.open(
        {"driver": "zarr", "kvstore": kvstore}, create=True, dtype="int32", shape=SHAPE
    ).result()
    store[...] = array
    return store


@pytest.mark.parametrize("make", [np.array, np.asfortranarray, zarr.array, make_tensorstore])
def test_steps_that_are_in_the_labels_are_taken_out(make):
    expected = labels()
    data = make(expected)
    first = step(data, 9)
    copy = StartCopy(data, "int32", first)
    copy.note(step(data, 8, (2, 3)))
    np.testing.assert_array_equal(copy.take(), expected)


def test_lazy_labels_are_copied():
    expected = labels()
    copy = StartCopy(da.from_array(expected, chunks=3), "int32", nothing)
    np.testing.assert_array_equal(copy.take(), expected)


def test_a_step_that_was_half_done_is_taken_out(tmp_path):
    """It was under way when the copy was made, and told of later."""
    expected = labels()
    data = expected.copy()
    copy = StartCopy(data, "int32", nothing)
    whole = data.copy()
    undo = step(whole, 9)
    data[1, 2:5] = 9
    copy.take()
    copy.note(undo)
    copy.note(step(data, 7, (3, 0)))
    copy.write(tmp_path / "start.npz")
    np.testing.assert_array_equal(read_start(tmp_path / "start.npz", SHAPE, "int32"), expected)


def test_steps_after_the_copy_do_not_get_into_it(tmp_path):
    expected = labels()
    data = expected.copy()
    copy = StartCopy(data, "int32", nothing)
    copy.take()
    for value in (9, 8):
        copy.note(step(data, value))
    copy.write(tmp_path / "start.npz")
    np.testing.assert_array_equal(read_start(tmp_path / "start.npz", SHAPE, "int32"), expected)


def test_other_byte_orders_become_the_machine_s(tmp_path):
    expected = labels()
    StartCopy(expected.astype(">i4"), "int32", nothing).write(tmp_path / "start.npz")
    np.testing.assert_array_equal(read_start(tmp_path / "start.npz", SHAPE, "int32"), expected)


@pytest.mark.parametrize(
    ("data", "keep", "kind"),
    [
        (np.zeros(SHAPE, int), True, "empty"),
        (np.zeros(SHAPE, int), False, "empty"),
        (labels(), True, "copy"),
        (labels(), False, "unknown"),
        (zarr.array(labels()), True, "copy"),
    ],
)
def test_what_is_known_of_the_start(data, keep, kind):
    start, copy = start_of(data, nothing, keep=keep)
    assert start == Start(kind)
    assert (copy is not None) == (kind == "copy")


def test_huge_labels_are_not_copied(monkeypatch):
    monkeypatch.setattr(start_copies, "LARGEST", 10)
    assert start_of(labels(), nothing, keep=True) == (Start("unknown"), None)


def test_labels_that_hold_the_first_step_only_were_empty():
    data = np.zeros(SHAPE, np.int32)
    assert start_of(data, step(data, 4), keep=True)[0] == Start("empty")


def test_arrays_on_a_disk_are_known(tmp_path):
    on_disk = {
        "a.zarr": zarr.create_array(str(tmp_path / "a.zarr"), shape=SHAPE, dtype="int32"),
        "g.zarr/x/y": zarr.open_group(str(tmp_path / "g.zarr"), mode="w").create_array(
            "x/y", shape=SHAPE, dtype="int32"
        ),
        "t.zarr": make_tensorstore(labels(), tmp_path / "t.zarr"),
        "m.npy": np.lib.format.open_memmap(tmp_path / "m.npy", "w+", np.int32, SHAPE),
    }
    for name, data in on_disk.items():
        assert stored_path(data).rstrip("/") == str(tmp_path / name)


@pytest.mark.parametrize(
    "make", [np.array, zarr.array, make_tensorstore, lambda a: da.from_array(a, chunks=2)]
)
def test_arrays_in_memory_are_stored_nowhere(make):
    assert stored_path(make(labels())) == ""


def test_an_array_that_is_only_mapped_for_reading_is_stored_nowhere(tmp_path):
    """What is written into a copy of it isn't in the file."""
    np.save(tmp_path / "m.npy", labels())
    assert stored_path(np.load(tmp_path / "m.npy", mmap_mode="c")) == ""
