"""What is said of what embeddings take, and of how far a run is."""

from __future__ import annotations

import pytest

from napari_cutout.stacks.embedding import Estimate
from napari_cutout.widgets.stacks.pages import estimate_in_words
from napari_cutout.widgets.stacks.running import progress_in_words

pytestmark = pytest.mark.gui


def test_an_estimate_says_what_is_left_to_do():
    assert estimate_in_words(Estimate(40, 4, 120, 30_000_000)) == (
        "36 of 40 frames are to be encoded: about 2 min and 30 MB on disk."
    )
    assert estimate_in_words(Estimate(40, 40, 0, 0)) == "All 40 frames are in the store already."
    assert "store" in estimate_in_words(None)


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (Estimate(1, 0, 5, 2_000_000), "The frame is to be encoded: about 5 s and 2 MB on disk."),
        (Estimate(1, 1, 0, 0), "The frame is in the store already."),
        (
            Estimate(3, 2, 5, 2_000_000),
            "1 of 3 frames is to be encoded: about 5 s and 2 MB on disk.",
        ),
    ],
)
def test_an_estimate_of_one_frame_speaks_of_one(estimate, said):
    assert estimate_in_words(estimate) == said


def test_an_estimate_says_that_the_store_is_too_small():
    assert estimate_in_words(Estimate(9, 0, 9, 3_000_000_000, 50_000_000)).endswith(
        "The store takes 50 MB more; make it larger, or empty it."
    )


def test_how_far_a_run_is():
    assert progress_in_words(12, 36, "t=11", "about 2 min left") == (
        "12 of 36 frames, at t=11, about 2 min left"
    )
    assert progress_in_words(0, 0, "", "") == "Beginning …"
    assert progress_in_words(3, 4, "", "paused") == "3 of 4 frames, paused"
