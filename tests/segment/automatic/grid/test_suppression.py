"""Non-maximum suppression against a loop over pairs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.segment.automatic.grid.suppression import Standing, suppress
from reference_nms import nms


@st.composite
def boxes_and_scores(draw):
    """Boxes close together, so that many overlap, and scores of which some are equal."""
    count = draw(st.integers(0, 30))
    corner = st.integers(0, 12)
    box = st.tuples(corner, corner, corner, corner)
    found = [draw(box) for _ in range(count)]
    ordered = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in found]
    scores = [draw(st.sampled_from([0.1, 0.5, 0.5000001, 0.9])) for _ in range(count)]
    return np.array(ordered, float).reshape(-1, 4), np.array(scores)


@given(boxes_and_scores(), st.sampled_from([0.0, 0.25, 0.5, 0.7, 1.0]))
def test_it_keeps_what_a_loop_over_pairs_keeps(given_boxes, threshold):
    boxes, scores = given_boxes

    kept = suppress(boxes, scores, threshold)

    assert kept.tolist() == nms(boxes, np.float32(scores), threshold).tolist()


def test_an_iou_equal_to_the_threshold_is_kept():
    boxes = [[0, 0, 2, 2], [0, 0, 2, 4]]

    assert suppress(boxes, [2, 1], 0.5).tolist() == [0, 1]
    assert suppress(boxes, [2, 1], 0.4999).tolist() == [0]


def test_a_box_without_area_suppresses_nothing():
    assert suppress([[3, 0, 3, 9], [3, 0, 3, 9]], [2, 1], 0.5).tolist() == [0, 1]


def test_equal_scores_count_in_their_order():
    boxes = [[0, 0, 9, 9], [0, 0, 9, 9.01], [50, 50, 60, 60]]

    assert suppress(boxes, [0.5, 0.5, 0.5], 0.7).tolist() == [0, 2]


def test_there_may_be_nothing():
    assert suppress([], [], 0.7).tolist() == []


@st.composite
def crowds(draw):
    """Boxes that overlap a lot, with scores of which some are equal."""
    count = draw(st.integers(0, 80))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    corners = rng.integers(0, 6, (count, 2))
    boxes = np.concatenate([corners, corners + rng.integers(0, 9, (count, 2))], axis=1)
    return boxes, rng.integers(0, 12, count) / 11


@given(crowds(), st.sampled_from([0.0, 0.3, 0.7]))
def test_what_stays_is_known_after_each_box(crowd, threshold):
    boxes, scores = crowd
    standing = Standing(threshold)

    for count, (box, score) in enumerate(zip(boxes, scores, strict=True), 1):
        standing.add(box, (-score,))

        assert standing.kept == suppress(boxes[:count], scores[:count], threshold).tolist()


@given(crowds(), st.data())
def test_boxes_that_do_not_count_suppress_nothing(crowd, data):
    boxes, scores = crowd
    standing, is_there = Standing(0.4), np.zeros(len(boxes), bool)
    for box, score in zip(boxes, scores, strict=True):
        standing.add(box, (-score,), is_there=False)

    for _ in range(min(len(boxes), 20)):
        index = data.draw(st.integers(0, len(boxes) - 1))
        is_there[index] ^= True
        before = set(standing.kept)
        changed = standing.show(index, bool(is_there[index]))

        there = np.flatnonzero(is_there)
        expected = there[suppress(boxes[there], scores[there], 0.4)].tolist()
        assert standing.kept == expected
        assert set(changed) == before ^ set(expected)
