"""Embeddings of all frames: kept in the store of the session, estimated, ended and gone on with."""

from __future__ import annotations

import numpy as np
import pytest

from later import LaterSteps
from moving_stack import moving
from napari_cutout.layers import SessionError
from napari_cutout.layers.stacks.embedding import estimate_in_words
from napari_cutout.segment.store import EmbeddingStore
from napari_cutout.stacks.embedding import Estimate


def states(stacks):
    return [state.state for state in stacks.frame_states]


@pytest.fixture
def with_store(begin, tmp_path):
    def make(*arguments, **options):
        stacks = begin(*arguments, **options)
        stacks.session.store = EmbeddingStore(tmp_path / "store")
        return stacks

    return make


def encoded(stacks):
    return stacks.session.model.family.calls["encode"]


def test_all_frames_are_in_the_store_and_visiting_one_encodes_nothing(with_store):
    stacks = with_store()
    session = stacks.session
    stacks.embed_all()
    assert len(session.store) == 4
    assert states(stacks) == ["embedded"] * 4
    assert stacks.status == "4 frames encoded, 0 were in the store."
    session.model.cache.clear()
    before = encoded(stacks)
    for k in range(4):
        stacks.go_to(k)
        session.add_point((8, 12))
        session.update()
        assert session.answers_shown
    assert encoded(stacks) == before


def test_what_is_there_is_left(with_store):
    stacks = with_store()
    stacks.frames = "t=:2"
    stacks.embed_all()
    stacks.frames = ""
    stacks.embed_all()
    assert encoded(stacks) == 4
    assert stacks.status == "2 frames encoded, 2 were in the store."


def test_ended_it_goes_on_where_it_was(with_store):
    run = LaterSteps()
    stacks = with_store(run=run)
    stacks.embed_all()
    run.step(3)
    stacks.cancel()
    run.finish()
    there = len(stacks.session.store)
    assert 2 <= there < 5
    assert states(stacks)[:2] == ["embedded", "embedded"]
    stacks.embed_all()
    run.finish()
    assert len(stacks.session.store) == 4
    assert encoded(stacks) == 4


def test_it_waits_and_goes_on(with_store):
    run = LaterSteps()
    stacks = with_store(run=run)
    stacks.embed_all()
    run.step(2)
    stacks.pause()
    run.finish()
    assert stacks.is_paused
    assert states(stacks) == ["embedded", "", "", ""]
    stacks.resume()
    run.finish()
    assert states(stacks) == ["embedded"] * 4


def test_nothing_is_written_into_labels(with_store):
    stacks = with_store()
    stacks.embed_all()
    assert stacks.session.labels is None
    assert not stacks.session.can_undo


def test_an_estimate_says_what_is_left(with_store):
    stacks = with_store()
    stacks.frames = "t=0"
    stacks.embed_all()
    stacks.frames = ""
    stacks.estimate_embedding()
    assert (stacks.estimate.frames, stacks.estimate.done) == (4, 1)
    assert stacks.estimate.bytes > 0
    assert len(stacks.session.store) == 1
    assert stacks.status.startswith("3 of 4 frames are to be encoded")
    assert stacks.status == estimate_in_words(stacks.estimate)


def test_an_estimate_of_one_frame_speaks_of_one(with_store):
    stacks = with_store()
    stacks.frames = "t=0"
    stacks.estimate_embedding()
    assert stacks.status.startswith("The frame is to be encoded: about ")
    stacks.embed_all()
    stacks.estimate_embedding()
    assert stacks.status == "The frame is in the store already."


def test_without_a_store_it_says_what_to_do(begin):
    with pytest.raises(SessionError, match=r"session\.store = "):
        begin().embed_all()


def test_frames_that_cannot_be_read_are_said(with_store):
    class Frames:
        """An array one frame of which can't be read."""

        shape, dtype, ndim = (4, 40, 60), np.dtype(np.uint8), 3
        is_damaged = False

        def __getitem__(self, key):
            at = key[0] if isinstance(key, tuple) else key
            if self.is_damaged and at == 2:
                raise OSError("the file is damaged")
            return moving()[key]

    data = Frames()
    stacks = with_store(data, contrast_limits=(0, 255))
    data.is_damaged = True
    stacks.embed_all()
    assert states(stacks) == ["embedded", "embedded", "failed", "embedded"]
    assert "the file is damaged" in stacks.state_of((2,)).text


def test_an_estimate_says_what_is_left_to_do():
    assert estimate_in_words(Estimate(40, 4, 120, 30_000_000)) == (
        "36 of 40 frames are to be encoded: about 2 min and 30 MB on disk."
    )
    assert estimate_in_words(Estimate(40, 40, 0, 0)) == "All 40 frames are in the store already."


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (Estimate(1, 0, 5, 2_000_000), "The frame is to be encoded: about 5 s and 2 MB on disk."),
        (Estimate(1, 1, 0, 0), "The frame is in the store already."),
        (
            Estimate(3, 2, 5, 2_000_000),
            "1 of 3 frames is to be encoded: about 5 s and 2 MB on disk.",
        ),
    ],
)
def test_an_estimate_in_words_speaks_of_one_frame(estimate, said):
    assert estimate_in_words(estimate) == said


def test_an_estimate_says_that_the_store_is_too_small():
    assert estimate_in_words(Estimate(9, 0, 9, 3_000_000_000, 50_000_000)).endswith(
        "The store takes 50 MB more; make it larger, or empty it."
    )
