"""Bars of a histogram: how many, which are kept, and that this shows without colour."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cutout.widgets.everything.histogram import BINS, Histogram

pytestmark = pytest.mark.gui


@pytest.fixture
def histogram(qtbot):
    shown = Histogram()
    qtbot.addWidget(shown)
    shown.resize(400, 40)
    return shown


def ink(histogram):
    """How much of the picture isn't background."""
    picture = histogram.grab().toImage()
    colors = [
        [picture.pixel(x, y) for x in range(picture.width())] for y in range(picture.height())
    ]
    values, counts = np.unique(colors, return_counts=True)
    return int(counts.sum() - counts.max()), len(values)


def test_values_fall_into_bins(histogram):
    histogram.show_values([0, 0, 0.5, 1, 7], 0, 1)
    assert histogram.counts.sum() == 5
    assert (histogram.counts[0], histogram.counts[BINS // 2], histogram.counts[-1]) == (2, 1, 2)


def test_no_values_are_no_bars(histogram):
    histogram.show_values((), 0, 0)
    assert not histogram.counts.any()
    histogram.grab()


def test_the_part_that_is_kept(histogram):
    histogram.show_values([0.1, 0.9], 0, 1)
    histogram.show_kept(0.5, np.inf)
    assert histogram.kept.sum() == BINS // 2
    histogram.show_kept(-np.inf, np.inf)
    assert histogram.kept.all()


def test_bars_that_are_not_kept_are_hollow(histogram):
    histogram.show_values(np.linspace(0, 0.2, 500), 0, 1)
    filled, _ = ink(histogram)
    histogram.show_kept(2, 3)
    hollow, _ = ink(histogram)
    assert hollow < filled
