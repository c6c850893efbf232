"""Masks as text and back, and texts that are no masks."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco

from napari_cutout.segment.errors import MaskError
from napari_cutout.segment.rle import Rle, many_runs

shapes = hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=40)
masks = hnp.arrays(bool, shapes)


def blobs(height, width, seed):
    """A mask with long runs."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((height // 50 + 1, width // 50 + 1)) > 0.5
    return np.kron(coarse, np.ones((50, 50), bool))[:height, :width].astype(bool)


@given(masks)
def test_a_mask_comes_back_as_it_was(mask):
    decoded = Rle.encode(mask).decode()
    assert decoded.dtype == bool
    np.testing.assert_array_equal(decoded, mask)


@given(masks)
def test_a_mask_comes_back_from_json(mask):
    rle = Rle.encode(mask)
    assert Rle.from_json(json.loads(json.dumps(rle.to_json()))) == rle


@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 99))
def test_long_runs_come_back(height, width, seed):
    mask = blobs(height, width, seed)
    np.testing.assert_array_equal(Rle.encode(mask).decode(), mask)


@given(masks)
def test_the_area_is_known_without_decoding(mask):
    assert Rle.encode(mask).area == np.count_nonzero(mask)


@pytest.mark.parametrize("make", [np.asfortranarray, lambda mask: mask[::-1, ::-1], np.transpose])
def test_any_memory_order(make):
    mask = make(np.random.default_rng(0).random((13, 17)) > 0.5)
    np.testing.assert_array_equal(Rle.encode(mask).decode(), mask)


def test_what_is_decoded_can_be_written():
    mask = Rle.encode(np.ones((2, 3), bool)).decode()
    mask[0, 0] = False
    assert mask.sum() == 5


def test_the_text_is_coco_s():
    mask = blobs(120, 90, 3)
    expected = coco.encode(np.asfortranarray(mask).view(np.uint8))
    assert Rle.encode(mask).to_json() == {
        "size": expected["size"],
        "counts": expected["counts"].decode(),
    }


@pytest.mark.parametrize("mask", [np.ones((2, 2)), np.ones(4, bool), np.ones((2, 2, 2), bool)])
def test_what_is_no_mask_is_refused(mask):
    with pytest.raises(MaskError, match="a mask is"):
        Rle.encode(mask)


@given(masks.filter(lambda mask: mask.size), st.data())
def test_a_changed_text_never_gives_pixels_that_were_not_counted(mask, data):
    """Either it is refused, or it is another mask of the very same box."""
    rle = Rle.encode(mask)
    place = data.draw(st.integers(0, len(rle.counts) - 1))
    character = data.draw(st.characters(min_codepoint=32, max_codepoint=300))
    counts = rle.counts[:place] + character + rle.counts[place + 1 :]
    try:
        changed = Rle(rle.size, counts)
    except MaskError:
        return
    assert np.count_nonzero(changed.decode()) == changed.area


@given(masks.filter(lambda mask: mask.size), st.data())
def test_a_text_that_was_cut_off_is_refused(mask, data):
    rle = Rle.encode(mask)
    with pytest.raises(MaskError, match="not the runs"):
        Rle(rle.size, rle.counts[: data.draw(st.integers(0, len(rle.counts) - 1))])


@pytest.mark.parametrize(
    "size", [[3, 2], [-1, -4], [2**40, 2**40], [2.0, 2], ["2", 2], [2], 4, None, [True, 4]]
)
def test_a_wrong_size_is_refused(size):
    with pytest.raises(MaskError):
        Rle.from_json({"size": size, "counts": Rle.encode(np.eye(2, dtype=bool)).counts})


@pytest.mark.parametrize(
    "counts", ["", "99999999999", "000", "zzzz", "é", "0122", "o" * 50, 4, None]
)
def test_wrong_counts_are_refused(counts):
    with pytest.raises(MaskError):
        Rle.from_json({"size": [2, 2], "counts": counts})


@pytest.mark.parametrize("value", [None, 3, "0121", [2, 2], {"size": [2, 2]}, {}])
def test_what_is_no_encoded_mask_is_refused(value):
    with pytest.raises(MaskError, match="a run-length encoded mask is"):
        Rle.from_json(value)


@given(st.lists(st.integers(0, 3_000_000), min_size=1, max_size=30), st.booleans())
def test_runs_are_written_as_coco_writes_them(lengths, is_first_empty):
    runs = np.array([0, *lengths] if is_first_empty else lengths, np.int64)
    size = (int(runs.sum()), 1)
    expected = coco.frPyObjects({"size": list(size), "counts": runs.tolist()}, *size)

    rle = Rle.of_runs(size, runs)

    assert rle.counts == expected["counts"].decode()
    assert rle.runs().tolist() == runs.tolist()


def test_runs_that_do_not_fill_the_box_are_refused():
    with pytest.raises(MaskError, match="do not fill 2 rows and 3 columns"):
        Rle.of_runs((2, 3), np.array([1, 4]))


@given(st.lists(masks, max_size=6))
def test_many_masks_are_read_as_one_by_one(some):
    many = [Rle.encode(mask) for mask in some]
    runs, counts = many_runs(many)
    expected = [one.runs() for one in many]
    assert counts.tolist() == [len(one) for one in expected]
    assert runs.tolist() == [length for one in expected for length in one.tolist()]


@given(st.lists(masks, max_size=6))
def test_many_masks_are_written_as_one_by_one(some):
    many = [Rle.encode(mask) for mask in some]
    sizes = [one.size for one in many]
    assert Rle.of_many(sizes, *many_runs(many)) == many
    assert Rle.of_texts(sizes, [one.counts for one in many]) == many


@given(st.lists(masks, min_size=1, max_size=4), st.data())
def test_among_many_texts_a_changed_one_is_refused_as_alone(some, data):
    many = [Rle.encode(mask) for mask in some]
    at = data.draw(st.integers(0, len(many) - 1))
    changed = data.draw(st.text("0123opqrP`", max_size=6))
    texts = [one.counts for one in many]
    texts[at] = changed
    sizes = [one.size for one in many]
    try:
        expected = Rle(many[at].size, changed)
    except MaskError as error:
        with pytest.raises(MaskError, match=re.escape(str(error))):
            Rle.of_texts(sizes, texts)
    else:
        assert Rle.of_texts(sizes, texts)[at] == expected


def test_runs_that_do_not_fill_one_of_many_boxes_are_refused():
    with pytest.raises(MaskError, match=r"the runs \[1 4\] do not fill 2 rows and 2 columns"):
        Rle.of_many([(1, 3), (2, 2)], np.array([3, 1, 4]), np.array([1, 2]))
