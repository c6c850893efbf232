"""A model judged: with one whose answers are known, the figures are known."""

import json
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from napari_cutout.evaluate import evaluate
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
    model = {name: value for name, value in row.figures.items() if name != "ellipse"}
    assert model == dict.fromkeys(model, 1.0)
    assert 0.7 < row.figures["ellipse"] < 0.85


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
