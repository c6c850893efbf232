"""Answers that become objects once they are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cutout.segment.automatic.grid.candidates import Candidate, Made
from napari_cutout.segment.automatic.grid.judging import Judged
from napari_cutout.segment.automatic.grid.silhouette import Silhouette
from napari_cutout.segment.windows import Window

CROP = Window(100, 200, 50, 60)
CROSS = np.array([[0, 1, 0], [1, 1, 1]], bool)


@pytest.fixture
def candidates():
    """Two, of a cross and of a pixel."""
    shapes = [(CROSS, Window(3, 4, 2, 3)), (np.ones((1, 1), bool), Window(9, 9, 1, 1))]
    return tuple(
        Candidate(Judged(Silhouette.of_mask(mask, box), 0.9), 0.8, (105.0, 206.0), CROP)
        for mask, box in shapes
    )


def is_made(candidate):
    return "object" in vars(candidate)


def test_the_box_is_that_of_the_object_which_isnt_made_for_it(candidates):
    cross = candidates[0]

    box = cross.box

    assert not is_made(cross)
    assert box == cross.object.box == (103, 204, 104, 206)


def test_an_object_says_where_it_comes_from(candidates):
    found = candidates[0].object

    np.testing.assert_array_equal(found.decode(), CROSS)
    assert (found.score, found.stability, found.point, found.window) == (
        0.8,
        0.9,
        (105.0, 206.0),
        CROP,
    )


def test_only_objects_that_are_looked_at_are_made_and_once(candidates):
    made = Made(candidates)

    last = made[-1]

    assert [is_made(one) for one in candidates] == [False, True]
    assert made[1] is last
    assert made[:1][0] is candidates[0].object
    assert (len(made), list(made)) == (2, [one.object for one in candidates])
