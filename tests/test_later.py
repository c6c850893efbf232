"""What runners of tests make of errors: as those of the widgets do."""

from __future__ import annotations

import pytest

from later import LaterSteps
from napari_cutout.layers.long_jobs import LongJob
from napari_cutout.segment import PromptError


@pytest.fixture
def fail():
    """Run a job that fails after a step; returns what the job was told of its end."""

    def run(error):
        def steps():
            yield 1
            raise error

        ended, later = [], LaterSteps()
        later(LongJob("failing", steps, lambda step: None, ended.append))
        try:
            later.finish()
        except Exception as raised:
            return ended, raised
        return ended, None

    return run


@pytest.mark.parametrize("error", [ValueError("a bug"), RuntimeError("a bug"), KeyError("a bug")])
def test_a_bug_is_raised_and_no_end_of_the_job(fail, error):
    assert fail(error) == ([], error)


@pytest.mark.parametrize("error", [PromptError("outside"), OSError("gone"), MemoryError("short")])
def test_what_is_about_the_input_ends_the_job(fail, error):
    assert fail(error) == ([error], None)
