"""Doubt: its parts by hand, and on a model whose answers are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from exact_family import exact_segmenter
from flat_family import flat_segmenter
from napari_cutout.segment.automatic.objects import FoundObject, Objects
from napari_cutout.segment.prompts import Prompts
from napari_cutout.segment.ranking import (
    FrameDoubt,
    frame_doubt,
    frame_doubts,
    least_sure_frames,
)
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.uncertainty import (
    Doubt,
    candidate_agreement,
    crop_iou,
    doubts,
    middle,
    stability,
)
from napari_cutout.segment.windows import Window

masks = hnp.arrays(bool, st.tuples(st.integers(1, 5), st.integers(1, 5)))
places = st.tuples(st.integers(0, 5), st.integers(0, 5))


def two_regions():
    frame = np.zeros((40, 60), np.uint8)
    frame[5:12, 6:20] = frame[20:30, 30:50] = 255
    return frame


def found(rows, cols, score=1.0):
    size = rows.stop - rows.start, cols.stop - cols.start
    origin = rows.start, cols.start
    return FoundObject(Rle.encode(np.ones(size, bool)), origin, score, 1.0, Window(0, 0, 40, 60))


def whole(crop):
    mask, (row, col) = crop
    frame = np.zeros((10, 10), bool)
    frame[row : row + mask.shape[0], col : col + mask.shape[1]] = mask
    return frame


@given(masks, places, masks, places)
def test_in_boxes_the_iou_is_that_of_frames(one, at, other, there):
    first, second = (one, at), (other, there)
    a, b = whole(first), whole(second)
    either = np.count_nonzero(a | b)
    expected = np.count_nonzero(a & b) / either if either else 1.0
    assert crop_iou(first, second) == pytest.approx(expected)


@given(masks.filter(np.any), places)
def test_the_middle_lies_in_the_mask(mask, at):
    row, col = middle((mask, at))
    assert mask[int(row) - at[0], int(col) - at[1]]


def test_an_empty_mask_has_no_middle():
    with pytest.raises(ValueError, match="no middle"):
        middle((np.zeros((3, 3), bool), (0, 0)))


def test_stability_compares_two_thresholds():
    logits = np.array([[2.0, 0.5, -0.5, -2.0]], np.float32)
    assert stability(logits) == 1 / 3
    assert stability(logits, offset=0.1) == 1.0
    assert stability(np.full((2, 2), -5.0, np.float32)) == 0.0


def test_doubt_rises_when_any_part_falls():
    assert Doubt(1.0, 1.0, 1.0).value == 0
    assert Doubt(0.5, 1.0, 1.0).value == 0.5
    assert Doubt(0.9, 0.9, 0.9).value == pytest.approx(1 - 0.9**3)
    # Some models predict more than 1.
    assert Doubt(1.02, 1.0, 1.0).value == 0


def test_candidates_are_compared_with_the_best():
    segmenter = exact_segmenter()
    embedding = segmenter.encode(two_regions())
    asked = segmenter.predict(embedding, Prompts(points=[[8, 10]]))
    # 7 x 14 pixels; grown by one on each side, without corners; and both regions.
    expected = np.mean([98 / (98 + 2 * 7 + 2 * 14), 98 / 298])
    assert candidate_agreement(asked) == pytest.approx(expected)
    alone = segmenter.predict(embedding, Prompts(points=[[8, 10]]), multimask=False)
    assert candidate_agreement(alone) == 1.0


def test_what_the_model_would_cut_out_otherwise_is_doubted_more():
    segmenter = exact_segmenter()
    embedding = segmenter.encode(two_regions())
    right, half = doubts(
        segmenter,
        embedding,
        [found(slice(5, 12), slice(6, 20)), found(slice(20, 30), slice(30, 40))],
    )
    assert right.value < half.value
    assert half.agreement < right.agreement


def test_scores_are_the_objects_own():
    segmenter = exact_segmenter()
    embedding = segmenter.encode(two_regions())
    (one,) = doubts(segmenter, embedding, [found(slice(5, 12), slice(6, 20), score=0.3)])
    assert one.score == 0.3


def test_no_objects_take_no_prompts():
    segmenter = exact_segmenter()
    assert list(doubts(segmenter, segmenter.encode(two_regions()), [])) == []
    assert segmenter.family.calls["decode"] == 0


def test_a_frame_is_as_doubtful_as_its_objects_on_average():
    assert frame_doubt([0.2, 0.4]) == pytest.approx(0.3)
    one = FrameDoubt("a", Objects((), (4, 4)), (Doubt(0.5, 1, 1), Doubt(1, 1, 1)))
    assert one.value == 0.25


def test_frames_are_read_one_at_a_time():
    read = []

    def frames():
        for name in "ab":
            read.append(name)
            yield name, two_regions()

    steps = frame_doubts(flat_segmenter(), frames())
    assert (next(steps).name, read) == ("a", ["a"])


def test_least_sure_frames_come_first_and_empty_ones_last():
    blurred = two_regions()
    blurred[20:30, 30:50:2] = 0
    frames = {"empty": np.zeros((40, 60), np.uint8), "clear": two_regions(), "torn": blurred}
    ranked = least_sure_frames(flat_segmenter(), frames.items())
    values = [one.value for one in ranked]
    assert values == sorted(values, reverse=True)
    assert (ranked[-1].name, ranked[-1].value) == ("empty", 0.0)
