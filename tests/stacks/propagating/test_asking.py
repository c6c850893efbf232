"""What a model says of expected masks: blended, freed of its bias, and shared out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from exact_family import ExactFamily
from moving_squares import seeing_segmenter
from napari_cutout.segment import Segmenter
from napari_cutout.segment.windows import Window
from napari_cutout.stacks.propagating.asking import Answer, ask, learn_habits, share_out
from napari_cutout.stacks.propagating.habits import Habit
from napari_cutout.stacks.propagating.pieces import Piece, depth

FRAME = np.zeros((50, 60), np.uint8)
FRAME[15:35, 20:42] = 255
SQUARE = Piece(np.ones((20, 22), bool), (15, 20))


class RampFamily(ExactFamily):
    """Logits that fall by 1 with each pixel from the edge of what is bright, too high by some."""

    too_high = 0.0

    def decode(self, features, prompts, multimask):
        logits, scores = super().decode(features, prompts, multimask)
        ramps = [depth(one[0].numpy() > 0) + self.too_high for one in logits]
        return logits.new_tensor(np.stack(ramps))[:, None], scores


def ramp(too_high):
    family = RampFamily()
    family.too_high = too_high
    return Segmenter.from_family(family, "ramp")


def test_without_a_share_of_the_expected_mask_the_model_decides():
    segmenter = seeing_segmenter()
    smaller = Piece(np.ones((10, 10), bool), (20, 26))
    (answer,) = ask(segmenter, segmenter.encode(FRAME, "none"), [smaller], [Habit()], 0.0)
    (found,) = share_out([answer], [1.0])
    assert answer.score == pytest.approx(0.9)
    assert found.iou(SQUARE) == 1


def test_with_all_of_it_nothing_changes():
    segmenter = seeing_segmenter()
    other = Piece(np.tri(12, dtype=bool), (18, 24))
    (answer,) = ask(segmenter, segmenter.encode(FRAME, "none"), [other], [Habit()], 1.0)
    (found,) = share_out([answer], [1.0])
    assert (found.origin, found.mask.tolist()) == (other.origin, other.mask.tolist())


@pytest.mark.parametrize("too_high", [-2.0, -1.0, 0.0, 1.0, 2.0])
def test_a_bias_is_learned_and_taken_off(too_high):
    segmenter = ramp(too_high)
    embedding = segmenter.encode(FRAME, "none")
    (habit,) = learn_habits(segmenter, embedding, [SQUARE])
    (answer,) = ask(segmenter, embedding, [SQUARE], [habit], 0.0)
    assert share_out([answer], [1.0])[0].iou(SQUARE) == 1
    assert abs(habit.bias - too_high) <= 0.5
    assert habit.error == 0


def test_an_error_is_what_the_model_differs_by_from_the_given_mask():
    segmenter = seeing_segmenter()
    part = Piece(np.ones((20, 16), bool), (15, 20))
    (habit,) = learn_habits(segmenter, segmenter.encode(FRAME, "none"), [part])
    assert (habit.bias, habit.error) == (0.0, pytest.approx(1 - 16 / 22))


def test_a_mask_stays_where_the_model_differs_no_more_than_it_did():
    segmenter = seeing_segmenter()
    embedding = segmenter.encode(FRAME, "none")
    half = Piece(np.ones((20, 11), bool), (15, 20))
    habits = learn_habits(segmenter, embedding, [half])
    answers = ask(segmenter, embedding, [half], habits, 0.0)
    (found,) = share_out(answers, [1.0])
    assert (found.origin, found.mask.tolist()) == (half.origin, half.mask.tolist())


@st.composite
def claims(draw):
    """Up to four objects' logits in a frame of 10 x 10."""
    found = []
    for _ in range(draw(st.integers(1, 4))):
        rows, cols = draw(st.integers(1, 8)), draw(st.integers(1, 8))
        window = Window(
            draw(st.integers(0, 10 - rows)), draw(st.integers(0, 10 - cols)), rows, cols
        )
        values = draw(hnp.arrays(np.float32, (rows, cols), elements=st.sampled_from([-1, 1, 2])))
        everywhere = np.ones((rows, cols), bool)
        found.append(Answer(values, window, everywhere, 0.9, 0.9))
    return found


@given(claims())
def test_a_pixel_goes_to_the_highest_logit_and_then_to_the_first(answers):
    stacked = np.full((len(answers), 10, 10), -np.inf)
    for number, answer in enumerate(answers):
        stacked[number][answer.window.slices] = answer.logits
    winner = np.where(stacked.max(axis=0) > 0, stacked.argmax(axis=0), -1)
    owner = np.full((10, 10), -1)
    for number, piece in enumerate(share_out(answers, [1.0] * len(answers))):
        if piece is not None:
            mask = piece.drawn(Window(0, 0, 10, 10))
            assert (winner[mask] == number).all()
            assert (owner[mask] == -1).all()
            owner[mask] = number


def test_nobody_gets_pixels_that_are_taken():
    values = np.ones((6, 6), np.float32)
    answer = Answer(values, Window(2, 2, 6, 6), np.ones((6, 6), bool), 0.9, 0.9)
    taken = Piece(np.ones((3, 10), bool), (0, 0))
    (found,) = share_out([answer], [1.0], [taken])
    assert found.origin == (3, 2)


def test_a_mask_that_comes_from_afar_gives_way_even_where_the_model_is_surer():
    window, everywhere = Window(2, 2, 6, 6), np.ones((6, 6), bool)
    far, near = (
        Answer(np.full((6, 6), value, np.float32), window, everywhere, 0.9, 0.9) for value in (5, 2)
    )
    lost, kept = share_out([far, near], [0.3, 0.9])
    assert (lost, kept.area) == (None, 36)


def test_a_mask_of_no_trust_keeps_what_nobody_else_claims():
    answer = Answer(np.ones((6, 6), np.float32), Window(2, 2, 6, 6), np.ones((6, 6), bool), 0, 0)
    assert share_out([answer], [0.0])[0].area == 36
