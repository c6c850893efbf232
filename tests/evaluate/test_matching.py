"""Objects that were found against labelled ones, by hand and by slow implementations."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_cutout.evaluate.boundaries import boundary_f, label_outlines, object_outlines
from napari_cutout.evaluate.matching import THRESHOLDS, Matching
from napari_cutout.segment.automatic.objects import FoundObject, Objects
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window

labels_of = hnp.arrays(np.uint8, (6, 7), elements=st.integers(0, 4))


def _objects(masks, shape):
    found = []
    for mask in masks:
        rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        cut = mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
        origin = int(rows[0]), int(cols[0])
        found.append(FoundObject(Rle.encode(cut), origin, 0.9, 1.0, Window(0, 0, *shape)))
    return Objects(tuple(found), shape)


def _found(labels):
    return _objects([labels == value for value in np.unique(labels) if value], labels.shape)


def _rows(*values):
    return np.repeat(np.array([values], np.int32), 4, axis=0)


def test_by_hand():
    # One found exactly, one by 3 of 4 columns, one missed, one that isn't there.
    truth = _rows(1, 1, 0, 2, 2, 2, 2, 0, 3, 3, 0, 0)
    answer = _rows(1, 1, 0, 2, 2, 2, 0, 0, 0, 0, 0, 4)
    matching = Matching.of(truth, _found(answer))
    assert matching.ious.tolist() == [[1, 0, 0], [0, 0.75, 0], [0, 0, 0]]
    assert [matching.hits(t) for t in (0.5, 0.7, 0.75, 0.95)] == [2, 2, 1, 1]
    assert matching.average_precision(0.5) == 2 / 4
    assert matching.average_precision(0.75) == 1 / 5
    assert matching.mean_average_precision == pytest.approx((5 * 2 / 4 + 5 * 1 / 5) / 10)
    assert matching.panoptic_quality == pytest.approx(1.75 / (2 + 0.5 + 0.5))


def test_a_half_is_no_hit():
    matching = Matching.of(_rows(1, 1, 1, 1), _found(_rows(1, 1, 0, 0)))
    assert matching.ious.tolist() == [[0.5]]
    assert matching.hits(0.5) == 0
    assert matching.panoptic_quality == 0


def test_two_answers_for_one_object_are_one_hit():
    truth = _rows(1, 1, 1, 1)
    answer = _objects([truth > 0, truth > 0], truth.shape)
    assert Matching.of(truth, answer).average_precision(0.5) == 0.5


def test_ids_may_be_any_and_cover_all():
    assert Matching.of(_rows(70000, 70000, 9), _found(_rows(1, 1, 2))).ious.tolist() == [
        [0, 1],
        [1, 0],
    ]


@pytest.mark.parametrize(
    ("truth", "answer", "expected"), [((0,), (0,), 1), ((1,), (0,), 0), ((0,), (1,), 0)]
)
def test_empty_frames(truth, answer, expected):
    matching = Matching.of(_rows(*truth), _found(_rows(*answer)))
    assert matching.average_precision(0.5) == expected
    assert matching.mean_average_precision == expected
    assert matching.panoptic_quality == expected
    assert boundary_f(_rows(*truth), _found(_rows(*answer))) == 1.0


@given(truth=labels_of, answer=labels_of)
def test_ious_and_hits_are_those_of_a_slow_count(truth, answer):
    matching = Matching.of(truth, _found(answer))
    a, b = (np.unique(labels[labels > 0]) for labels in (truth, answer))
    expected = np.zeros((len(a), len(b)))
    for (i, one), (j, other) in itertools.product(enumerate(a), enumerate(b)):
        both = np.count_nonzero((truth == one) & (answer == other))
        expected[i, j] = both / np.count_nonzero((truth == one) | (answer == other))
    assert matching.ious == pytest.approx(expected)
    for threshold in THRESHOLDS:
        assert matching.hits(threshold) == np.count_nonzero(expected > threshold)
    hit = expected[expected > 0.5]
    wrong = len(a) + len(b) - 2 * len(hit)
    slow = hit.sum() / (len(hit) + wrong / 2) if len(a) + len(b) else 1.0
    assert matching.panoptic_quality == pytest.approx(slow)


@given(ious=hnp.arrays(float, (3, 4), elements=st.floats(0, 1)))
def test_overlapping_answers_are_paired_so_that_there_are_most_hits(ious):
    most = max(
        sum(ious[i, j] > 0.5 for i, j in enumerate(chosen))
        for chosen in itertools.permutations(range(4), 3)
    )
    assert Matching(ious).hits(0.5) == most


@given(labels=labels_of)
def test_outlines_are_those_of_a_slow_count(labels):
    expected = np.zeros(labels.shape, bool)
    for row, col in np.ndindex(labels.shape):
        around = [(row + 1, col), (row - 1, col), (row, col + 1), (row, col - 1)]
        inside = [(r, c) for r, c in around if 0 <= r < 6 and 0 <= c < 7]
        expected[row, col] = labels[row, col] and any(
            labels[place] != labels[row, col] for place in inside
        )
    assert (label_outlines(labels) == expected).all()
    assert (object_outlines(_found(labels)) == expected).all()


def test_outlines_off_by_the_tolerance_agree():
    truth = np.zeros((40, 40), np.uint8)
    truth[10:20, 10:20] = 1
    moved = np.roll(truth, 2, axis=1)
    assert boundary_f(truth, _found(truth)) == 1.0
    assert boundary_f(truth, _found(moved)) == 1.0
    assert boundary_f(truth, _found(np.roll(truth, 15, axis=1))) == 0.0


def test_boundary_f_is_the_harmonic_mean():
    truth = np.zeros((40, 60), np.uint8)
    truth[10:20, 10:20], truth[10:20, 40:50] = 1, 2
    answer = np.where(truth == 1, truth, 0)
    assert boundary_f(truth, _found(answer)) == pytest.approx(2 * 0.5 / 1.5)
