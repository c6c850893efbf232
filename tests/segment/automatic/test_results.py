"""Labels and records of objects."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco

from napari_cutout.segment.automatic.objects import FoundObject, Objects
from napari_cutout.segment.automatic.placing import placed
from napari_cutout.segment.automatic.results import full_mask, label_image, records
from napari_cutout.segment.errors import MaskError, OptionError
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window

SHAPE = (30, 40)


def found(mask, origin, score=0.5):
    return FoundObject(Rle.encode(mask), origin, score, 0.97, Window(2, 3, 20, 30), (7.5, 9.25))


@pytest.fixture
def objects():
    """A large square, a small one on it, and one that lies over part of both."""
    large = found(np.ones((10, 10), bool), (2, 3), 0.9)
    small = found(np.ones((3, 3), bool), (5, 5), 0.8)
    middle = found(np.ones((5, 5), bool), (7, 7), 0.7)
    return Objects((large, small, middle), SHAPE)


def test_small_objects_show(objects):
    labels = label_image(objects)

    assert labels.dtype == np.uint8
    assert labels.shape == SHAPE
    assert np.bincount(labels.ravel()).tolist() == [1200 - 100, 100 - 9 - 25 + 1, 9, 25 - 1]


def test_or_the_best_show(objects):
    labels = label_image(objects, order="best last")

    assert np.bincount(labels.ravel()).tolist() == [1100, 100]


def test_of_equal_areas_the_better_shows():
    both = Objects(tuple(found(np.ones((4, 4), bool), (2, col)) for col in (2, 4)), SHAPE)

    assert label_image(both)[3, 5] == 1


def test_many_labels_get_a_dtype_that_holds_them():
    one = found(np.ones((1, 1), bool), (0, 0))

    assert label_image(Objects((one,) * 300, SHAPE)).dtype == np.uint16
    with pytest.raises(OptionError, match="uint8 does not hold 300 labels"):
        label_image(Objects((one,) * 300, SHAPE), np.uint8)


def test_an_order_that_isnt_one(objects):
    with pytest.raises(OptionError, match="'small first'"):
        label_image(objects, order="small first")


def test_records_have_the_reference_names_and_quirks(objects):
    record = records(objects)[0]

    assert list(record) == [
        "segmentation", "area", "bbox", "predicted_iou", "point_coords", "stability_score",
        "crop_box",
    ]  # fmt: skip
    assert record["segmentation"].sum() == record["area"] == 100
    # (x, y, w, h), the width from the first pixel to the last: one short.
    assert record["bbox"] == [3, 2, 9, 9]
    assert record["point_coords"] == [[9.25, 7.5]]
    assert record["crop_box"] == [3, 2, 30, 20]
    assert record["predicted_iou"] == 0.9
    assert record["stability_score"] == 0.97


@pytest.mark.parametrize("mode", ["uncompressed_rle", "coco_rle"])
def test_run_lengths_are_of_the_whole_frame(objects, mode):
    masks = [record["segmentation"] for record in records(objects)]

    for mask, record in zip(masks, records(objects, mode), strict=True):
        rle = record["segmentation"]
        assert rle["size"] == list(SHAPE)
        if mode == "uncompressed_rle":
            rle = coco.frPyObjects(rle, *SHAPE)
        expected = coco.encode(np.asfortranarray(mask, np.uint8))["counts"]
        counts = rle["counts"]
        assert (counts.encode() if isinstance(counts, str) else counts) == expected


def test_a_mode_that_isnt_one(objects):
    with pytest.raises(OptionError, match="'polygons'"):
        records(objects, "polygons")


@given(
    hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=8)),
    st.tuples(*[st.integers(0, 3)] * 4),
)
def test_a_mask_is_placed_as_pixels_would_be(mask, around):
    top, left, bottom, right = around
    shape = (mask.shape[0] + top + bottom, mask.shape[1] + left + right)
    rle = Rle.encode(mask)

    full = full_mask(FoundObject(rle, (top, left), 0, 0, Window(0, 0, *shape)), shape)

    assert placed(rle, (top, left), shape) == Rle.encode(full)


def test_a_box_beyond_the_frame_is_refused():
    with pytest.raises(MaskError, match="does not lie in a frame"):
        placed(Rle.encode(np.ones((4, 4), bool)), (28, 0), SHAPE)
