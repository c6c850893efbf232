"""Links that are there against those that were found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from napari_cutout.evaluate.sequences.challenge import can_score, challenge_scores
from napari_cutout.evaluate.sequences.linking import (
    LinkingRow,
    found_links,
    linking_report,
    overlap_links,
    true_links,
)
from napari_cutout.evaluate.sequences.moving_blobs import moving_blobs
from napari_cutout.evaluate.sequences.simulated import TrueSequence
from napari_cutout.formats.images import open_image
from napari_cutout.formats.tracks.track import Track
from napari_cutout.stacks.linking.linker import link

SEQUENCE = Path(__file__).parents[4] / "shared" / "data" / "seq_t98g_phase" / "labels"


def pixels(*contents):
    """A frame for each mapping of places in a row to ids."""
    frames = np.zeros((len(contents), 1, 12), int)
    for frame, places in zip(frames, contents, strict=True):
        for (start, stop), one in places.items():
            frame[0, start:stop] = one
    return tuple(frames)


def test_true_links_go_over_gaps_and_to_daughters():
    frames = pixels({(0, 4): 1}, {}, {(0, 4): 1}, {(0, 2): 2, (2, 4): 3})

    assert true_links(TrueSequence(frames, {2: 1, 3: 1})) == {
        (0, 1, 2, 1),
        (2, 1, 3, 2),
        (2, 1, 3, 3),
    }


def test_plain_overlap_follows_most_pixels():
    frames = pixels({(0, 5): 1, (5, 7): 2}, {(2, 7): 3, (8, 9): 4}, {(2, 4): 5, (4, 7): 6})

    assert overlap_links(frames) == {(0, 1, 1, 3), (1, 3, 2, 5), (1, 3, 2, 6)}


def test_found_links_are_in_the_ids_of_frames():
    truth = moving_blobs(8, 20, seed=2, speed=0.05, spread=3, divisions=0.02)

    assert found_links(link(truth.frames)) == true_links(truth)


def test_errors_are_missed_and_wrong_ones():
    row = LinkingRow("as they are", 1, 10, missed=1, wrong=2, plain_missed=3, plain_wrong=4)

    assert (row.errors, row.plain_errors) == (3, 7)


def test_a_report_has_a_row_for_each_kind_and_step():
    frames = moving_blobs(9, 10, seed=0, speed=0.05, spread=3).frames
    report = linking_report(frames, every=2)

    kinds = ["as they are", "divisions", "dropouts", "splits"]
    assert [(row.every, row.kind) for row in report.rows] == [
        (step, kind) for step in (1, 2) for kind in kinds
    ]
    assert [report.rows[0].links, report.rows[4].links] == [8 * 10, 7 * 10]
    assert report.rows[0].errors == report.rows[4].errors == 0
    assert report.to_json()["rows"][0]["plain_errors"] == report.rows[0].plain_errors


def test_with_what_goes_wrong_errors_are_at_most_half_of_those_of_plain_overlap():
    frames = moving_blobs(24, 60, seed=3, speed=0.3, spread=2.5).frames

    for row in linking_report(frames, every=3).rows:
        if row.kind != "as they are":
            assert row.errors <= 0.5 * row.plain_errors, row


@pytest.mark.slow
@pytest.mark.skipif(not SEQUENCE.is_dir(), reason="the sequence isn't here")
def test_on_cells_errors_are_at_most_half_of_those_of_plain_overlap():
    frames = [np.asarray(open_image(path).data) for path in sorted(SEQUENCE.iterdir())]

    for row in linking_report(frames, every=5).rows:
        if row.every == 5:
            assert row.errors <= 0.5 * row.plain_errors, row


def test_scores_of_the_challenge_are_there_where_its_program_is():
    frames = pixels({(0, 4): 1}, {(1, 5): 1})
    tracks = (Track(1, 0, 1),)
    scores = challenge_scores((frames, tracks), (frames, tracks))

    assert scores == ({"TRA": 1.0, "SEG": 1.0, "DET": 1.0} if can_score() else {})
