"""What objects look like beside what is around them, and that they don't any more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moving_squares import seeing_segmenter
from napari_cutout.stacks.propagating.looks import Look, learn_looks, look_like
from napari_cutout.stacks.propagating.pieces import Piece

SQUARE = Piece(np.ones((14, 14), bool), (20, 30))


def embedded(inside, outside=20, noise=0):
    """A frame of a square on a ground."""
    chance = np.random.default_rng(0)
    frame = np.full((60, 80), outside, float)
    frame[20:34, 30:44] = inside
    frame += chance.normal(0, noise, frame.shape) if noise else 0
    return seeing_segmenter().encode(np.clip(frame, 0, 255).astype(np.uint8), "none")


def still(inside, **known):
    """Whether a square that was 200 on 20 looks like itself with other greys."""
    looks = learn_looks(embedded(200, **known), [SQUARE])
    return look_like(embedded(inside, **known), [SQUARE], looks)


@pytest.mark.parametrize(("inside", "expected"), [(200, True), (195, True), (20, False)])
def test_an_object_that_is_as_its_surroundings_were_is_gone(inside, expected):
    assert still(inside) == [expected]


@pytest.mark.parametrize(("inside", "expected"), [(190, True), (40, False)])
def test_it_is_so_in_noise(inside, expected):
    assert still(inside, noise=15) == [expected]


def test_of_one_that_is_as_grey_as_its_surroundings_nothing_is_said():
    looks = learn_looks(embedded(20, noise=15), [SQUARE])

    assert looks == [None]
    assert look_like(embedded(200), [SQUARE], looks) == [True]


def test_neighbours_are_no_surroundings():
    other = Piece(np.ones((14, 5), bool), (20, 25))
    frame = np.full((60, 80), 20, np.uint8)
    frame[20:34, 25:44] = 200
    embedding = seeing_segmenter().encode(frame, "none")
    together, alone = (
        learn_looks(embedding, [SQUARE, other])[0],
        learn_looks(embedding, [SQUARE])[0],
    )

    assert together.outside < alone.outside


def test_few_pixels_say_nothing():
    few, many = np.zeros(7, np.intp), np.zeros(70, np.intp)

    assert Look.of(few, many + 9) is None
    assert Look.of(many, few + 9) is None
    assert Look.of(many, many + 9) is not None


@given(st.lists(st.integers(0, 15), min_size=8, max_size=60), st.integers(0, 2**32 - 1))
def test_what_it_was_learned_of_fits_and_what_was_around_does_not(inside, seed):
    inside = np.array(inside, np.intp)
    outside = np.random.default_rng(seed).integers(0, 16, 50)
    look = Look.of(inside, outside)

    if look is not None:
        assert look.fits(inside)
        assert not look.fits(outside)
