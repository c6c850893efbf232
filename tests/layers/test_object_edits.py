"""Deleting, merging and classing objects: pixels, records and classes, and taking all back."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
import tensorstore as ts
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from labelled_layer import Labelled
from napari_cutout.layers import TargetError, object_edits


def stack():
    """Objects 2 to 4; 3 lies in both frames."""
    data = np.zeros((2, 12, 16), np.int32)
    data[0, 1:4, 1:6], data[0, 6:10, 2:5], data[0, 2:9, 9:15] = 2, 3, 4
    data[1, 5:11, 2:7] = 3
    return data


def as_tensorstore(data):
    made = ts.open(
        {"driver": "zarr", "kvstore": {"driver": "memory"}},
        create=True, dtype=ts.int32, shape=data.shape,
    ).result()  # fmt: skip
    made[...] = data
    return made


KINDS = pytest.mark.parametrize(
    "make",
    [np.array, zarr.array, lambda data: da.from_array(data, chunks=(1, 6, 6)), as_tensorstore],
    ids=["numpy", "zarr", "dask", "tensorstore"],
)


@KINDS
def test_delete(make):
    made = Labelled(make(stack()))
    edit = object_edits.delete(made.labels, [3], made.table)
    made.apply(edit)
    np.testing.assert_array_equal(made.pixels, np.where(stack() == 3, 0, stack()))
    assert made.areas() == made.counted()
    made.undo(edit)
    np.testing.assert_array_equal(made.pixels, stack())
    assert made.areas() == made.counted()


@KINDS
def test_merge(make):
    made = Labelled(make(stack()))
    edit = object_edits.merge(made.labels, [4, 3], made.table)
    made.apply(edit)
    np.testing.assert_array_equal(made.pixels, np.where(stack() == 4, 3, stack()))
    assert made.areas() == made.counted()
    made.undo(edit)
    np.testing.assert_array_equal(made.pixels, stack())


def test_a_deletion_is_one_step_of_naparis_undo():
    made = Labelled(stack())
    made.apply(object_edits.delete(made.labels, [2, 3, 4], made.table))
    assert not made.pixels.any()
    made.labels.undo()
    np.testing.assert_array_equal(made.pixels, stack())


class Counting:
    """An array that counts the pixels that are read."""

    def __init__(self, data):
        self.data, self.read = data, 0
        self.shape, self.dtype, self.ndim = data.shape, data.dtype, data.ndim

    def __getitem__(self, key):
        self.read += self.data[key].size
        return self.data[key]

    def __setitem__(self, key, value):
        self.data[key] = value


def test_only_the_boxes_of_the_objects_are_read():
    data = np.zeros((2000, 3000), np.int32)
    data[10:20, 30:40] = data[1900:1910, 2900:2910] = 5
    data[700:720, 800:820] = 6
    made = Labelled(Counting(data))
    assert made.areas() == {5: 200, 6: 400}
    made.labels.data.read = 0
    assert len(object_edits.delete(made.labels, [6], made.table).changes) == 1
    assert made.labels.data.read == 400


def test_records_and_classes_go_and_come_back():
    made = Labelled(stack())
    record = made.record(2, (0, None, None))
    made.table.add(record)
    made.table.set_class(2, "cell")
    edit = object_edits.delete(made.labels, [2], made.table)
    made.apply(edit)
    assert (list(made.table), made.table.class_of(2)) == ([], "")
    made.undo(edit)
    assert (list(made.table), made.table.class_of(2)) == ([record], "cell")


def test_merged_records_keep_their_masks_under_the_new_id():
    made = Labelled(stack())
    records = [made.record(2, (0, None, None)), made.record(4, (0, None, None), score=0.2)]
    for record in records:
        made.table.add(record)
    edit = object_edits.merge(made.labels, [2, 4], made.table, into=4)
    made.apply(edit)
    assert [record.id for record in made.table] == [4, 4]
    assert made.table.row(4).score == 0.2
    assert made.table.row(2) is None
    made.undo(edit)
    assert sorted(map(id, made.table)) == sorted(map(id, records))


@pytest.mark.parametrize(
    ("classes", "expected"), [({2: "a", 3: "b"}, "a"), ({3: "b", 4: "c"}, "b"), ({}, "")]
)
def test_a_merged_object_keeps_its_class_or_takes_one(classes, expected):
    made = Labelled(stack())
    for number, name in classes.items():
        made.table.set_class(number, name)
    edit = object_edits.merge(made.labels, [2, 3, 4], made.table)
    made.apply(edit)
    assert dict(made.table.classes) == ({2: expected} if expected else {})
    made.undo(edit)
    assert dict(made.table.classes) == classes


def test_classes_are_set_and_taken_back():
    made = Labelled(stack())
    edit = object_edits.set_class([2, 3], " cell ", made.table)
    assert edit.classes == ((2, "", "cell"), (3, "", "cell"))
    made.apply(edit)
    assert dict(made.table.classes) == {2: "cell", 3: "cell"}
    assert object_edits.set_class([2], "cell", made.table).classes == ()
    made.undo(edit)
    assert not made.table.classes


@settings(max_examples=25)
@given(arrays(np.int32, (2, 9, 11), elements=st.integers(0, 4)), st.data())
def test_any_objects_of_any_labels(data, choose):
    made = Labelled(data.copy())
    present = sorted(set(np.unique(data).tolist()) - {0})
    chosen = choose.draw(st.sets(st.sampled_from(present or [0]), min_size=1))
    if not present:
        return
    made.apply(object_edits.delete(made.labels, chosen, made.table))
    np.testing.assert_array_equal(made.pixels, np.where(np.isin(data, list(chosen)), 0, data))
    assert made.areas() == made.counted()


def preserve(made):
    made.labels.preserve_labels = True


def lock(made):
    made.labels.editable = False


@pytest.mark.parametrize(("how", "text"), [(preserve, "preserve labels"), (lock, "not editable")])
def test_layers_that_keep_their_labels_are_refused(how, text):
    made = Labelled(stack())
    how(made)
    for plan in (object_edits.delete, object_edits.merge):
        with pytest.raises(TargetError, match=text):
            plan(made.labels, [2, 3], made.table)


@pytest.mark.parametrize(
    ("ids", "options", "text"),
    [
        ([9], {}, "no object 9; there are 2, 3, 4"),
        ([], {}, "no object was chosen"),
        ([2], {}, "alone"),
        ([2, 3], {"into": 4}, "into one of them"),
    ],
)
def test_objects_that_cannot_be_merged(ids, options, text):
    made = Labelled(stack())
    with pytest.raises(TargetError, match=text):
        object_edits.merge(made.labels, ids, made.table, **options)


def test_pyramids_are_refused():
    made = Labelled()
    labels = made.viewer.add_labels([np.ones((8, 8), int), np.ones((4, 4), int)])
    with pytest.raises(TargetError, match="pyramid"):
        object_edits.delete(labels, [1], made.table)


def test_objects_that_are_still_being_read_are_said():
    made = Labelled(stack(), run=lambda job: None)
    made.target._current.table.places.painted_box((0, 0, 0), np.ones((1, 1, 1), bool), 0, 2)
    with pytest.raises(TargetError, match="still being read"):
        object_edits.delete(made.labels, [2], made.table)
