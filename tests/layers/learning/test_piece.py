"""A piece of a frame: its labels are a copy, its pixels are read late."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_cutout.formats.errors import FormatError
from napari_cutout.layers.learning.piece import KeptLabels, Piece
from napari_cutout.segment import IntensityMapping


def piece(labels, plane=None, **values):
    plane = np.zeros(labels.shape, np.uint8) if plane is None else plane
    box = slice(0, labels.shape[0]), slice(0, labels.shape[1])
    count = len(np.unique(labels[labels != 0]))
    return Piece("one", plane, box, KeptLabels.of(labels), count, **values)


@given(
    arrays(
        st.sampled_from([np.uint8, np.int32, np.uint64]),
        st.tuples(st.integers(1, 9), st.integers(1, 9)),
    )
)
def test_kept_labels_are_those_that_were_given(labels):
    found = KeptLabels.of(labels.T).read()

    assert found.dtype == labels.dtype
    assert np.array_equal(found, labels.T)


def test_kept_labels_take_little_room():
    labels = np.zeros((512, 512), np.int32)
    labels[100:200, 100:300] = 7

    assert len(KeptLabels.of(labels).packed) < labels.nbytes / 100


def test_labels_that_change_later_stay_as_they_were():
    labels = np.ones((4, 5), np.int32)
    kept = piece(labels)
    labels[:] = 9

    (frame,) = kept.frames()
    assert frame.labels.max() == 1


def test_intensities_are_mapped_as_the_session_maps_them():
    plane = np.array([[0, 50, 100, 200]], np.uint16)
    labels = np.ones((1, 4), np.int32)

    (plain,) = piece(labels, plane).frames()
    (mapped,) = piece(labels, plane, mapping=IntensityMapping("limits", (0, 100))).frames()

    assert plain.frame.tolist() == [[0, 50, 100, 200]]
    assert mapped.frame.tolist() == [[0, 128, 255, 255]]


def test_colours_have_three_channels():
    plane = np.zeros((2, 3, 4), np.uint8)

    (frame,) = piece(np.ones((2, 3), np.int32), plane).frames()

    assert frame.frame.shape == (2, 3, 3)


class Broken:
    def __getitem__(self, box):
        raise RuntimeError("chunk 3 is\ndamaged")


def test_pixels_that_cannot_be_read_are_named():
    with pytest.raises(FormatError, match=r"the pixels of one can't be read: chunk 3 is damaged"):
        list(piece(np.ones((2, 2), np.int32), Broken()).frames())


def test_a_cut_keeps_what_is_mostly_there():
    """Of the second object a sliver would be left, which is none."""
    labels = np.zeros((4, 20), np.int32)
    labels[:, 1:5], labels[:, 6:16], labels[:, 17:19] = 1, 2, 3

    left = piece(labels).cut("left", (slice(0, 4), slice(0, 8)))
    right = piece(labels).cut("right", (slice(0, 4), slice(8, 20)))

    assert left.objects == 1
    assert set(np.unique(left.kept.read())) == {0, 1}
    assert right.objects == 2
    assert right.box == (slice(0, 4), slice(8, 20))
    assert set(np.unique(right.kept.read())) == {0, 2, 3}


def test_a_cut_of_nothing_is_none():
    labels = np.zeros((4, 20), np.int32)
    labels[:, 1:5] = 1

    assert piece(labels).cut("right", (slice(0, 4), slice(8, 20))) is None
