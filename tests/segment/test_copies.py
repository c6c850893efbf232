"""What is found in a frame can be sent to other processes, and copied."""

import copy
import pickle

import numpy as np
import pytest

from napari_cutout.segment import Window
from napari_cutout.segment.automatic.objects import FoundObject, Objects
from napari_cutout.segment.rle import Rle
from napari_cutout.stacks.running.results import FrameResult


def through_pickle(one):
    return pickle.loads(pickle.dumps(one))


MASK = np.array([[1, 0, 1], [1, 1, 1]], bool)
FOUND = FoundObject(Rle.encode(MASK), (4, 5), 0.9, 0.8, Window(0, 0, 40, 50), (4.0, 5.0))
RESULTS = [
    Rle.encode(MASK),
    FOUND,
    Objects((FOUND, FOUND), (40, 50)),
    FrameResult((3,), (FOUND,)),
]


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, through_pickle])
@pytest.mark.parametrize("one", RESULTS, ids=lambda one: type(one).__name__)
def test_copies_of_what_was_found_are_the_same(one, again):
    assert again(one) == one


@pytest.mark.parametrize("again", [copy.deepcopy, through_pickle])
def test_copies_have_the_same_masks(again):
    assert FOUND.area == MASK.sum()
    assert np.array_equal(again(FOUND).decode(), MASK)
    assert again(FOUND).area == FOUND.area
