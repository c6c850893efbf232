"""Planes of labels as frames: read one at a time, their ids numbered."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cutout.formats.errors import FormatError
from napari_cutout.train.data import from_arrays
from napari_cutout.train.data.planes import numbers

ids = hnp.arrays(np.int64, (5, 6), elements=st.sampled_from([0, 1, 2, 7, 2**40]))


class Read:
    """An array that remembers which planes were read."""

    def __init__(self, array):
        self.array, self.planes = array, []
        self.shape, self.dtype = array.shape, array.dtype

    def __getitem__(self, index):
        self.planes.append(index[0])
        return self.array[index]


@given(ids)
def test_ids_are_consecutive_and_tell_the_same_objects_apart(labels):
    found = numbers(labels, "a")
    values = np.unique(labels[labels > 0])
    assert np.unique(found[found > 0]).tolist() == list(range(1, len(values) + 1))
    np.testing.assert_array_equal(np.concatenate([[0], values])[found], labels)


@pytest.mark.parametrize("white", [True, np.uint8(255)])
def test_a_mask_is_taken_apart(white):
    mask = np.zeros((5, 9), np.asarray(white).dtype)
    mask[1:3, 1:3] = mask[1:3, 5:8] = white
    found = numbers(mask, "a")
    assert found.max() == 2
    assert found[1, 1] != found[1, 5]


def test_one_object_of_two_pieces_is_one():
    labels = np.zeros((5, 9), np.uint8)
    labels[1, 1] = labels[1, 5] = 3
    assert numbers(labels, "a").max() == 1


def test_ids_below_0_are_refused():
    with pytest.raises(FormatError, match="not -1"):
        list(from_arrays([("a", np.ones((3, 3)), np.full((3, 3), -1))]).frames())


@pytest.mark.parametrize("labels", [np.ones((3, 3)), np.ones(3, int)])
def test_what_is_no_labels_is_refused(labels):
    with pytest.raises(FormatError, match="integers"):
        from_arrays([("a", np.ones((3, 3)), labels)])


def test_planes_are_read_one_at_a_time_and_only_where_there_are_objects():
    labels = np.zeros((5, 4, 4), np.uint8)
    labels[1:4] = 1
    image = Read(np.arange(80).reshape(5, 4, 4))
    frames = from_arrays([("a", image, labels)]).frames()
    assert image.planes == []
    assert next(frames).name == "a[1]"
    assert image.planes == [1]
    assert [frame.name for frame in frames] == ["a[2]", "a[3]"]
    assert image.planes == [1, 2, 3]


def test_a_plane_of_several_axes_is_named_by_all():
    labels = np.ones((1, 2, 4, 4), np.uint8)
    names = [frame.name for frame in from_arrays([("a", labels, labels)]).frames()]
    assert names == ["a[0,0]", "a[0,1]"]
