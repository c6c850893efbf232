"""Filters over what was measured, against the same told of masks of the whole frame."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_cutout.segment.automatic.filters import Filters, Measured
from napari_cutout.segment.automatic.objects import FoundObject, Objects
from napari_cutout.segment.automatic.overlaps import overlaps
from napari_cutout.segment.automatic.results import full_mask
from napari_cutout.segment.automatic.shapes import roundness
from napari_cutout.segment.errors import OptionError
from napari_cutout.segment.rle import Rle
from napari_cutout.segment.windows import Window

SHAPE = (24, 24)


def disc(radius):
    rows, cols = np.indices((2 * radius + 1,) * 2) - radius
    return np.hypot(rows, cols) <= radius


@st.composite
def some_objects(draw):
    """Random pieces of masks close together, by falling score."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    found = []
    for score in sorted(rng.random(draw(st.integers(0, 12))), reverse=True):
        height, width = rng.integers(1, 10, 2)
        mask = np.ones((height, width), bool)
        mask[rng.random(mask.shape) < 0.2] = False
        mask[[0, -1]] = mask[:, [0, -1]] = True
        row, col = rng.integers(0, 24 - height + 1), rng.integers(0, 24 - width + 1)
        window = Window(0, 0, *SHAPE)
        stability = float(rng.random())
        rle, origin = Rle.encode(mask), (int(row), int(col))
        found.append(FoundObject(rle, origin, float(score), stability, window))
    return Objects(tuple(found), SHAPE)


@given(some_objects())
def test_overlaps_are_those_of_the_masks(objects):
    masks = [full_mask(one, SHAPE) for one in objects]
    expected = {
        (i, j): np.count_nonzero(masks[i] & masks[j])
        for j in range(len(masks))
        for i in range(j)
        if (masks[i] & masks[j]).any()
    }

    found = overlaps(objects.found)

    pairs = zip(found.first.tolist(), found.second.tolist(), strict=True)
    assert dict(zip(pairs, found.pixels.tolist(), strict=True)) == expected


@given(some_objects(), st.floats(0, 1), st.floats(0, 1), st.integers(0, 40), st.booleans())
def test_filters_do_what_they_say(objects, score, stability, area, border):
    filters = Filters(score, stability, area, area + 30, drop_touching_border=border)

    passing = Measured(objects).passing(filters)

    expected = []
    for one in objects:
        mask = full_mask(one, SHAPE)
        at_border = mask[[0, -1]].any() or mask[:, [0, -1]].any()
        expected.append(
            one.score >= score
            and one.stability >= stability
            and area <= mask.sum() <= area + 30
            and not (border and at_border)
        )
    assert passing.tolist() == expected


@given(some_objects(), st.floats(0, 0.99), st.floats(0, 1))
def test_what_better_ones_cover_goes_and_covers_nothing_then(objects, most, score):
    passing = Measured(objects).passing(Filters(min_score=score, max_overlap=most))

    expected = []
    for index, one in enumerate(objects):
        mask = full_mask(one, SHAPE)
        covered = sum(
            np.count_nonzero(mask & full_mask(objects[other], SHAPE))
            for other in range(index)
            if expected[other]
        )
        expected.append(bool(one.score >= score and covered <= most * one.area))
    assert passing.tolist() == expected


def test_a_disc_is_round_and_a_line_is_not():
    assert roundness(disc(20)) > 0.95
    assert roundness(np.ones((1, 40), bool)) < 0.25
    assert roundness(np.ones((30, 30), bool)) == pytest.approx(np.pi / 4, abs=0.12)
    assert roundness(np.zeros((3, 3), bool)) == 0


def test_roundness_filters():
    found = [
        FoundObject(Rle.encode(mask), (2, 2), 0.9, 1.0, Window(0, 0, *SHAPE))
        for mask in (disc(8), np.ones((2, 18), bool))
    ]

    passing = Measured(Objects(tuple(found), SHAPE)).passing(Filters(min_roundness=0.8))

    assert passing.tolist() == [True, False]


def test_nothing_found_is_nothing_filtered():
    assert Measured(Objects((), SHAPE)).passing(Filters(max_overlap=0.5)).tolist() == []


@pytest.mark.parametrize(
    "given",
    [
        {"min_stability": 1.1},
        {"min_roundness": -0.1},
        {"max_overlap": 2},
        {"min_score": float("nan")},
        {"min_area": -1},
        {"min_area": 10, "max_area": 9},
    ],
)
def test_values_out_of_range_are_refused(given):
    with pytest.raises(OptionError, match=next(reversed(given))):
        Filters(**given)
