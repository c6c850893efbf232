"""Sequences whose truth is known, and what goes wrong in labels, put in by chance."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_cutout.evaluate.sequences.moving_blobs import moving_blobs
from napari_cutout.evaluate.sequences.simulated import (
    TrueSequence,
    with_divisions,
    with_dropouts,
    with_splits,
)
from napari_cutout.formats.tracks.track import Track

seeds = st.integers(0, 2**32 - 1)


def blobs(seed, **options):
    return moving_blobs(8, 12, seed, **options)


def same(one, other):
    return one.parents == other.parents and all(map(np.array_equal, one.frames, other.frames))


@pytest.mark.parametrize(
    "simulate",
    [
        blobs,
        *(
            lambda seed, way=way: way(blobs(0), seed, share=0.5)
            for way in (with_divisions, with_dropouts, with_splits)
        ),
    ],
)
def test_the_same_seed_gives_the_same(simulate):
    assert same(simulate(3), simulate(3))
    assert not same(simulate(3), simulate(4))


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_divisions_cut_masks_in_halves_for_good(seed):
    truth = blobs(seed)
    found = with_divisions(truth, seed, share=0.5)
    present, before = found.present(), truth.present()

    for number, (labels, original) in enumerate(zip(found.frames, truth.frames, strict=True)):
        assert np.array_equal(labels > 0, original > 0)
        for daughter, mother in found.parents.items():
            if number in present[daughter]:
                areas = np.count_nonzero(labels == daughter), np.count_nonzero(original == mother)
                assert abs(2 * areas[0] - areas[1]) <= 1
    for daughter, mother in found.parents.items():
        assert present[mother][-1] < present[daughter][0]
        assert sorted(present[mother] + present[daughter]) == before[mother]
        assert min(len(present[mother]), len(present[daughter])) >= 2


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_dropouts_take_whole_masks_and_never_two_in_a_row(seed):
    truth = blobs(seed)
    found = with_dropouts(truth, seed, share=0.5)
    present = found.present()

    for one, seen in truth.present().items():
        lost = sorted(set(seen) - set(present[one]))
        assert not {seen[0], seen[-1]} & set(lost)
        assert all(after - before > 1 for before, after in pairwise(lost))
    for labels, original in zip(found.frames, truth.frames, strict=True):
        kept = np.isin(original, np.unique(labels[labels > 0]))
        assert np.array_equal(labels, np.where(kept, original, 0))


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_splits_give_the_smaller_piece_an_id_of_its_own(seed):
    truth = blobs(seed)
    found = with_splits(truth, seed, share=0.3)
    known = set(truth.present())

    for labels, original in zip(found.frames, truth.frames, strict=True):
        assert np.array_equal(labels > 0, original > 0)
        for piece in set(np.unique(labels).tolist()) - known - {0}:
            owner = np.unique(original[labels == piece])
            assert len(owner) == 1
            assert np.count_nonzero(labels == piece) <= np.count_nonzero(labels == owner[0])


def test_a_sequence_as_tracks():
    frames = np.zeros((3, 4, 4), int)
    frames[0, 0, 0], frames[1:, 0, 1], frames[1:, 0, 2] = 1, 2, 3
    truth = TrueSequence(tuple(frames), {2: 1, 3: 7})

    assert truth.tracks() == (Track(1, 0, 0), Track(2, 1, 2, 1), Track(3, 1, 2))
