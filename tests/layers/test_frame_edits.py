"""Splitting and correcting an object in one frame."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from labelled_layer import Labelled
from napari_cutout.annotate import writable
from napari_cutout.annotate.overlap import given_up
from napari_cutout.layers import TargetError, object_edits
from napari_cutout.layers.steps import Edit

FIRST = (0, None, None)
CLICKS = ((10, 10), (10, 30))


def two_discs():
    """Object 3 in both frames, two touching discs in the first; object 5 beside it."""
    rows, cols = np.indices((21, 50))
    data = np.zeros((2, 21, 50), np.int32)
    data[0][(np.hypot(rows - 10, cols - 10) < 9) | (np.hypot(rows - 10, cols - 26) < 9)] = 3
    data[0, 2:8, 40:48] = 5
    data[1, 3:6, 3:6] = 3
    return data


def split(made, clicks=((10, 10), (10, 26)), number=3, index=FIRST):
    frame = made.frame(index)
    new = made.target.next_id(frame)
    return object_edits.split(made.labels, number, frame, clicks, new, made.table, index)


@pytest.mark.parametrize(
    "make", [np.array, zarr.array, lambda data: da.from_array(data, chunks=(1, 8, 8))]
)
def test_an_object_is_split_in_one_frame(make):
    made = Labelled(make(two_discs()))
    edit = split(made)
    made.apply(edit)
    left, right = made.pixels[0] == 3, made.pixels[0] == 6
    np.testing.assert_array_equal(left | right, two_discs()[0] == 3)
    assert (left[10, 10], right[10, 26]) == (True, True)
    assert np.flatnonzero(left.any(axis=0)).max() == pytest.approx(18, abs=1)
    np.testing.assert_array_equal(made.pixels[1], two_discs()[1])
    assert made.areas() == made.counted()
    made.undo(edit)
    np.testing.assert_array_equal(made.pixels, two_discs())


def test_both_halves_have_a_record_with_the_clicks_as_prompts():
    made = Labelled(two_discs())
    record = made.record(3, FIRST, score=0.7, model="compact")
    made.table.add(record)
    made.table.set_class(3, "cell")
    edit = split(made)
    made.apply(edit)
    assert edit.removed == (record,)
    for added, number, inside in zip(edit.added, (3, 6), (10, 26), strict=True):
        assert (added.id, added.score, added.model) == (number, 0.7, "compact")
        assert added.prompts.points[added.prompts.positive].tolist() == [[0, 10, inside]]
        row, col = added.origin
        whole = np.zeros((21, 50), bool)
        whole[row : row + added.mask.shape[0], col : col + added.mask.shape[1]] = added.mask
        np.testing.assert_array_equal(whole, made.pixels[0] == number)
    assert dict(made.table.classes) == {3: "cell", 6: "cell"}
    made.undo(edit)
    assert list(made.table) == [record]
    assert dict(made.table.classes) == {3: "cell"}


@pytest.mark.parametrize(
    ("clicks", "number", "index", "text"),
    [
        (((10, 10), (4, 44)), 3, FIRST, "once in each half"),
        (((10, 10), (500, 10)), 3, FIRST, "once in each half"),
        (((10, 10), (10, 10)), 3, FIRST, "once in each half"),
        (((4, 44), (5, 44)), 5, (1, None, None), "isn't in this frame"),
    ],
)
def test_clicks_that_do_not_split(clicks, number, index, text):
    made = Labelled(two_discs())
    with pytest.raises(TargetError, match=text):
        split(made, clicks, number, index)


def test_labels_that_are_kept_are_not_split():
    made = Labelled(two_discs())
    made.labels.preserve_labels = True
    with pytest.raises(TargetError, match="preserve labels"):
        split(made)


def test_frames_along_another_axis_are_split():
    """Shown from the side; labels that are cut out of the image's grid."""
    data = np.zeros((30, 12, 14), np.int32)
    data[2:28, 5:8, 3:11] = 4
    made = Labelled(data, image_shape=(40, 20, 20), translate=(5, 3, 2))
    made.viewer.dims.order = (1, 0, 2)
    index = (None, 9, None)
    made.viewer.dims.set_point(1, 9)
    made.apply(split(made, ((9, 8), (30, 8)), 4, index))
    assert made.pixels[:, 6].max() == 5
    assert made.pixels[2, 6, 5] == 4
    assert made.pixels[27, 6, 5] == 5
    assert made.areas() == made.counted()
    others = np.delete(made.pixels, 6, axis=1)
    np.testing.assert_array_equal(others, np.delete(data, 6, axis=1))


