"""How a run stands, and when it ends."""

import pytest

from napari_cutout.train.tuning import TuningOptions
from napari_cutout.train.tuning.standing import Standing

CURVE = [(10, 0.5), (20, 0.7), (30, 0.6), (40, 0.7), (50, 0.65)]


def test_the_best_is_the_first_that_reached_it():
    standing = Standing(0.4, CURVE)

    assert (standing.best, standing.best_step) == (0.7, 20)


@pytest.mark.parametrize(
    ("patience", "reason"),
    [(4, ""), (3, "It stopped: no better in the last 3 validations."), (0, "")],
)
def test_patience_ends_after_so_many_validations(patience, reason):
    options = TuningOptions(patience=patience)

    assert Standing(0.4, CURVE).reason_to_stop(options, 1e9) == reason


def test_nothing_judged_never_ends_it():
    assert Standing().reason_to_stop(TuningOptions(patience=1), 5) == ""


def test_time_ends_it():
    assert "after 2 minutes" in Standing().reason_to_stop(TuningOptions(minutes=2), 121)
    assert Standing().reason_to_stop(TuningOptions(minutes=2), 119) == ""


def test_only_the_last_weights_count_as_judged():
    standing = Standing(0.4, CURVE)

    assert [standing.is_judged(step) for step in (40, 50, 60)] == [False, True, False]


def test_the_verdict_says_so_when_it_got_no_better():
    assert "no better than it was" not in Standing(0.4, CURVE).verdict()
    assert "no better than it was" in Standing(0.8, CURVE).verdict()
    assert "nothing was judged on" in Standing().verdict()
