"""A model judged: with one whose answers are known, the figures are known."""

import json
from io import StringIO

import numpy as np
import pytest
from rich.console import Console
from scipy import ndimage

from exact_family import SCORES
from napari_cutout.evaluate import evaluate
from napari_cutout.evaluate.bootstrap import mean_interval
from napari_cutout.evaluate.judged import IOUS
from napari_cutout.evaluate.table import render
from napari_cutout.formats.labelled import LabelledFrame


@pytest.fixture
def frame():
    labels = np.zeros((40, 50), np.uint16)
    labels[4:12, 6:14] = 1
    labels[20:25, 30:42] = 2
    labels[30, 30:35] = 3
    return LabelledFrame("squares/a.png", (labels > 0).astype(np.uint8) * 200, labels)


def test_a_perfect_model_has_one_everywhere(segmenter, frame):
    evaluation = evaluate(segmenter, [frame])
    row = evaluation.rows()[-1]
    assert (row.images, row.objects) == (1, 2)
    model = {name: row.figures[name] for name in IOUS if name != "ellipse"}
    assert model == dict.fromkeys(model, 1.0)
    assert 0.7 < row.figures["ellipse"] < 0.85
    assert row.figures["clicks_needed"] == 1
    assert row.figures["candidate_gap"] == 0


def test_a_model_that_finds_nothing_has_zero(segmenter, frame):
    dark = LabelledFrame(frame.name, np.zeros_like(frame.frame), frame.labels)
    figures = evaluate(segmenter, [dark]).rows()[-1].figures
    assert figures["click_8"] == figures["box"] == 0
    assert figures["ellipse"] > 0.7


def test_folders_have_rows_and_all_pools_their_objects(segmenter, frame):
    dark = LabelledFrame("dark/b.png", np.zeros_like(frame.frame), frame.labels)
    rows = evaluate(segmenter, [frame, dark]).rows()
    assert [row.name for row in rows] == ["dark", "squares", "all"]
    assert rows[-1].figures["click_1"] == 0.5


def test_objects_are_limited_and_always_the_same(segmenter):
    labels = np.arange(1, 26, dtype=np.uint16).reshape(5, 5).repeat(8, 0).repeat(8, 1)
    frame = LabelledFrame("grid/a.png", np.full((40, 40), 255, np.uint8), labels)
    first, second = (evaluate(segmenter, [frame], objects=4) for _ in range(2))
    assert first.values == second.values
    assert len(first.values["grid/a.png"]["box"]) == 4


def test_frames_without_objects_count_for_nothing(segmenter, frame):
    empty = LabelledFrame("squares/e.png", frame.frame, np.zeros_like(frame.labels))
    assert evaluate(segmenter, [empty, frame]).rows()[-1].images == 1


def test_the_table_and_the_json_show_the_same(segmenter, frame):
    evaluation = evaluate(segmenter, [frame])
    console = Console(width=200, file=StringIO())
    console.print(render(evaluation))
    rows = json.loads(json.dumps(evaluation.to_json()))["rows"]
    assert rows[0]["name"] == "squares"
    assert f"{rows[0]['ellipse']:.3f}" in console.file.getvalue()


def test_scores_are_compared_with_what_is_real(segmenter, frame):
    (row,) = evaluate(segmenter, [frame]).rows()[-1:]
    assert row.figures["score_error_click_1"] == pytest.approx(1 - SCORES[0])
    assert row.figures["score_error"] == pytest.approx(1 - SCORES[0])


def test_a_better_candidate_with_a_lower_score_is_told(segmenter, frame):
    # The second candidate is the first grown by a pixel, which is what is labelled here.
    bright = np.zeros_like(frame.frame)
    bright[5:11, 7:13] = 255
    labels = ndimage.binary_dilation(bright > 0).astype(np.uint16)
    found = evaluate(segmenter, [LabelledFrame(frame.name, bright, labels)])
    (one,) = found.objects
    assert one.best_candidate == 1.0
    assert one.figures["candidate_gap"] == pytest.approx(1 - 36 / 60)


def test_what_is_never_reached_takes_all_clicks(segmenter, frame):
    dark = LabelledFrame(frame.name, np.zeros_like(frame.frame), frame.labels)
    assert evaluate(segmenter, [dark]).rows()[-1].figures["clicks_needed"] == 8


def test_each_object_is_told(segmenter, frame):
    objects = evaluate(segmenter, [frame]).to_json()["objects"]
    assert [(one["image"], one["label"], one["area"]) for one in objects] == [
        ("squares/a.png", 1, 64),
        ("squares/a.png", 2, 60),
    ]
    assert objects[0]["iou"]["click_1"] == 1.0
    assert objects[0]["predicted_iou"]["box"] == pytest.approx(SCORES[0])


def test_intervals_are_those_of_the_values(segmenter, frame):
    dark = LabelledFrame("dark/b.png", np.zeros_like(frame.frame), frame.labels)
    evaluation = evaluate(segmenter, [frame, dark], seed=3)
    assert evaluation.intervals()["click_1"] == mean_interval([[1.0, 1.0], [0.0, 0.0]], seed=3)


def test_one_image_has_no_interval(segmenter, frame):
    assert evaluate(segmenter, [frame]).intervals() == {}


def test_another_seed_chooses_other_objects(segmenter):
    labels = np.arange(1, 26, dtype=np.uint16).reshape(5, 5).repeat(8, 0).repeat(8, 1)
    frame = LabelledFrame("grid/a.png", np.full((40, 40), 255, np.uint8), labels)
    first, second = (
        [one.label for one in evaluate(segmenter, [frame], objects=4, seed=seed).objects]
        for seed in (0, 1)
    )
    assert first != second


def test_the_worst_are_kept_as_pictures(segmenter, frame):
    half = np.array(frame.frame)
    half[frame.labels == 2] = 0
    (case,) = evaluate(segmenter, [LabelledFrame(frame.name, half, frame.labels)], worst=1).worst
    assert (case.label, case.iou, case.mask.any()) == (2, 0.0, False)
    assert case.truth.sum() == 60
    assert case.pixels.shape == (*case.truth.shape, 3)
