"""How a training went, and what came of it, as values."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_cutout.layers.learning.course import MOST, Course, Outcome
from napari_cutout.train.tuning import TuningProgress


def test_what_is_known_adds_up():
    course = Course()
    course.take(TuningProgress("encoding", 1, 8))
    course.take(TuningProgress("validating", 0, 20, validation_iou=0.6, before_iou=0.6))
    course.take(TuningProgress("training", 1, 20, loss=2.0, before_iou=0.6))
    course.take(TuningProgress("validating", 1, 20, validation_iou=0.7, best_iou=0.7))
    course.take(TuningProgress("training", 2, 20, loss=1.5, best_iou=0.7))
    course.take(TuningProgress("validating", 2, 20, validation_iou=0.65, best_iou=0.7))

    assert course.losses == [(1, 2.0), (2, 1.5)]
    assert course.ious == [(0, 0.6), (1, 0.7), (2, 0.65)]
    assert (course.before, course.best) == (0.6, (1, 0.7))
    assert (course.step, course.steps, course.stage) == (2, 20, "validating")


def test_of_many_losses_about_every_second_is_kept():
    """The last one always, and in their order."""
    course = Course()
    for step in range(3 * MOST):
        course.take(TuningProgress("training", step, 3 * MOST, loss=float(step)))

    assert len(course.losses) <= MOST
    assert course.losses[-1] == (3 * MOST - 1, 3.0 * MOST - 1)
    assert course.losses == sorted(course.losses)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(0.6, 0.8, "0.60 before, 0.80 now."), (0.8, 0.8, "no better"), (None, None, "nobody knows")],
)
def test_an_outcome_in_words(before, after, words):
    outcome = Outcome(Path("a.safetensors"), "compact", before, after)

    assert words in outcome.text
    assert Outcome(Path("a"), "compact", before, after, True).text.startswith("Stopped")
