"""Finding everything, judged."""

import numpy as np
import pytest
from scipy import ndimage

from flat_family import flat_segmenter, painted
from napari_cutout.evaluate import automatic
from napari_cutout.evaluate.automatic_masks import FIGURES
from napari_cutout.formats.labelled import LabelledFrame
from napari_cutout.segment.automatic.instances.options import InstanceOptions

OPTIONS = InstanceOptions(smoothing=0.0, zoom=1.0)


def _frame(name, *, missed=False):
    shown = np.zeros((40, 60), bool)
    shown[5:15, 5:15] = shown[20:30, 30:50] = True
    labels, _ = ndimage.label(shown)
    if missed:
        shown[5:15, 5:15] = False
    return LabelledFrame(name, painted(shown), labels)


def test_rows_are_folders_and_all_with_means_over_images():
    frames = [_frame("a/1"), _frame("a/2", missed=True), _frame("b/1")]
    evaluation = automatic(flat_segmenter(), frames, OPTIONS, mode="instances")
    rows = {row.name: row for row in evaluation.rows()}
    assert list(rows) == ["a", "b", "all"]
    assert (rows["a"].images, rows["a"].objects, rows["a"].found) == (2, 4, 3)
    assert rows["a"].figures["ap50"] == pytest.approx(0.75)
    assert rows["b"].figures["map"] == 1.0
    assert rows["all"].figures["pq"] == pytest.approx((1 + 2 / 3 + 1) / 3)
    assert set(rows["all"].figures) == set(FIGURES)


def test_json_holds_the_rows():
    evaluation = automatic(flat_segmenter(), [_frame("a/1")], OPTIONS, mode="instances")
    value = evaluation.to_json()
    assert (value["model"], value["mode"]) == ("flat", "instances")
    assert [row["name"] for row in value["rows"]] == ["a", "all"]
    assert value["rows"][0]["boundary_f"] == 1.0
    assert value["rows"][0]["found"] == 2


def test_frames_are_told_as_they_are_done():
    told = []
    automatic(flat_segmenter(), [_frame("a/1"), _frame("a/2")], OPTIONS, progress=told.append)
    assert told == ["a/1", "a/2"]
