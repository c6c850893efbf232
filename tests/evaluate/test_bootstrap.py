"""Intervals by drawing images again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.evaluate.bootstrap import difference_interval, drawn_means, mean_interval

images = st.lists(st.lists(st.floats(0, 1), max_size=4), max_size=5)


@given(images)
def test_an_interval_lies_among_the_values(values):
    interval = mean_interval(values)
    there = [image for image in values if image]
    assert (interval is None) == (len(there) < 2)
    if interval is not None:
        means = [np.mean(image) for image in there]
        assert min(means) - 1e-9 <= interval.low <= interval.high <= max(means) + 1e-9


def test_draws_are_those_of_a_slow_count():
    values = [[0.1, 0.3], [0.9], [0.4, 0.5, 0.6]]
    drawn = np.random.default_rng(7).integers(3, size=(1000, 3))
    slow = [np.mean([x for image in draw for x in values[image]]) for draw in drawn]
    assert drawn_means(values, seed=7) == pytest.approx(np.array(slow))


def test_the_same_seed_draws_the_same():
    values = [[0.1], [0.5], [0.9]]
    assert mean_interval(values, 1) == mean_interval(values, 1)
    assert mean_interval(values, 1) != mean_interval([[0.1], [0.5], [0.8]], 1)


def test_more_images_make_it_narrower():
    few, many = (mean_interval([[0.0], [1.0]] * count) for count in (3, 100))
    assert many.high - many.low < few.high - few.low


def test_a_constant_difference_is_certain_however_images_differ():
    values = [[0.1], [0.9], [0.5]]
    lower = [[value - 0.05 for value in image] for image in values]
    interval = difference_interval(values, lower)
    assert (interval.low, interval.high) == (pytest.approx(0.05), pytest.approx(0.05))


def test_differences_need_pairs():
    with pytest.raises(ValueError, match="pairs"):
        difference_interval([[1.0], [1.0]], [[1.0]])