def correct(made, mask, origin=(0, 0), number=3, policy="new_on_top", index=FIRST):
    changes = object_edits.replace(
        made.labels, made.frame(index), mask, origin, number, policy, made.table, index
    )
    edit = Edit("Commit", changes)
    made.apply(edit)
    return edit


def test_a_corrected_object_is_its_new_mask():
    made = Labelled(two_discs())
    mask = np.ones((4, 30), bool)
    edit = correct(made, mask, (1, 17))
    expected = np.where(two_discs()[0] == 3, 0, two_discs()[0])
    expected[1:5, 17:47] = 3
    np.testing.assert_array_equal(made.pixels[0], expected)
    np.testing.assert_array_equal(made.pixels[1], two_discs()[1])
    assert made.areas() == made.counted()
    made.undo(edit)
    np.testing.assert_array_equal(made.pixels, two_discs())


@settings(max_examples=40)
@given(
    arrays(np.int32, (7, 9), elements=st.integers(0, 3)),
    arrays(bool, (5, 6)),
    st.tuples(st.integers(-2, 6), st.integers(-2, 8)),
    st.sampled_from(["new_on_top", "keep_existing", "only_background"]),
)
def test_corrections_of_any_labels(labels, mask, origin, policy):
    made = Labelled(labels.copy())
    whole = np.zeros((20, 20), bool)
    whole[origin[0] + 5 : origin[0] + 10, origin[1] + 5 : origin[1] + 11] = mask
    inside = whole[5:12, 5:14]
    expected = labels.copy()
    expected[given_up(inside, labels, 2, policy)] = 0
    expected[writable(inside, labels, 2, policy)] = 2
    if not inside.any() or not (expected == 2).any():
        with pytest.raises(TargetError, match=r"lies outside|would be left"):
            correct(made, mask, origin, 2, policy, (None, None))
        return
    edit = correct(made, mask, origin, 2, policy, (None, None))
    np.testing.assert_array_equal(made.pixels, expected)
    assert made.areas() == made.counted()
    made.undo(edit)
    np.testing.assert_array_equal(made.pixels, labels)


def test_preserve_labels_keeps_others_and_lets_an_object_be_corrected():
    made = Labelled(two_discs())
    made.labels.preserve_labels = True
    correct(made, np.ones((21, 50), bool))
    assert np.count_nonzero(made.pixels[0] == 5) == 48
    assert np.count_nonzero(made.pixels[0] == 3) == 21 * 50 - 48


def test_an_object_that_is_right_already_changes_nothing():
    made = Labelled(two_discs())
    assert correct(made, two_discs()[0] == 3).changes == ()


def test_objects_in_frames_that_were_not_read_are_corrected_as_well():
    made = Labelled(two_discs(), run=lambda job: None)
    changes = object_edits.replace(
        made.labels, made.frame(FIRST), np.ones((2, 2), bool), (0, 0), 3, "new_on_top",
        made.table, FIRST,
    )  # fmt: skip
    expected = np.where(two_discs()[0] == 3, 0, two_discs()[0])
    expected[:2, :2] = 3
    made.apply(Edit("Commit", changes))
    np.testing.assert_array_equal(made.pixels[0], expected)
