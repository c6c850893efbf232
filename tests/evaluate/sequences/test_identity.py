"""Ids that go on from frame to frame, and those that are each frame's own."""

from __future__ import annotations

import numpy as np
import pytest

from napari_cutout.evaluate.sequences.identity import check_ids
from napari_cutout.evaluate.sequences.moving_blobs import moving_blobs
from napari_cutout.formats.errors import FormatError


def shuffled(frames, seed=0):
    """The same frames with ids of their own."""
    chance = np.random.default_rng(seed)
    return [np.append(0, 1 + chance.permutation(int(one.max())))[one] for one in frames]


def test_ids_that_go_on_are_taken():
    check_ids("blobs", moving_blobs(8, 40, seed=0, divisions=0.05).frames)


def test_ids_of_each_frame_alone_are_refused():
    with pytest.raises(FormatError, match="blobs: the ids don't go on from frame to frame"):
        check_ids("blobs", shuffled(moving_blobs(8, 40, seed=0).frames))


def test_of_frames_that_share_nothing_nothing_is_said():
    frames = np.zeros((3, 9, 9), np.uint8)
    for number, frame in enumerate(frames):
        frame[3 * number : 3 * number + 3] = number + 1

    check_ids("bars", frames)
    check_ids("nothing", np.zeros((3, 9, 9), np.uint8))
