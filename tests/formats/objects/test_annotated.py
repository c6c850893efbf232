"""Images with their objects: what was found in them, and labels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from annotated_images import SHAPE, annotated, full, images, two_rectangles
from napari_cutout.formats.errors import FormatError
from napari_cutout.formats.objects.annotated import AnnotatedImage
from napari_cutout.formats.objects.annotated_labels import label_ids, of_labels, to_labels
from napari_cutout.segment.automatic.objects import FoundObject, Objects
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window

LABELS = hnp.arrays(
    st.sampled_from([np.uint8, np.int32, np.uint32, np.int64]),
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=9),
    elements=st.integers(0, 9),
)


def test_a_box_has_both_corners_inside():
    first = two_rectangles().objects[0]

    assert (first.box, first.area) == ((1, 2, 3, 5), 12)


def test_an_object_outside_of_its_image_is_refused():
    one = annotated(4, np.eye(5))

    with pytest.raises(FormatError, match=r"object 4 of cells\.png is at \(0, 0, 4, 4\)"):
        AnnotatedImage("cells.png", (5, 4), (one,))


def test_what_was_found_is_annotated_and_back():
    window = Window(0, 0, 5, 6)
    objects = (
        FoundObject(Rle.encode(np.eye(3, dtype=bool)), (1, 2), 0.9, 0.8, window, (2.0, 3.0)),
        FoundObject(Rle.encode(np.eye(2, dtype=bool)), (0, 0), 0.5, 0.7, window),
    )
    image = AnnotatedImage.of_found(Objects(objects, SHAPE), "cells.png")

    assert [one.id for one in image.objects] == [1, 2]
    assert image.found() == Objects(objects, SHAPE)


def test_what_nobody_said_is_not_a_number_among_found():
    (one,) = AnnotatedImage("", SHAPE, (annotated(1, np.eye(3)),)).found()

    assert math.isnan(one.score)
    assert math.isnan(one.stability)
    assert one.window == Window(0, 0, *SHAPE)
    again = AnnotatedImage.of_found(Objects((one,), SHAPE), "").objects[0]
    assert (again.score, again.stability) == (None, None)


@given(LABELS, st.sampled_from([1, 10**7]))
def test_labels_come_back(labels, factor):
    labels = labels.astype(np.int64) * factor
    image = of_labels(labels)

    assert (to_labels(image) == labels).all()
    assert [one.id for one in image.objects] == np.unique(labels[labels > 0]).tolist()
    assert [one.area for one in image.objects] == [
        np.count_nonzero(labels == one.id) for one in image.objects
    ]


@given(images())
def test_what_is_painted_later_has_the_pixels(image):
    labels = to_labels(image)
    expected = np.zeros(SHAPE, np.int64)
    for one in image.objects:
        expected[full(one)] = one.id

    assert (labels == expected).all()


def test_small_objects_on_large_ones_show():
    large, small = np.ones(SHAPE, bool), np.zeros(SHAPE, bool)
    small[2:4, 2:4] = True
    image = AnnotatedImage("", SHAPE, (annotated(1, small), annotated(2, large)))

    assert to_labels(image).min() == 2
    assert (to_labels(image, "large first") == np.where(small, 1, 2)).all()


def test_ids_that_are_no_labels_are_numbered():
    one, other = annotated(0, np.eye(3)), annotated(5, np.eye(3))

    assert label_ids(AnnotatedImage("", SHAPE, (one, other))) == (1, 2)
    assert label_ids(AnnotatedImage("", SHAPE, (other, other))) == (1, 2)
    assert label_ids(AnnotatedImage("", SHAPE, (other,))) == (5,)


def test_ids_beyond_32_bits_make_wider_labels():
    image = AnnotatedImage("", SHAPE, (annotated(2**40, np.eye(3)),))

    assert to_labels(image).dtype == np.int64
    assert to_labels(two_rectangles()).dtype == np.int32


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (np.zeros((2, 3)), "float64"),
        (np.zeros((2, 3, 4), int), r"\(2, 3, 4\)"),
        (np.array([[0, -3]]), "below 0 .down to -3"),
    ],
)
def test_what_is_no_label_image_is_refused(labels, reason):
    with pytest.raises(FormatError, match=reason):
        of_labels(labels)


def test_a_mask_is_a_label_image():
    (one,) = of_labels(np.eye(3, dtype=bool)).objects

    assert (one.id, one.area) == (1, 3)
