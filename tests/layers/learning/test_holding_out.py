"""What is left out to judge on: some frames, or a side of the only one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_discs import disc_image, disc_labels
from napari_cutout.layers.learning.holding_out import LEFT, split
from napari_cutout.layers.learning.piece import KeptLabels, Piece


def piece(labels, name="nuclei"):
    box = slice(0, labels.shape[0]), slice(0, labels.shape[1])
    count = len(np.unique(labels[labels != 0]))
    return Piece(name, disc_image(labels), box, KeptLabels.of(labels), count)


def test_of_several_frames_whole_ones():
    frames = tuple(piece(disc_labels(), f"nuclei[t={t}]") for t in range(8))

    parts = split(frames, 0.25, 0)

    names = [source.name for source in parts.validation.sources]
    assert 1 <= len(names) <= 4
    assert {*names, *(source.name for source in parts.train.sources)} == {
        frame.name for frame in frames
    }
    assert names[0] in parts.text


@pytest.mark.parametrize(("shape", "side"), [((64, 160), "right"), ((160, 64), "lower")])
def test_of_the_only_frame_a_side(shape, side):
    labels = disc_labels(*shape)

    parts = split((piece(labels),), 0.125, 0)

    (learned,), (judged,) = parts.train.sources, parts.validation.sources
    assert side in parts.text
    assert f"with {judged.objects} of {learned.objects + judged.objects} objects" in parts.text
    assert 0.15 <= judged.objects / labels.max() <= 0.5
    assert learned.objects + judged.objects == labels.max()


def test_no_pixel_is_learned_from_and_judged_on():
    labels = disc_labels()

    parts = split((piece(labels),), 0.125, 0)

    (learned,), (judged,) = parts.train.sources, parts.validation.sources
    assert learned.box[1].stop == judged.box[1].start


@given(st.integers(1, 40), st.integers(0, 10_000))
def test_enough_is_left_to_learn_from(count, seed):
    rng = np.random.default_rng(seed)
    labels = np.zeros((40, 300), np.int32)
    for number in range(1, count + 1):
        row, col = rng.integers(0, 34), rng.integers(0, 290)
        labels[row : row + 5, col : col + 8] = number
    whole = piece(labels)

    parts = split((whole,), 0.125, 0)

    if parts.validation.sources:
        (learned,), (judged,) = parts.train.sources, parts.validation.sources
        assert learned.objects >= LEFT - 1
        assert judged.objects >= 1
        assert learned.objects + judged.objects >= whole.objects
    else:
        assert parts.train.sources == (whole,)


def test_few_objects_are_all_learned_from():
    labels = np.zeros((20, 60), np.int32)
    labels[2:8, 2:8], labels[2:8, 40:48] = 1, 2

    parts = split((piece(labels),), 0.125, 0)

    assert parts.train.sources[0].objects == 2
    assert not parts.validation.sources
    assert "too few" in parts.text


def test_nothing_where_nothing_is_wanted():
    frames = (piece(disc_labels(), "a"), piece(disc_labels(), "b"))

    parts = split(frames, 0, 0)

    assert parts.train.sources == frames
    assert not parts.validation.sources
