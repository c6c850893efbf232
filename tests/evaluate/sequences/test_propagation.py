"""Carrying judged: with a model that sees objects exactly the figures are known."""

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from moving_squares import AS_SEEN, SIDE, movie, seeing_segmenter, straight
from napari_cutout import Segmenter
from napari_cutout.evaluate.sequences.labelled import LabelledSequence, read_sequences
from napari_cutout.evaluate.sequences.propagation import propagation_report
from napari_cutout.evaluate.sequences.table import render_propagation
from napari_cutout.stacks.propagating.options import PropagateOptions

DATA = Path(__file__).parents[4] / "shared" / "data"
FOLDERS = ("seq_t98g_phase", "vol3d_mouse_embryo_nuclei", "vol3d_plant_ovule")

COPIED_IS_BETTER = {"vol3d_mouse_embryo_nuclei": {("first", 10), ("middle", 1)}}
"""In the middle of the nuclei of one volume labels are the same in successive slices, so that a
copy has an IoU of 0.999; ten slices on from the first frame a single object is left, of 16 pixels
in its last slice."""

WAY = straight(7, (20, 10), (0, 7))


def sequence(*ways, is_volume=False):
    frames = movie(*ways)
    labels = np.zeros(frames.shape, np.uint16)
    for number, way in enumerate(ways, 1):
        labels[movie(way) > 100] = 3 * number
    return LabelledSequence("squares", frames, labels, is_volume)


def test_an_object_that_is_seen_exactly_has_one_everywhere():
    report = propagation_report(seeing_segmenter(), [sequence(WAY)], AS_SEEN)
    figures = [(row.begin, row.after, row.objects, row.iou, row.lost) for row in report.rows]
    assert figures == [("first", 1, 1, 1.0, 0.0), ("first", 5, 1, 1.0, 0.0)]
    assert report.ghosts == 0


def test_the_baseline_is_the_first_mask_where_it_was():
    report = propagation_report(seeing_segmenter(), [sequence(WAY)], AS_SEEN, horizons=(1, 2))
    assert [(row.copied_iou, row.copied_lost) for row in report.rows] == [
        ((SIDE - 7) / (SIDE + 7), 0.0),
        (0.0, 1.0),
    ]


def test_an_object_that_is_stopped_counts_as_lost():
    never = PropagateOptions(min_score=1, patience=0)
    report = propagation_report(seeing_segmenter(), [sequence(WAY)], never, horizons=(1,))
    assert [(row.iou, row.lost) for row in report.rows] == [(0.0, 1.0)]


def test_volumes_are_judged_from_the_middle_both_ways_too():
    report = propagation_report(
        seeing_segmenter(), [sequence(WAY, is_volume=True)], AS_SEEN, horizons=(1, 3)
    )
    figures = [(row.begin, row.after, row.objects, row.iou) for row in report.rows]
    assert figures == [
        ("first", 1, 1, 1.0),
        ("first", 3, 1, 1.0),
        ("middle", 1, 2, 1.0),
        ("middle", 3, 2, 1.0),
    ]


def test_a_mask_where_the_object_is_gone_is_a_ghost():
    one = sequence(straight(5, step=(0, 1)))
    one.labels[3:] = 0
    report = propagation_report(seeing_segmenter(), [one], AS_SEEN, horizons=(4,))
    assert (report.rows, report.ghosts) == ((), 1.0)


def test_small_objects_are_left_out():
    one = sequence(straight(3, step=(0, 1)))
    one.labels[0] = 0
    one.labels[0, :5, :5] = 3
    assert propagation_report(seeing_segmenter(), [one], AS_SEEN).rows == ()


def test_the_table_and_the_json_show_the_same():
    report = propagation_report(seeing_segmenter(), [sequence(WAY)], AS_SEEN)
    console = Console(width=160, file=StringIO())
    console.print(render_propagation("squares", "seeing", report))
    row = json.loads(json.dumps(report.to_json()))["rows"][0]
    assert f"{row['copied_iou']:.3f}" in console.file.getvalue()
    assert (row["begin"], row["after"]) == ("first", 1)


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS)
def test_the_embedded_model_is_better_than_a_copied_mask(folder):
    if not (DATA / folder).is_dir():
        pytest.skip(f"{folder} isn't here")
    report = propagation_report(Segmenter("compact"), read_sequences(DATA / folder))
    worse = {(row.begin, row.after) for row in report.rows if row.iou <= row.copied_iou}
    assert worse == COPIED_IS_BETTER.get(folder, set())
