"""What can't be carried is refused at once, with what to do."""

import re

import numpy as np
import pytest

from moving_squares import carried, movie, start, straight
from napari_cutout.segment.errors import OptionError
from napari_cutout.segment.rle import Rle
from napari_cutout.stacks.errors import StackError
from napari_cutout.stacks.propagating.options import PropagateOptions
from napari_cutout.stacks.propagating.values import Division, Start

WAY = straight(4)
FIRST = start(1, WAY[0])
EMPTY = Start(1, Rle.encode(np.zeros((3, 3), bool)), (0, 0))


@pytest.mark.parametrize(
    ("starts", "how", "said"),
    [
        ({(0,): [EMPTY]}, {}, "object 1 in frame t=0 has an empty mask; leave it out"),
        ({(9,): [FIRST]}, {}, "frame t=9 isn't among those to carry through"),
        ({(0,): [FIRST, FIRST]}, {}, "object 1 in frame t=0 has two masks; give one"),
        ({(0,): [start(1, (50, 10))]}, {}, "14 x 14 pixels at (50, 10), reaches out of the frame"),
        ({(0,): [start(1, (-1, 10))]}, {}, "reaches out of the frame of 60 rows and 80 columns"),
        ({(0,): [start(0, (1, 1))]}, {}, "a whole number from 1 on, not 0"),
        ({(0,): [FIRST]}, {"direction": "up"}, "forward, backward or both, not 'up'"),
        ({(0,): [FIRST]}, {"stops": [(1, (0,))]}, "is to stop there; choose one"),
        ({(0,): [FIRST]}, {"stops": [(1, (7,))]}, "frame t=7 isn't among those"),
    ],
)
def test_masks_and_frames_that_do_not_fit(starts, how, said):
    with pytest.raises(StackError, match=re.escape(said)):
        carried(movie(WAY), starts, **how)


@pytest.mark.parametrize(
    ("daughters", "said"),
    [
        ((start(1, (1, 1)), start(2, (1, 30))), "divides into two others, not into [1, 2]"),
        ((start(2, (1, 1)), start(2, (1, 30))), "divides into two others, not into [2, 2]"),
        ((start(2, (1, 1)), start(5, (1, 30))), "object 5 is a daughter already"),
    ],
)
def test_divisions_that_do_not_fit(daughters, said):
    starts = {(0,): [FIRST], (3,): [start(5, WAY[3])]}
    with pytest.raises(StackError, match=re.escape(said)):
        carried(movie(WAY), starts, divisions={1: Division((2,), daughters)})


def test_a_mother_has_no_mask_after_she_divided():
    daughters = (start(2, (1, 1)), start(3, (1, 30)))
    starts = {(0,): [FIRST], (3,): [start(1, WAY[3])]}
    with pytest.raises(StackError, match="object 1 has a mask in frame t=3, but divides before"):
        carried(movie(WAY), starts, divisions={1: Division((2,), daughters)})


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_score": 1.5},
        {"max_area_change": 0.5},
        {"min_overlap": -0.1},
        {"keep_shape": float("nan")},
        {"use_motion": 1},
        {"patience": 0.5},
        {"patience": -1},
        {"largest_gap": 1.5},
        {"largest_gap": -1},
    ],
)
def test_options_out_of_range(wrong):
    with pytest.raises(OptionError, match=next(iter(wrong))):
        PropagateOptions(**wrong)
