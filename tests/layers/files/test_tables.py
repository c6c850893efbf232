"""Features of Labels layers: what files say of objects, and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from annotated_images import SHAPE, annotated, images, two_rectangles
from napari_cutout.formats.objects.annotated import AnnotatedImage, AnnotatedObject
from napari_cutout.formats.objects.frame_masks import EMPTY
from napari_cutout.layers.files.tables import described, features_of, rows_of
from napari_cutout.segment.windows import Window


def plain(image):
    """The image with masks alone."""
    return replace(
        image,
        objects=tuple(AnnotatedObject(one.id, one.mask, one.origin) for one in image.objects),
    )


@given(images())
def test_what_is_written_to_features_comes_back(image):
    ids = [one.id for one in image.objects]
    table = features_of(image.objects, ids, SHAPE)

    assert described(plain(image), rows_of(table)) == image


def test_measurements_come_back():
    image = two_rectangles(measurements=(("mean", 3.5), ("max", 9.0)))
    table = features_of(image.objects, [1, 7], SHAPE)

    assert described(plain(image), rows_of(table)) == image


def test_a_crop_box_that_is_the_whole_image_is_left_out():
    image = two_rectangles(crop_box=Window(0, 0, *SHAPE))

    assert "crop row" not in features_of(image.objects, [1, 7], SHAPE)


def test_an_object_without_pixels_has_no_box():
    table = features_of([AnnotatedObject(1, EMPTY, (0, 0))], [1], SHAPE)

    assert table[["area", "box"]].to_numpy().tolist() == [[0, ""]]


def test_nothing_has_columns():
    assert list(features_of([], [], SHAPE).columns) == [
        "index", "class", "area", "box", "score", "stability", "model", "prompts",
    ]  # fmt: skip


def test_numbers_of_any_kind_are_measurements_and_words_are_not():
    table = pd.DataFrame(
        {
            "index": [1.0, 2.0],
            "count": np.array([3, 4], np.uint8),
            "ratio": [np.inf, 0.5],
            "word": ["a", "b"],
            "flag": [True, False],
            "area": [99, 99],
        }
    )
    image = AnnotatedImage("", SHAPE, (annotated(1, np.eye(2)), annotated(2, np.eye(2))))
    first, second = described(image, rows_of(table)).objects

    assert first.measurements == (("count", 3.0),)
    assert second.measurements == (("count", 4.0), ("ratio", 0.5))


def test_without_a_column_index_a_row_is_that_of_its_place():
    assert rows_of(pd.DataFrame({"score": [0.1, 0.2]}))[1] == {"score": 0.2}


@pytest.mark.parametrize("index", [["a", "b"], [np.nan, 1.0]])
def test_features_of_no_labels_are_left_aside(index):
    assert rows_of(pd.DataFrame({"index": index, "score": [0.1, 0.2]})) == {}
