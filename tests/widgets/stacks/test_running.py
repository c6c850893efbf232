"""What is said of how far a run is."""

from __future__ import annotations

import pytest

from napari_cutout.widgets.stacks.running import progress_in_words

pytestmark = pytest.mark.gui


def test_how_far_a_run_is():
    assert progress_in_words(12, 36, "t=11", "about 2 min left") == (
        "12 of 36 frames, at t=11, about 2 min left"
    )
    assert progress_in_words(0, 0, "", "") == "Beginning …"
    assert progress_in_words(3, 4, "", "paused") == "3 of 4 frames, paused"
